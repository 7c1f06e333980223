// megatorrent/reed_solomon.hpp - k data shards, m parity shards, any m of them may be lost
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_REED_SOLOMON_HPP
#define MEGATORRENT_REED_SOLOMON_HPP

#include <megatorrent/detail.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <ranges>

namespace megatorrent
{

/// A range of shards: of vectors, spans or arrays of bytes that are read.
template <class R>
concept shard_range = std::ranges::input_range<R> && std::ranges::sized_range<R> &&
    std::convertible_to<std::ranges::range_reference_t<R>, bytes_view>;

/// A range of shards that are written to.
template <class R>
concept mutable_shard_range = std::ranges::input_range<R> && std::ranges::sized_range<R> &&
    std::convertible_to<std::ranges::range_reference_t<R>, bytes_span>;

/// A code for one k and one m over GF(2^8), the systematic Cauchy matrix of ISA-L. It never changes and serves any number of threads.
///
/// Shards are numbered 0 to k - 1 (data), then k to k + m - 1 (parity), and in a range of all shards they come in this order. All are of
/// the same length. A wrong number of shards, or unequal lengths, is status::invalid_argument, and nothing was written.
class reed_solomon
{
public:
    /// k is at least 1, k + m at most MT_RS_SHARDS_MAX; else status::invalid_argument.
    static result<reed_solomon> create(std::uint32_t data_shards, std::uint32_t parity_shards) noexcept
    {
        mt_rs_t *rs = nullptr;
        if (mt_status_t code = mt_rs_create(&rs, data_shards, parity_shards, nullptr); code != MT_OK)
            return detail::last_failure(code);
        return reed_solomon(rs, data_shards, parity_shards);
    }

    [[nodiscard]] std::uint32_t data_shards() const noexcept { return _data_shards; }

    [[nodiscard]] std::uint32_t parity_shards() const noexcept { return _parity_shards; }

    /// Overwrites the m parity shards with the parity of the k data shards. status::overlap if a parity shard overlaps another.
    template <mutable_shard_range P, shard_range D>
    result<void> encode(P &&parity, D &&data) const noexcept
    {
        shards<const std::uint8_t> inputs;
        shards<std::uint8_t> outputs;
        if (!gather<bytes_view>(inputs, data, _data_shards) || !gather<bytes_span>(outputs, parity, _parity_shards) ||
            (_parity_shards != 0 && inputs.length != outputs.length))
            return unequal();
        return detail::check(mt_rs_encode(_rs.get(), outputs.data(), inputs.data(), inputs.length));
    }

    /// Whether the parity belongs to the data. false says that some of the k + m shards is wrong, not which one.
    template <shard_range A>
    result<bool> verify(A &&all) const noexcept
    {
        shards<const std::uint8_t> inputs;
        std::int32_t ok = 0;
        if (!gather<bytes_view>(inputs, all, _data_shards + _parity_shards))
            return unequal();
        if (mt_status_t code = mt_rs_verify(_rs.get(), &ok, inputs.data(), inputs.length); code != MT_OK)
            return detail::last_failure(code);
        return ok == 1;
    }

    /// Rebuilds shards that are missing: present has k + m elements, each of which says whether its shard is there. A missing shard is
    /// overwritten; one that is empty (and only that one may be of another length) is left out.
    /// status::not_enough_shards if fewer than k are present.
    template <mutable_shard_range A, std::ranges::input_range P>
        requires std::convertible_to<std::ranges::range_reference_t<P>, bool>
    result<void> reconstruct(A &&all, P &&present) const noexcept
    {
        std::array<std::uint8_t, MT_RS_SHARDS_MAX> flags{};
        std::size_t count = 0;
        for (auto &&flag : present)
        {
            if (count == flags.size())
                return unequal();
            flags[count++] = static_cast<bool>(flag) ? 1 : 0;
        }

        shards<std::uint8_t> outputs;
        if (count != _data_shards + _parity_shards || !gather<bytes_span>(outputs, all, count, flags.data()))
            return unequal();
        return detail::check(mt_rs_reconstruct(_rs.get(), outputs.data(), flags.data(), outputs.length));
    }

    /// Brings the m parity shards up to date after data shard data_index has changed from old_data to new_data.
    template <mutable_shard_range P>
    result<void> update(P &&parity, std::uint32_t data_index, bytes_view old_data, bytes_view new_data) const noexcept
    {
        shards<std::uint8_t> outputs;
        if (!gather<bytes_span>(outputs, parity, _parity_shards) || old_data.size() != new_data.size() ||
            (_parity_shards != 0 && outputs.length != old_data.size()))
            return unequal();
        return detail::check(
            mt_rs_update(_rs.get(), outputs.data(), data_index, old_data.native(), new_data.native(), old_data.size()));
    }

private:
    template <class T>
    struct shards : std::array<T *, MT_RS_SHARDS_MAX>
    {
        std::size_t length = 0;
    };

    reed_solomon(mt_rs_t *rs, std::uint32_t data_shards, std::uint32_t parity_shards) noexcept
        : _rs(rs), _data_shards(data_shards), _parity_shards(parity_shards)
    {
    }

    /// The addresses of a range of shards, which must be as many as count and all of one length. A shard whose flag is 0 may be empty.
    template <class View, class T, class R>
    static bool gather(shards<T> &into, R &&range, std::size_t count, const std::uint8_t *flags = nullptr) noexcept
    {
        static constexpr std::uint8_t nowhere = 0; // a shard of length 0 has an address too, so that it is not one that is left out
        if (static_cast<std::size_t>(std::ranges::size(range)) != count || count > into.size())
            return false;

        bool known = false;
        std::size_t i = 0;
        for (auto &&shard : range)
        {
            View view(shard);
            bool left_out = flags != nullptr && flags[i] == 0 && view.empty();
            if (!left_out)
            {
                if (known && view.size() != into.length)
                    return false;
                known = true;
                into.length = view.size();
            }

            into[i++] = left_out ? nullptr : view.empty() ? const_cast<T *>(&nowhere) : view.native();
        }

        return true;
    }

    static failure unequal() noexcept
    {
        return detail::refuse(status::invalid_argument, "The code needs another number of shards, or not all have one length.");
    }

    detail::handle<mt_rs_t, mt_rs_destroy> _rs;
    std::uint32_t _data_shards;
    std::uint32_t _parity_shards;
};

} // namespace megatorrent

#endif
