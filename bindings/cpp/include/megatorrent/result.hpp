// megatorrent/result.hpp - what a call gave, or why it failed
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_RESULT_HPP
#define MEGATORRENT_RESULT_HPP

#include <megatorrent/status.hpp>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <version>

#if defined(__cpp_lib_expected)
#include <expected>
#endif

namespace megatorrent
{

/// What a call gave, or why it failed, with the members of std::expected. Whoever prefers exceptions writes .value(), which throws the
/// failure (failure::raise) where there is no value; whoever does not asks first:
///
///     auto hash = megatorrent::sha256(data).value();
///
///     if (auto hash = megatorrent::sha256(data))
///         use(*hash);
///     else
///         report(hash.error().detail);
///
/// A type of its own, in every version of C++, because value() of std::expected throws another exception, and because a program
/// whose parts are compiled as C++20 and C++23 must mean the same by it. Where the library has std::expected it converts to that.
template <class T>
class [[nodiscard]] result
{
public:
    using value_type = T;
    using error_type = failure;

    result(T value) noexcept(std::is_nothrow_move_constructible_v<T>) : _state(std::in_place_index<0>, std::move(value)) {}

    result(failure failed) noexcept : _state(std::in_place_index<1>, std::move(failed)) {}

    [[nodiscard]] bool has_value() const noexcept { return _state.index() == 0; }

    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the failure if there is none.
    T &value() &
    {
        demand();
        return *std::get_if<0>(&_state);
    }

    const T &value() const &
    {
        demand();
        return *std::get_if<0>(&_state);
    }

    T &&value() &&
    {
        demand();
        return std::move(*std::get_if<0>(&_state));
    }

    /// The value, which must be there.
    T &operator*() & noexcept { return *std::get_if<0>(&_state); }

    const T &operator*() const & noexcept { return *std::get_if<0>(&_state); }

    T &&operator*() && noexcept { return std::move(*std::get_if<0>(&_state)); }

    T *operator->() noexcept { return std::get_if<0>(&_state); }

    const T *operator->() const noexcept { return std::get_if<0>(&_state); }

    /// The failure, which must be there.
    const failure &error() const & noexcept { return *std::get_if<1>(&_state); }

    failure &&error() && noexcept { return std::move(*std::get_if<1>(&_state)); }

    template <class U>
    T value_or(U &&otherwise) &&
    {
        return has_value() ? std::move(**this) : static_cast<T>(std::forward<U>(otherwise));
    }

    template <class U>
    T value_or(U &&otherwise) const &
    {
        return has_value() ? **this : static_cast<T>(std::forward<U>(otherwise));
    }

    /// Goes on with a function of the value that returns another result; a failure stays as it is.
    template <class F>
    auto and_then(F &&next) && -> std::invoke_result_t<F, T>
    {
        if (!has_value())
            return std::move(*this).error();
        return std::invoke(std::forward<F>(next), std::move(**this));
    }

    /// The value changed by a function; a failure stays as it is.
    template <class F>
    auto transform(F &&change) && -> result<std::remove_cv_t<std::invoke_result_t<F, T>>>
    {
        if (!has_value())
            return std::move(*this).error();
        return std::invoke(std::forward<F>(change), std::move(**this));
    }

#if defined(__cpp_lib_expected)
    operator std::expected<T, failure>() &&
    {
        if (!has_value())
            return std::unexpected(std::move(*this).error());
        return std::move(**this);
    }
#endif

private:
    void demand() const
    {
        if (!has_value())
            error().raise();
    }

    std::variant<T, failure> _state;
};

/// Done, or why not.
template <>
class [[nodiscard]] result<void>
{
public:
    using value_type = void;
    using error_type = failure;

    result() noexcept = default;

    result(failure failed) noexcept : _failure(std::move(failed)) {}

    [[nodiscard]] bool has_value() const noexcept { return !_failure.has_value(); }

    explicit operator bool() const noexcept { return has_value(); }

    /// Throws the failure if there is one.
    void value() const
    {
        if (_failure)
            _failure->raise();
    }

    /// The failure, which must be there.
    const failure &error() const & noexcept { return *_failure; }

    failure &&error() && noexcept { return std::move(*_failure); }

    template <class F>
    auto and_then(F &&next) && -> std::invoke_result_t<F>
    {
        if (!has_value())
            return std::move(*this).error();
        return std::invoke(std::forward<F>(next));
    }

#if defined(__cpp_lib_expected)
    operator std::expected<void, failure>() &&
    {
        if (!has_value())
            return std::unexpected(std::move(*this).error());
        return {};
    }
#endif

private:
    std::optional<failure> _failure;
};

} // namespace megatorrent

#endif
