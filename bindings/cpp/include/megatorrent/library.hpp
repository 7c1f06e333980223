// megatorrent/library.hpp - the library itself: its version, its processor, its log
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_LIBRARY_HPP
#define MEGATORRENT_LIBRARY_HPP

#include <megatorrent/detail.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

namespace megatorrent
{

/// The version of the interface that the library was built with: major << 16 | minor.
[[nodiscard]] inline std::uint32_t abi_version() noexcept
{
    return mt_abi_version();
}

/// The version of the library, for people.
[[nodiscard]] inline std::string_view version() noexcept
{
    return mt_version_string();
}

/// Whether the library that was loaded can serve a program compiled with this header: the same major part, and a minor part that is not
/// lower. status::unsupported if not.
inline result<void> check_version() noexcept
{
    if (mt_abi_version() >> 16 != MT_ABI_VERSION_MAJOR || mt_abi_version() < MT_ABI_VERSION)
        return detail::refuse(status::unsupported, "The library that was loaded is not one that this program was compiled for.");
    return {};
}

/// The processor that this build of the library is for: "x86-64-v3", "x86-64-v4" or "portable".
[[nodiscard]] inline std::string_view processor_level() noexcept
{
    return mt_processor_level();
}

/// What is in use on this processor, for people.
[[nodiscard]] inline std::string_view processor_kernels() noexcept
{
    return mt_processor_kernels();
}

/// How much a line of the log matters; a higher number matters less.
enum class log_level : std::int32_t
{
    error = MT_LOG_ERROR,
    warning = MT_LOG_WARNING,
    info = MT_LOG_INFO,
    debug = MT_LOG_DEBUG,
};

/// Takes one line in UTF-8, without an end of line. Calls do not overlap, but come on any thread. What it throws is dropped.
using log_callback = std::function<void(log_level, std::string_view)>;

namespace detail
{

extern "C" inline void megatorrent_log(void *context, std::int32_t level, const char *message) noexcept
{
    try
    {
        // A copy: the callback may set another log, which destroys what context points to.
        std::shared_ptr<log_callback> log = *static_cast<std::shared_ptr<log_callback> *>(context);
        (*log)(static_cast<log_level>(level), message);
    }
    catch (...)
    {
        return; // the library has nobody to tell
    }
}

struct log_slot
{
    std::recursive_mutex mutex; // the library may say something while the log is set, and the callback may set it anew
    std::shared_ptr<log_callback> *current = nullptr;

    /// Never destroyed: the library may write to its log until the process is gone.
    static log_slot &instance()
    {
        static log_slot &slot = *new log_slot;
        return slot;
    }
};

} // namespace detail

/// Sends what the library has to say, up to a level, to a callback in place of the one before; an empty one ends that.
inline result<void> set_log(log_level level_max, log_callback log) noexcept
{
    return detail::guard([&]() -> result<void> {
        auto &slot = detail::log_slot::instance();
        std::unique_ptr<std::shared_ptr<log_callback>> next;
        if (log)
            next = std::make_unique<std::shared_ptr<log_callback>>(std::make_shared<log_callback>(std::move(log)));

        std::unique_lock lock(slot.mutex);
        mt_status_t code = mt_log_set(next ? detail::megatorrent_log : nullptr, next.get(), static_cast<std::int32_t>(level_max));
        if (code != MT_OK)
            return detail::last_failure(code);
        std::unique_ptr<std::shared_ptr<log_callback>> last(std::exchange(slot.current, next.release()));
        return {};
    });
}

/// Ends the log.
inline result<void> clear_log() noexcept
{
    return set_log(log_level::error, nullptr);
}

} // namespace megatorrent

#endif
