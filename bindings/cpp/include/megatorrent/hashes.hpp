// megatorrent/hashes.hpp - SHA-256, Merkle trees of BEP 52, texts of blob ids
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_HASHES_HPP
#define MEGATORRENT_HASHES_HPP

#include <megatorrent/detail.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace megatorrent
{

/// The SHA-256 of some bytes.
inline result<sha256_hash> sha256(bytes_view data) noexcept
{
    sha256_hash hash;
    if (mt_status_t code = mt_sha256(hash.native(), data.native(), data.size()); code != MT_OK)
        return detail::last_failure(code);
    return hash;
}

/// The SHA-256 of each of several messages, much faster than one by one when there are eight or more of about the same length.
inline result<std::vector<sha256_hash>> sha256_many(std::span<const bytes_view> messages) noexcept
{
    static_assert(sizeof(sha256_hash) == MT_SHA256_LENGTH, "hashes lie in an array without gaps");
    return detail::guard([&]() -> result<std::vector<sha256_hash>> {
        std::vector<sha256_hash> hashes(messages.size());
        std::vector<const std::uint8_t *> data;
        std::vector<std::size_t> lengths;
        data.reserve(messages.size());
        lengths.reserve(messages.size());
        for (const bytes_view &message : messages)
        {
            data.push_back(message.native());
            lengths.push_back(message.size());
        }

        auto *out = reinterpret_cast<std::uint8_t *>(hashes.data());
        if (mt_status_t code = mt_sha256_many(out, data.data(), lengths.data(), messages.size()); code != MT_OK)
            return detail::last_failure(code);
        return hashes;
    });
}

/// The root of the Merkle tree over some bytes as BEP 52 has it for a file; zeros for none. status::limit_exceeded past 2 GiB - 1.
inline result<sha256_hash> merkle_root(bytes_view data) noexcept
{
    sha256_hash root;
    if (mt_status_t code = mt_merkle_root(root.native(), data.native(), data.size()); code != MT_OK)
        return detail::last_failure(code);
    return root;
}

/// Texts of blob ids: CIDv1, raw, sha2-256, base32, which are also their names in IPFS.
namespace cid
{

inline result<std::string> format(const blob_id &id) noexcept
{
    return detail::read_text(
        [&](char *dst, std::size_t capacity, std::size_t *length) { return mt_cid_format(dst, capacity, length, id.native()); },
        MT_CID_TEXT_LENGTH);
}

/// status::malformed for what is not a CIDv1 of this kind in its one spelling.
inline result<blob_id> parse(std::string_view text) noexcept
{
    return detail::guard([&]() -> result<blob_id> {
        blob_id id;
        if (mt_status_t code = mt_cid_parse(id.native(), detail::text(text).get()); code != MT_OK)
            return detail::last_failure(code);
        return id;
    });
}

} // namespace cid
} // namespace megatorrent

#endif
