// megatorrent/status.hpp - how a call fails: the status, the failure that says more, and the exception for those who want one
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_STATUS_HPP
#define MEGATORRENT_STATUS_HPP

#include <megatorrent.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace megatorrent
{

/// What a call ended with; the values are those of mt_status_t, and a later library may return others.
enum class status : std::int32_t
{
    ok = MT_OK,
    invalid_argument = MT_ERROR_INVALID_ARGUMENT,
    null_pointer = MT_ERROR_NULL_POINTER,
    invalid_handle = MT_ERROR_INVALID_HANDLE,
    length = MT_ERROR_LENGTH,
    struct_size = MT_ERROR_STRUCT_SIZE,
    unsupported = MT_ERROR_UNSUPPORTED,
    buffer_too_small = MT_ERROR_BUFFER_TOO_SMALL,
    overlap = MT_ERROR_OVERLAP,
    state = MT_ERROR_STATE,
    malformed = MT_ERROR_MALFORMED,
    integrity = MT_ERROR_INTEGRITY,
    not_enough_shards = MT_ERROR_NOT_ENOUGH_SHARDS,
    not_found = MT_ERROR_NOT_FOUND,
    incomplete = MT_ERROR_INCOMPLETE,
    unauthorized = MT_ERROR_UNAUTHORIZED,
    unreachable = MT_ERROR_UNREACHABLE,
    timeout = MT_ERROR_TIMEOUT,
    protocol_violation = MT_ERROR_PROTOCOL_VIOLATION,
    out_of_memory = MT_ERROR_OUT_OF_MEMORY,
    limit_exceeded = MT_ERROR_LIMIT_EXCEEDED,
    store_full = MT_ERROR_STORE_FULL,
    input_output = MT_ERROR_INPUT_OUTPUT,
    canceled = MT_ERROR_CANCELED,
    internal = MT_ERROR_INTERNAL,
};

/// The name of a status as the C header spells it, "MT_ERROR_INTEGRITY"; valid until the process ends.
[[nodiscard]] inline const char *name(status code) noexcept
{
    return mt_status_name(static_cast<mt_status_t>(code));
}

/// Why a call failed.
struct failure
{
    /// Never status::ok.
    megatorrent::status status = megatorrent::status::internal;

    /// A sentence in UTF-8; empty only where not even that could be allocated.
    std::string detail;

    /// With status::buffer_too_small: the length in bytes that is needed. Else 0.
    std::size_t length_needed = 0;

    /// What a callback of the caller threw, if that ended the call; result::value() throws this very exception again.
    std::exception_ptr cause;

    /// Throws the cause if there is one, else a megatorrent::error with this status and detail.
    [[noreturn]] void raise() const;
};

/// A failure as an exception: what() is the name of the status and the detail.
class error : public std::runtime_error
{
public:
    explicit error(megatorrent::failure failed)
        : std::runtime_error(std::string(name(failed.status)) + ": " + failed.detail), _failure(std::move(failed))
    {
    }

    [[nodiscard]] megatorrent::status status() const noexcept { return _failure.status; }

    [[nodiscard]] const std::string &detail() const noexcept { return _failure.detail; }

    [[nodiscard]] const megatorrent::failure &failure() const noexcept { return _failure; }

private:
    megatorrent::failure _failure;
};

inline void failure::raise() const
{
    if (cause)
        std::rethrow_exception(cause);
    throw error(*this);
}

} // namespace megatorrent

#endif
