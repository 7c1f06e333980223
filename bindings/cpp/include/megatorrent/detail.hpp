// megatorrent/detail.hpp - what the other headers are made of; nothing here is for programs
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_DETAIL_HPP
#define MEGATORRENT_DETAIL_HPP

#include <megatorrent/bytes.hpp>
#include <megatorrent/result.hpp>

#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace megatorrent::detail
{

/// A failure of this side, found before the library was called.
inline failure refuse(status code, const char *detail) noexcept
{
    failure failed;
    failed.status = code;
    try
    {
        failed.detail = detail;
    }
    catch (...)
    {
        failed.detail.clear();
    }

    return failed;
}

/// The failure of the call that this thread has just made.
inline failure last_failure(mt_status_t code, std::size_t length_needed = 0) noexcept
{
    failure failed;
    failed.status = static_cast<status>(code);
    if (code == MT_ERROR_BUFFER_TOO_SMALL)
        failed.length_needed = length_needed;
    try
    {
        failed.detail.resize(mt_last_error(nullptr, 0));
        mt_last_error(failed.detail.data(), failed.detail.size() + 1); // a string has room for its NUL
    }
    catch (...)
    {
        failed.detail.clear();
    }

    return failed;
}

inline result<void> check(mt_status_t code) noexcept
{
    if (code != MT_OK)
        return last_failure(code);
    return {};
}

/// Runs what may allocate, and turns every exception into a failure.
template <class F>
auto guard(F &&body) noexcept -> decltype(body())
{
    try
    {
        return body();
    }
    catch (const error &thrown)
    {
        return refuse(thrown.status(), thrown.detail().c_str());
    }
    catch (const std::bad_alloc &)
    {
        return refuse(status::out_of_memory, "Memory could not be allocated.");
    }
    catch (const std::length_error &)
    {
        return refuse(status::length, "No object in memory can have this length.");
    }
    catch (...)
    {
        failure failed = refuse(status::internal, "An exception came up in the C++ binding.");
        failed.cause = std::current_exception();
        return failed;
    }
}

/// A text that ends with NUL. Throws an error if there is a NUL inside, which the library would take for its end.
class text
{
public:
    explicit text(std::string_view from) : _copy(from)
    {
        if (_copy.find('\0') != std::string::npos)
            throw error(refuse(status::invalid_argument, "A text must not contain a NUL."));
    }

#if defined(_WIN32)
    explicit text(const std::filesystem::path &from) : text(utf8(from)) {}
#else
    explicit text(const std::filesystem::path &from) : text(std::string_view(from.native())) {}
#endif

    [[nodiscard]] const char *get() const noexcept { return _copy.c_str(); }

    /// NULL for an empty text, where that means the default.
    [[nodiscard]] const char *get_or_null() const noexcept { return _copy.empty() ? nullptr : _copy.c_str(); }

private:
#if defined(_WIN32)
    static std::string utf8(const std::filesystem::path &from)
    {
        std::u8string encoded = from.u8string();
        return std::string(encoded.begin(), encoded.end());
    }
#endif

    std::string _copy;
};

/// Owns a handle of the C interface.
template <class T, void (*Destroy)(T *) noexcept>
class handle
{
public:
    handle() noexcept = default;

    explicit handle(T *value) noexcept : _value(value) {}

    handle(handle &&other) noexcept : _value(std::exchange(other._value, nullptr)) {}

    handle &operator=(handle &&other) noexcept
    {
        if (this != &other)
            reset(std::exchange(other._value, nullptr));
        return *this;
    }

    ~handle() { reset(); }

    [[nodiscard]] T *get() const noexcept { return _value; }

    [[nodiscard]] T *release() noexcept { return std::exchange(_value, nullptr); }

    void reset(T *value = nullptr) noexcept
    {
        if (T *old = std::exchange(_value, value))
            Destroy(old);
    }

private:
    T *_value = nullptr;
};

/// A struct of the C interface with its size in it and zeros elsewhere.
template <class T>
T sized() noexcept
{
    T value{};
    value.struct_size = static_cast<std::uint32_t>(sizeof(T));
    return value;
}

/// Calls a function with a text output: call(dst, capacity, &length). first is a capacity that is mostly enough.
template <class F>
result<std::string> read_text(F &&call, std::size_t first) noexcept
{
    return guard([&]() -> result<std::string> {
        std::string value(first, '\0');
        for (;;)
        {
            std::size_t length = 0;
            mt_status_t code = call(value.data(), value.size() + 1, &length);
            if (code == MT_ERROR_BUFFER_TOO_SMALL && length > value.size())
            {
                value.resize(length);
                continue;
            }

            if (code != MT_OK)
                return last_failure(code, length);
            value.resize(length);
            return value;
        }
    });
}

/// Calls a function with an output of bytes: call(dst, capacity, &length). first is a capacity that is mostly enough.
template <class F>
result<bytes> read_bytes(F &&call, std::size_t first) noexcept
{
    return guard([&]() -> result<bytes> {
        bytes value(first);
        for (;;)
        {
            std::size_t length = 0;
            mt_status_t code = call(bytes_span(value).native(), value.size(), &length);
            if (code == MT_ERROR_BUFFER_TOO_SMALL && length > value.size())
            {
                value.resize(length);
                continue;
            }

            if (code != MT_OK)
                return last_failure(code, length);
            value.resize(length);
            return value;
        }
    });
}

/// Calls a function that fills the caller's bytes: call(dst, capacity, &length).
template <class F>
result<std::size_t> fill(F &&call, bytes_span dst) noexcept
{
    std::size_t length = 0;
    mt_status_t code = call(dst.native(), dst.size(), &length);
    if (code != MT_OK)
        return last_failure(code, length);
    return length;
}

template <class Tag, std::size_t N>
void copy_to(std::uint8_t *dst, const fixed_bytes<Tag, N> &from) noexcept
{
    std::copy_n(from.native(), N, dst);
}

template <class Fixed>
Fixed copy_from(const std::uint8_t *src) noexcept
{
    Fixed value;
    std::copy_n(src, Fixed::length, value.native());
    return value;
}

} // namespace megatorrent::detail

#endif
