// megatorrent/blob.hpp - compress and seal a chunk, and back
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_BLOB_HPP
#define MEGATORRENT_BLOB_HPP

#include <megatorrent/detail.hpp>

#include <cstdint>
#include <optional>

namespace megatorrent
{

/// How a blob is sealed. The first is for options: what the library thinks best, AES-256-GCM.
enum class cipher_suite : std::uint32_t
{
    standard = 0,
    aes_256_gcm = MT_SUITE_AES_256_GCM,
    chacha20_poly1305 = MT_SUITE_CHACHA20_POLY1305,
};

/// How a chunk is made smaller before it is sealed. The first is for options: what the library thinks best, zstd.
enum class compression : std::uint32_t
{
    standard = 0,
    none = MT_COMPRESSION_NONE,
    zstd = MT_COMPRESSION_ZSTD,
    lz4 = MT_COMPRESSION_LZ4,
    gzip = MT_COMPRESSION_GZIP,
    brotli = MT_COMPRESSION_BROTLI,
};

/// Blobs: header of 16 bytes, ciphertext at most as long as the chunk, tag of 16 bytes.
namespace blob
{

struct options
{
    cipher_suite suite = cipher_suite::standard;
    megatorrent::compression compression = megatorrent::compression::standard;

    /// Without one a fresh random key; with one a key derived from it, so that equal chunks under equal options give equal blobs.
    std::optional<tenant_secret> secret{};
};

/// A blob that was sealed.
struct sealed
{
    bytes blob;
    blob_id id;
    blob_key key;
};

/// A blob that was sealed into bytes of the caller.
struct sealed_into
{
    std::size_t length = 0;
    blob_id id;
    blob_key key;
};

/// What the header of a blob says, which is not proved before the blob has been opened.
struct info
{
    cipher_suite suite = cipher_suite::standard;
    megatorrent::compression compression = megatorrent::compression::standard;

    /// Bytes of the chunk.
    std::uint32_t plaintext_length = 0;
};

/// The capacity that sealing a chunk of this length needs; 0 if it is over MT_BLOB_PLAINTEXT_LENGTH_MAX.
[[nodiscard]] inline std::size_t bound(std::size_t length) noexcept
{
    return mt_blob_bound(length);
}

/// Seals a chunk into dst, which needs a capacity of bound(chunk.size()) also where the blob will be shorter.
inline result<sealed_into> seal_into(bytes_span dst, bytes_view chunk, const options &how = {}) noexcept
{
    mt_blob_options_t native = detail::sized<mt_blob_options_t>();
    native.suite = static_cast<std::uint32_t>(how.suite);
    native.compression = static_cast<std::uint32_t>(how.compression);
    native.tenant_secret32 = how.secret ? how.secret->native() : nullptr;
    sealed_into done;
    mt_status_t code = mt_blob_seal(
        dst.native(), dst.size(), &done.length, done.id.native(), done.key.native(), chunk.native(), chunk.size(), &native);
    if (code != MT_OK)
        return detail::last_failure(code, done.length);
    return done;
}

/// Seals a chunk of at most MT_BLOB_PLAINTEXT_LENGTH_MAX bytes; status::limit_exceeded beyond.
inline result<sealed> seal(bytes_view chunk, const options &how = {}) noexcept
{
    return detail::guard([&]() -> result<sealed> {
        sealed done;
        done.blob.resize(bound(chunk.size()));
        result<sealed_into> into = seal_into(done.blob, chunk, how);
        if (!into)
            return std::move(into).error();
        done.blob.resize(into->length);
        done.id = into->id;
        done.key = into->key;
        return done;
    });
}

/// Reads the header of a blob. status::malformed, status::unsupported
inline result<info> inspect(bytes_view blob) noexcept
{
    mt_blob_info_t native = detail::sized<mt_blob_info_t>();
    if (mt_status_t code = mt_blob_inspect(&native, blob.native(), blob.size()); code != MT_OK)
        return detail::last_failure(code);
    return info{
        static_cast<cipher_suite>(native.suite), static_cast<megatorrent::compression>(native.compression), native.plaintext_length};
}

/// Opens a blob into dst, and says how long the chunk is. status::integrity if the key is another's or the blob was changed; then dst holds
/// nothing of the chunk.
inline result<std::size_t> open_into(bytes_span dst, const blob_key &key, bytes_view blob) noexcept
{
    return detail::fill(
        [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
            return mt_blob_open(to, capacity, length, key.native(), blob.native(), blob.size());
        },
        dst);
}

/// Opens a blob.
inline result<bytes> open(const blob_key &key, bytes_view blob) noexcept
{
    return detail::guard([&]() -> result<bytes> {
        result<info> header = inspect(blob);
        if (!header)
            return std::move(header).error();
        bytes chunk(header->plaintext_length);
        result<std::size_t> length = open_into(chunk, key, blob);
        if (!length)
            return std::move(length).error();
        chunk.resize(*length);
        return chunk;
    });
}

} // namespace blob
} // namespace megatorrent

#endif
