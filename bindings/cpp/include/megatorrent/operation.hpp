// megatorrent/operation.hpp - a call that does not wait: progress, cancel, and a completion for an event loop or a coroutine
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_OPERATION_HPP
#define MEGATORRENT_OPERATION_HPP

#include <megatorrent/detail.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace megatorrent
{

/// How far an operation is.
struct progress
{
    std::uint64_t bytes_done = 0;

    /// None while it is not known.
    std::optional<std::uint64_t> bytes_total;
};

/// Called after every piece of an operation: never twice at once, on any thread, and not after the operation is complete. A callable that
/// returns nothing, or a bool: false cancels the operation. It may throw: that cancels the operation too, whose failure then has what was
/// thrown as its cause, so that value() throws it again where the operation was called or awaited. (An operation that was complete all the
/// same has succeeded.) It must not block for long.
class progress_callback
{
public:
    progress_callback() noexcept = default;

    progress_callback(std::nullptr_t) noexcept {}

    template <class F>
        requires(std::invocable<F &, const progress &> && !std::same_as<std::remove_cvref_t<F>, progress_callback>)
    progress_callback(F &&callback)
    {
        if constexpr (std::convertible_to<std::invoke_result_t<F &, const progress &>, bool>)
            _callback = std::forward<F>(callback);
        else
            _callback = [inner = std::forward<F>(callback)](const progress &now) mutable {
                inner(now);
                return true;
            };
    }

    explicit operator bool() const noexcept { return static_cast<bool>(_callback); }

    /// Whether to go on.
    bool operator()(const progress &now) const { return _callback(now); }

private:
    std::function<bool(const progress &)> _callback;
};

template <class T>
class operation;

namespace detail
{

/// A progress callback under way, and what it threw. Must not move while the library has its address.
struct progress_state
{
    progress_callback callback;
    std::exception_ptr thrown;

    [[nodiscard]] mt_progress_fn native() const noexcept;

    /// The failure of an operation, with what the callback threw.
    [[nodiscard]] failure blame(failure failed) const noexcept
    {
        failed.cause = thrown;
        return failed;
    }
};

extern "C" inline std::int32_t megatorrent_progress(void *context, std::uint64_t bytes_done, std::uint64_t bytes_total) noexcept
{
    auto &state = *static_cast<progress_state *>(context);
    try
    {
        progress now;
        now.bytes_done = bytes_done;
        if (bytes_total != MT_LENGTH_UNKNOWN)
            now.bytes_total = bytes_total;
        return state.callback(now) ? 0 : 1;
    }
    catch (...)
    {
        state.thrown = std::current_exception();
        return 1;
    }
}

inline mt_progress_fn progress_state::native() const noexcept
{
    return callback ? megatorrent_progress : nullptr;
}

/// What is to be done when an operation is complete.
class continuation
{
public:
    virtual ~continuation() = default;

    virtual void run() noexcept = 0;
};

/// An operation as both sides share it: the library's completion holds one reference, the program's operation<T> another.
class operation_state
{
public:
    operation_state() = default;
    operation_state(const operation_state &) = delete;
    operation_state &operator=(const operation_state &) = delete;

    virtual ~operation_state()
    {
        if (handle != nullptr)
            mt_operation_destroy(handle);
    }

    /// Has the continuation run at the completion; false, and nothing happens, if the operation is complete already.
    bool when_complete(std::unique_ptr<continuation> &next)
    {
        std::unique_lock lock(_mutex);
        if (_complete)
            return false;
        _next = std::move(next);
        return true;
    }

    void complete() noexcept
    {
        std::unique_ptr<continuation> next;
        {
            std::unique_lock lock(_mutex);
            _complete = true;
            next = std::move(_next);
        }

        if (next)
            next->run();
    }

    /// Written by the thread that starts the operation, before it lets the state out of its hands.
    mt_operation_t *handle = nullptr;

    /// Why the operation could not be started.
    std::optional<failure> refused;

    /// What the progress callback of the operation threw.
    progress_state progress;

private:
    std::mutex _mutex;
    bool _complete = false;
    std::unique_ptr<continuation> _next;
};

extern "C" inline void megatorrent_completed(void *context, mt_operation_t *, mt_status_t) noexcept
{
    std::unique_ptr<std::shared_ptr<operation_state>> state(static_cast<std::shared_ptr<operation_state> *>(context));
    (*state)->complete();
}

/// An operation that gives a T.
template <class T>
class typed_state : public operation_state
{
public:
    /// What the complete operation, which has succeeded, gave; called once.
    virtual result<T> take() noexcept = 0;
};

/// Makes a state of type State from arguments and starts its operation: start(state, &handle, completion, context).
template <class T, class State, class Start, class... Args>
operation<T> start(Start &&begin, Args &&...args) noexcept;

} // namespace detail

/// A call under way, like a std::future: it gives a result<T> once. Move-only. Destroying one that is under way cancels it and waits for
/// it, so that nothing which was lent to it is used afterwards; it must not be destroyed inside its own progress callback.
///
/// An operation that could not be started (a text with a NUL, a client that was closed) is done at once, and get() says why.
///
/// One thread at a time, except cancel, which any thread may call while the operation stays where it is.
template <class T>
class [[nodiscard]] operation
{
public:
    operation(operation &&) noexcept = default;

    operation &operator=(operation &&other) noexcept
    {
        if (this != &other)
        {
            release();
            _state = std::move(other._state);
        }

        return *this;
    }

    ~operation() { release(); }

    /// Waits until it is complete, and gives what it gave. Once: after that status::state.
    result<T> get() noexcept
    {
        if (auto waited = wait(); !waited)
            return std::move(waited).error();
        return finish();
    }

    /// Waits until it is complete. status::state inside its own progress callback.
    result<void> wait() noexcept
    {
        result<bool> done = wait_for(std::chrono::milliseconds::max());
        if (!done)
            return std::move(done).error();
        return {};
    }

    /// Waits until it is complete, or for so long; whether it is.
    result<bool> wait_for(std::chrono::milliseconds timeout) noexcept
    {
        if (!_state)
            return taken();
        if (_state->refused)
            return true;
        std::uint32_t native = UINT32_MAX;
        if (timeout != std::chrono::milliseconds::max())
            native = static_cast<std::uint32_t>(std::clamp<std::int64_t>(timeout.count(), 0, UINT32_MAX - 1));
        std::int32_t done = 0;
        if (mt_status_t code = mt_operation_wait(_state->handle, &done, native); code != MT_OK)
            return detail::last_failure(code);
        return done == 1;
    }

    /// Whether it is complete, so that get() does not wait.
    [[nodiscard]] bool done() noexcept { return wait_for(std::chrono::milliseconds::zero()).value_or(true); }

    /// Asks it to stop: it completes soon, with status::canceled unless it was faster.
    result<void> cancel() noexcept
    {
        if (!_state)
            return taken();
        if (_state->refused)
            return {};
        return detail::check(mt_operation_cancel(_state->handle));
    }

    /// A file descriptor that is readable once it is complete, for poll, epoll or kqueue. Do not read from it or close it: it belongs to
    /// the operation. An operation that could not be started has none, and the failure says why.
    [[nodiscard]] result<int> descriptor() const noexcept
    {
        if (!_state)
            return taken();
        if (_state->refused)
            return *_state->refused;
        std::int32_t native = -1;
        if (mt_status_t code = mt_operation_get_descriptor(_state->handle, &native); code != MT_OK)
            return detail::last_failure(code);
        return static_cast<int>(native);
    }

    /// Calls a function with the result<T> when it is complete: on a thread of the library, or here and now if it is complete already.
    /// The function must not throw (std::terminate) and not block for long. The operation is given away and cannot be cancelled after
    /// this.
    template <class F>
        requires std::invocable<F &, result<T>>
    void then(F &&callback) &&
    {
        std::shared_ptr<detail::typed_state<T>> state = std::move(_state);
        std::unique_ptr<detail::continuation> next =
            std::make_unique<callback_continuation<std::decay_t<F>>>(state, std::forward<F>(callback));
        if (!state || state->refused || !state->when_complete(next))
            next->run();
    }

    /// co_await std::move(operation) gives the result<T>; the coroutine goes on on a thread of the library.
    auto operator co_await() && noexcept { return awaiter{std::move(*this)}; }

private:
    template <class U, class State, class Start, class... Args>
    friend operation<U> detail::start(Start &&begin, Args &&...args) noexcept;

    template <class F>
    class callback_continuation : public detail::continuation
    {
    public:
        template <class G>
        callback_continuation(std::shared_ptr<detail::typed_state<T>> state, G &&callback)
            : _state(std::move(state)), _callback(std::forward<G>(callback))
        {
        }

        void run() noexcept override { _callback(operation(std::move(_state)).finish()); }

    private:
        std::shared_ptr<detail::typed_state<T>> _state;
        F _callback;
    };

    class resumption : public detail::continuation
    {
    public:
        explicit resumption(std::coroutine_handle<> waiting) noexcept : _waiting(waiting) {}

        void run() noexcept override { _waiting.resume(); }

    private:
        std::coroutine_handle<> _waiting;
    };

    struct awaiter
    {
        operation awaited;

        bool await_ready() noexcept { return awaited.done(); }

        bool await_suspend(std::coroutine_handle<> waiting)
        {
            std::shared_ptr<detail::typed_state<T>> state = awaited._state; // the coroutine may be gone before when_complete returns
            std::unique_ptr<detail::continuation> next = std::make_unique<resumption>(waiting);
            return state->when_complete(next);
        }

        result<T> await_resume() noexcept { return awaited.get(); }
    };

    explicit operation(std::shared_ptr<detail::typed_state<T>> state) noexcept : _state(std::move(state)) {}

    static failure taken() noexcept
    {
        return detail::refuse(status::state, "There is no result: it was taken, the operation was given away, or there was no memory for one.");
    }

    /// Takes the result of a complete operation.
    result<T> finish() noexcept
    {
        std::shared_ptr<detail::typed_state<T>> state = std::move(_state);
        if (!state)
            return taken();
        if (state->refused)
            return std::move(*state->refused);
        result<T> outcome = [&]() -> result<T> {
            if (mt_status_t code = mt_operation_status(state->handle); code != MT_OK)
                return state->progress.blame(detail::last_failure(code));
            return state->take();
        }();
        mt_operation_destroy(std::exchange(state->handle, nullptr));
        return outcome;
    }

    /// Cancels and waits here: the state itself may live on for a moment in the completion.
    void release() noexcept
    {
        if (_state)
            mt_operation_destroy(std::exchange(_state->handle, nullptr));
        _state.reset();
    }

    std::shared_ptr<detail::typed_state<T>> _state;
};

namespace detail
{

/// An operation that could not be started.
template <class T>
class refused_state : public typed_state<T>
{
public:
    explicit refused_state(failure why) noexcept { this->refused = std::move(why); }

    result<T> take() noexcept override { return *this->refused; }
};

template <class T, class State, class Start, class... Args>
operation<T> start(Start &&begin, Args &&...args) noexcept
{
    result<std::shared_ptr<typed_state<T>>> started = guard([&]() -> result<std::shared_ptr<typed_state<T>>> {
        auto state = std::make_shared<State>(std::forward<Args>(args)...);
        auto context = std::make_unique<std::shared_ptr<operation_state>>(state);
        mt_operation_t *handle = nullptr;
        if (mt_status_t code = begin(*state, &handle, &megatorrent_completed, static_cast<void *>(context.get())); code != MT_OK)
            return last_failure(code);
        static_cast<void>(context.release()); // the completion destroys it
        state->handle = handle;
        return std::shared_ptr<typed_state<T>>(std::move(state));
    });
    if (started)
        return operation<T>(std::move(*started));
    try
    {
        return operation<T>(std::make_shared<refused_state<T>>(std::move(started).error()));
    }
    catch (...)
    {
        return operation<T>(nullptr);
    }
}

} // namespace detail
} // namespace megatorrent

#endif
