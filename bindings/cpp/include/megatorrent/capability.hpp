// megatorrent/capability.hpp - what names an object: "mt1:..." reads it and is a secret, "mtv1:..." only verifies and repairs it
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_CAPABILITY_HPP
#define MEGATORRENT_CAPABILITY_HPP

#include <megatorrent/detail.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace megatorrent::capability
{

struct info
{
    /// The id of the root manifest.
    blob_id root_id{};

    /// What opens it; none in a capability that only verifies.
    std::optional<blob_key> key{};

    /// Bytes of the root manifest.
    std::uint32_t root_length = 0;

    /// Copies of the root manifest beyond the first.
    std::uint32_t parity_shards = 0;
};

/// Reads the text of a capability. status::malformed if it was cut or mistyped.
inline result<info> parse(std::string_view text) noexcept
{
    return detail::guard([&]() -> result<info> {
        mt_capability_info_t native = detail::sized<mt_capability_info_t>();
        if (mt_status_t code = mt_capability_parse(&native, detail::text(text).get()); code != MT_OK)
            return detail::last_failure(code);
        info parsed;
        parsed.root_id = detail::copy_from<blob_id>(native.root_id);
        if (native.can_read != 0)
            parsed.key = detail::copy_from<blob_key>(native.key);
        parsed.root_length = native.root_length;
        parsed.parity_shards = native.parity_shards;
        return parsed;
    });
}

/// Writes the text of a capability. status::invalid_argument if no manifest can be so.
inline result<std::string> format(const info &from) noexcept
{
    mt_capability_info_t native = detail::sized<mt_capability_info_t>();
    detail::copy_to(native.root_id, from.root_id);
    if (from.key)
        detail::copy_to(native.key, *from.key);
    native.can_read = from.key ? 1 : 0;
    native.root_length = from.root_length;
    native.parity_shards = from.parity_shards;
    return detail::read_text(
        [&](char *dst, std::size_t capacity, std::size_t *length) { return mt_capability_format(dst, capacity, length, &native); },
        MT_CAPABILITY_CAPACITY - 1);
}

/// The "mtv1:" capability that belongs to a capability, for whoever may check and repair, but not read.
inline result<std::string> to_verify(std::string_view text) noexcept
{
    return detail::guard([&]() -> result<std::string> {
        detail::text from(text);
        return detail::read_text(
            [&](char *dst, std::size_t capacity, std::size_t *length) {
                return mt_capability_to_verify(dst, capacity, length, from.get());
            },
            MT_CAPABILITY_CAPACITY - 1);
    });
}

} // namespace megatorrent::capability

#endif
