// megatorrent/bytes.hpp - bytes that are looked at, written to, owned, or of a fixed number and meaning
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_BYTES_HPP
#define MEGATORRENT_BYTES_HPP

#include <megatorrent/result.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace megatorrent
{

/// std::byte, unsigned char (std::uint8_t), char or char8_t.
template <class T>
concept byte_like = std::same_as<T, std::byte> || std::same_as<T, unsigned char> || std::same_as<T, char> || std::same_as<T, char8_t>;

/// A vector, span, array, string or string_view of those; not an array of char, since with a literal its NUL would be meant too.
template <class R>
concept byte_range = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> && byte_like<std::ranges::range_value_t<R>> &&
    !(std::is_array_v<std::remove_cvref_t<R>> && std::same_as<std::ranges::range_value_t<R>, char>);

/// Bytes of somebody else that are read: made from any range of bytes, without copying.
class bytes_view : public std::span<const std::byte>
{
public:
    constexpr bytes_view() noexcept = default;

    constexpr bytes_view(const std::byte *data, std::size_t length) noexcept : span(data, length) {}

    bytes_view(const unsigned char *data, std::size_t length) noexcept : span(reinterpret_cast<const std::byte *>(data), length) {}

    constexpr bytes_view(std::span<const std::byte> bytes) noexcept : span(bytes) {}

    template <byte_range R>
        requires(!std::derived_from<std::remove_cvref_t<R>, std::span<const std::byte>>)
    bytes_view(R &&range) noexcept
        : span(reinterpret_cast<const std::byte *>(std::ranges::data(range)), static_cast<std::size_t>(std::ranges::size(range)))
    {
    }

    /// As the C interface wants it: never NULL, since no bytes at all are not the same as nothing given.
    [[nodiscard]] const std::uint8_t *native() const noexcept
    {
        static constexpr std::uint8_t nowhere = 0;
        return data() == nullptr ? &nowhere : reinterpret_cast<const std::uint8_t *>(data());
    }

    /// The same bytes as characters.
    [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char *>(data()), size()}; }
};

/// Bytes of somebody else that are written to.
class bytes_span : public std::span<std::byte>
{
public:
    constexpr bytes_span() noexcept = default;

    constexpr bytes_span(std::byte *data, std::size_t length) noexcept : span(data, length) {}

    bytes_span(unsigned char *data, std::size_t length) noexcept : span(reinterpret_cast<std::byte *>(data), length) {}

    constexpr bytes_span(std::span<std::byte> bytes) noexcept : span(bytes) {}

    template <byte_range R>
        requires(
            !std::derived_from<std::remove_cvref_t<R>, std::span<std::byte>> &&
            !std::is_const_v<std::remove_reference_t<std::ranges::range_reference_t<R>>> && std::ranges::borrowed_range<R>)
    bytes_span(R &&range) noexcept
        : span(reinterpret_cast<std::byte *>(std::ranges::data(range)), static_cast<std::size_t>(std::ranges::size(range)))
    {
    }

    /// As the C interface wants it.
    [[nodiscard]] std::uint8_t *native() const noexcept { return reinterpret_cast<std::uint8_t *>(data()); }
};

/// Bytes that somebody owns.
using bytes = std::vector<std::byte>;

/// N bytes with a meaning, which the tag names; all zero at first. A range of bytes.
template <class Tag, std::size_t N>
class fixed_bytes
{
public:
    static constexpr std::size_t length = N;

    constexpr fixed_bytes() noexcept = default;

    explicit constexpr fixed_bytes(std::span<const std::byte, N> from) noexcept { std::ranges::copy(from, _bytes.begin()); }

    /// The same bytes with another meaning: the id of a blob is its SHA-256.
    template <class Other>
    explicit constexpr fixed_bytes(const fixed_bytes<Other, N> &other) noexcept
        : fixed_bytes(std::span<const std::byte, N>(other.data(), N))
    {
    }

    /// A copy of exactly N bytes; status::invalid_argument for any other number.
    static result<fixed_bytes> copy(bytes_view from) noexcept
    {
        if (from.size() != N)
        {
            failure failed;
            failed.status = status::invalid_argument;
            try
            {
                failed.detail = std::to_string(N) + " bytes are needed, " + std::to_string(from.size()) + " were given.";
            }
            catch (...)
            {
                failed.detail.clear();
            }

            return failed;
        }

        return fixed_bytes(from.first<N>());
    }

    [[nodiscard]] constexpr std::byte *data() noexcept { return _bytes.data(); }

    [[nodiscard]] constexpr const std::byte *data() const noexcept { return _bytes.data(); }

    [[nodiscard]] static constexpr std::size_t size() noexcept { return N; }

    [[nodiscard]] constexpr auto begin() noexcept { return _bytes.begin(); }

    [[nodiscard]] constexpr auto begin() const noexcept { return _bytes.begin(); }

    [[nodiscard]] constexpr auto end() noexcept { return _bytes.end(); }

    [[nodiscard]] constexpr auto end() const noexcept { return _bytes.end(); }

    /// As the C interface wants it.
    [[nodiscard]] std::uint8_t *native() noexcept { return reinterpret_cast<std::uint8_t *>(_bytes.data()); }

    [[nodiscard]] const std::uint8_t *native() const noexcept { return reinterpret_cast<const std::uint8_t *>(_bytes.data()); }

    /// In lower-case hexadecimal digits.
    [[nodiscard]] std::string hex() const
    {
        static constexpr char digits[] = "0123456789abcdef";
        std::string text;
        text.reserve(2 * N);
        for (std::byte each : _bytes)
        {
            text.push_back(digits[std::to_integer<unsigned>(each) >> 4]);
            text.push_back(digits[std::to_integer<unsigned>(each) & 15u]);
        }

        return text;
    }

    /// By value. Not for secrets: how long it takes depends on where they differ.
    friend constexpr auto operator<=>(const fixed_bytes &, const fixed_bytes &) noexcept = default;

private:
    std::array<std::byte, N> _bytes{};
};

/// A SHA-256.
using sha256_hash = fixed_bytes<struct sha256_tag, MT_SHA256_LENGTH>;

/// The name of a blob: the SHA-256 of its bytes.
using blob_id = fixed_bytes<struct blob_id_tag, MT_ID_LENGTH>;

/// What opens one blob or manifest; a secret.
using blob_key = fixed_bytes<struct blob_key_tag, MT_KEY_LENGTH>;

/// What keys of blobs are derived from where equal chunks are to be stored once; a secret.
using tenant_secret = fixed_bytes<struct tenant_secret_tag, 32>;

/// The name of a stripe, from which the nodes that hold it are computed.
using stripe_id = fixed_bytes<struct stripe_id_tag, 32>;

/// The name of a node: the SHA-256 of its public key.
using node_id = fixed_bytes<struct node_id_tag, 32>;

} // namespace megatorrent

template <>
inline constexpr bool std::ranges::enable_borrowed_range<megatorrent::bytes_view> = true;

template <>
inline constexpr bool std::ranges::enable_borrowed_range<megatorrent::bytes_span> = true;

#endif
