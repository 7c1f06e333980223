// megatorrent/object.hpp - read at any place; read and write in order what is longer than memory
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_OBJECT_HPP
#define MEGATORRENT_OBJECT_HPP

#include <megatorrent/detail.hpp>
#include <megatorrent/manifest.hpp>
#include <megatorrent/operation.hpp>
#include <megatorrent/options.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace megatorrent
{

struct object_info
{
    /// A file or a directory.
    manifest_kind kind = manifest_kind::file;

    /// Permission bits.
    std::uint32_t mode = 0;

    /// Entries of a directory.
    std::uint32_t entry_count = 0;

    /// Bytes of the content.
    std::uint64_t length = 0;
    std::int64_t modified_unix_ns = 0;
};

/// What an entry of a directory is.
enum class entry_kind : std::uint32_t
{
    file = MT_ENTRY_FILE,
    directory = MT_ENTRY_DIRECTORY,
    link = MT_ENTRY_LINK,
};

struct directory_entry
{
    /// Below the directory, with '/' between the parts.
    std::string path;
    entry_kind kind = entry_kind::file;
    std::uint32_t mode = 0;

    /// Bytes of a file, else 0.
    std::uint64_t length = 0;

    /// Of a file: where its bytes begin in the content of the directory.
    std::uint64_t offset = 0;
    std::int64_t modified_unix_ns = 0;
};

namespace detail
{

/// An operation that gives a number of bytes.
class length_state : public typed_state<std::size_t>
{
public:
    result<std::size_t> take() noexcept override
    {
        std::size_t length = 0;
        if (mt_status_t code = mt_operation_get_length(handle, &length); code != MT_OK)
            return last_failure(code);
        return length;
    }
};

/// An operation that gives nothing, and may own the bytes that it works on.
class void_state : public typed_state<void>
{
public:
    void_state() = default;

    explicit void_state(bytes &&owned) noexcept : kept(std::move(owned)) {}

    result<void> take() noexcept override { return {}; }

    bytes kept;
};

/// An operation that gives what a put gives, and may own the bytes that it works on.
class put_state : public typed_state<put_result>
{
public:
    explicit put_state(const put_options &how, bytes &&owned = {})
        : call(std::make_shared<put_call>(how, progress)), kept(std::move(owned))
    {
    }

    /// The end of an upload, whose options and callback lie with the upload.
    explicit put_state(std::shared_ptr<put_call> upload) noexcept : call(std::move(upload)) {}

    result<put_result> take() noexcept override
    {
        result<std::string> capability = read_text(
            [&](char *dst, std::size_t capacity, std::size_t *length) {
                return mt_operation_get_capability(handle, dst, capacity, length);
            },
            MT_CAPABILITY_CAPACITY - 1);
        if (!capability)
            return std::move(capability).error();
        return call->give(std::move(*capability));
    }

    std::shared_ptr<put_call> call;
    bytes kept;
};

} // namespace detail

/// Reads a part of an object in order, ahead of the reader. Move-only; one call at a time. After a failure it is dead.
class download
{
public:
    /// Reads the next bytes: at least one, unless dst is empty or the end is reached; then 0.
    result<std::size_t> read(bytes_span dst) noexcept
    {
        return detail::fill(
            [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                return mt_download_read(_download.get(), to, capacity, length);
            },
            dst);
    }

    /// The same without waiting; dst must stay until the operation is complete.
    operation<std::size_t> read_async(bytes_span dst) noexcept
    {
        return detail::start<std::size_t, detail::length_state>(
            [&](detail::length_state &, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_download_read_start(_download.get(), out, dst.native(), dst.size(), completion, context);
            });
    }

private:
    friend class object;

    explicit download(mt_download_t *native) noexcept : _download(native) {}

    detail::handle<mt_download_t, mt_download_destroy> _download;
};

/// What is behind a capability, opened once. Any number of threads.
class object
{
public:
    [[nodiscard]] result<object_info> info() const noexcept
    {
        mt_object_info_t native = detail::sized<mt_object_info_t>();
        if (mt_status_t code = mt_object_get_info(_object.get(), &native); code != MT_OK)
            return detail::last_failure(code);
        return object_info{
            static_cast<manifest_kind>(native.kind), native.mode, native.entry_count, native.length, native.modified_unix_ns};
    }

    [[nodiscard]] result<std::string> name() const noexcept
    {
        return detail::read_text(
            [&](char *dst, std::size_t capacity, std::size_t *length) { return mt_object_get_name(_object.get(), dst, capacity, length); },
            255);
    }

    /// An entry of a directory, in the order of their paths. status::invalid_argument if there is no such entry.
    [[nodiscard]] result<directory_entry> entry(std::uint32_t entry_index) const noexcept
    {
        mt_entry_info_t native = detail::sized<mt_entry_info_t>();
        if (mt_status_t code = mt_object_get_entry(_object.get(), &native, entry_index); code != MT_OK)
            return detail::last_failure(code);
        result<std::string> path = detail::read_text(
            [&](char *dst, std::size_t capacity, std::size_t *length) {
                return mt_object_get_entry_path(_object.get(), dst, capacity, length, entry_index);
            },
            255);
        if (!path)
            return std::move(path).error();
        return directory_entry{std::move(*path), static_cast<entry_kind>(native.kind), native.mode, native.length, native.offset,
                               native.modified_unix_ns};
    }

    /// Reads content from offset on, as far as it goes: fewer bytes than dst has only at the end. Of a directory: its files, one after the
    /// other. status::invalid_argument for an offset beyond the end. After a failure dst may hold a part.
    result<std::size_t> read(bytes_span dst, std::uint64_t offset) const noexcept
    {
        return detail::fill(
            [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                return mt_object_read(_object.get(), to, capacity, length, offset);
            },
            dst);
    }

    /// The same without waiting; dst must stay until the operation is complete.
    operation<std::size_t> read_async(bytes_span dst, std::uint64_t offset) const noexcept
    {
        return detail::start<std::size_t, detail::length_state>(
            [&](detail::length_state &, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_object_read_start(_object.get(), out, dst.native(), dst.size(), offset, completion, context);
            });
    }

    /// Begins to read from offset on, length bytes or all up to the end. The download does not need the object any more.
    [[nodiscard]] result<download> begin_download(
        std::uint64_t offset = 0, std::optional<std::uint64_t> length = std::nullopt) const noexcept
    {
        mt_download_t *native = nullptr;
        mt_status_t code = mt_download_create(_object.get(), &native, offset, length.value_or(MT_LENGTH_UNKNOWN));
        if (code != MT_OK)
            return detail::last_failure(code);
        return download(native);
    }

private:
    friend class client;

    explicit object(mt_object_t *native) noexcept : _object(native) {}

    detail::handle<mt_object_t, mt_object_destroy> _object;
};

/// Writes a new file in order, of any length. Move-only; one call at a time. After a failure it is dead; one that was not finished is given
/// up when it is destroyed, and nothing is acknowledged.
class upload
{
public:
    /// Appends bytes; waits while too much is under way.
    result<void> write(bytes_view data) noexcept
    {
        if (mt_status_t code = mt_upload_write(_upload.get(), data.native(), data.size()); code != MT_OK)
            return blame(detail::last_failure(code));
        return {};
    }

    /// The same without waiting; data must stay until the operation is complete.
    operation<void> write_async(bytes_view data) noexcept
    {
        return detail::start<void, detail::void_state>(
            [&](detail::void_state &, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_upload_write_start(_upload.get(), out, data.native(), data.size(), completion, context);
            });
    }

    /// The same with bytes that the operation keeps.
    operation<void> write_async(bytes &&data) noexcept
    {
        return detail::start<void, detail::void_state>(
            [&](detail::void_state &state, mt_operation_t **out, mt_completion_fn completion, void *context) {
                bytes_view view(state.kept);
                return mt_upload_write_start(_upload.get(), out, view.native(), view.size(), completion, context);
            },
            std::move(data));
    }

    /// Ends the file and waits until it is stored.
    result<put_result> finish() noexcept
    {
        result<std::string> capability = detail::read_text(
            [&](char *dst, std::size_t capacity, std::size_t *length) {
                return mt_upload_finish(_upload.get(), dst, capacity, length);
            },
            MT_CAPABILITY_CAPACITY - 1);
        if (!capability)
            return blame(std::move(capability).error());
        return _call->give(std::move(*capability));
    }

    /// The same without waiting.
    operation<put_result> finish_async() noexcept
    {
        return detail::start<put_result, detail::put_state>(
            [&](detail::put_state &, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_upload_finish_start(_upload.get(), out, completion, context);
            },
            _call);
    }

private:
    friend class client;

    upload(std::shared_ptr<detail::put_call> call, mt_upload_t *native) noexcept : _call(std::move(call)), _upload(native) {}

    /// An upload that was moved from has no call any more.
    [[nodiscard]] failure blame(failure failed) const noexcept { return _call ? _call->progress.blame(std::move(failed)) : failed; }

    std::shared_ptr<detail::put_call> _call; // first, so that it is destroyed last: the library writes to it
    detail::handle<mt_upload_t, mt_upload_destroy> _upload;
};

} // namespace megatorrent

#endif
