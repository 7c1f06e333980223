// megatorrent/client.hpp - put, get, read, verify, repair
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_CLIENT_HPP
#define MEGATORRENT_CLIENT_HPP

#include <megatorrent/detail.hpp>
#include <megatorrent/object.hpp>
#include <megatorrent/operation.hpp>
#include <megatorrent/options.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace megatorrent
{

/// A client of one cluster. Move-only; any number of threads may call it at once. Destroying or closing it cancels and waits for whatever
/// is under way through it, or through objects, streams and operations that came from it; not to be done inside one of its own progress
/// callbacks.
///
/// A call that ends in _async returns at once with an operation. What was lent to it (a view, a span) must stay until that is complete;
/// texts, paths and options are copied. Failures of every call: part 11 of megatorrent.h.
class client
{
public:
    /// Reaches a cluster. status::unreachable, status::unauthorized, status::not_found (the file with the credential)
    static result<client> open(const client_options &how = {}) noexcept
    {
        return detail::guard([&]() -> result<client> {
            detail::open_call call(how);
            mt_client_t *native = nullptr;
            if (mt_status_t code = mt_client_open(&native, call.cluster_or_null(), &call.native); code != MT_OK)
                return detail::last_failure(code);
            return client(native);
        });
    }

    static operation<client> open_async(const client_options &how = {}) noexcept
    {
        return detail::start<client, open_state>(
            [&](open_state &, mt_operation_t **out, mt_completion_fn completion, void *context) {
                detail::open_call call(how);
                return mt_client_open_start(out, call.cluster_or_null(), &call.native, completion, context);
            });
    }

    /// Puts bytes as a file. When it has succeeded every stripe has at least k + m/2 (rounded up) blobs, durable on different nodes.
    result<put_result> put(bytes_view data, const put_options &how = {}) noexcept
    {
        return put_with(how, [&](char *dst, std::size_t capacity, std::size_t *length, const mt_put_options_t *options) {
            return mt_client_put(_client.get(), dst, capacity, length, data.native(), data.size(), options);
        });
    }

    operation<put_result> put_async(bytes_view data, const put_options &how = {}) noexcept
    {
        return detail::start<put_result, detail::put_state>(
            [&](detail::put_state &state, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_client_put_start(
                    _client.get(), out, data.native(), data.size(), &state.call->native, completion, context);
            },
            how);
    }

    /// The same with bytes that the operation keeps.
    operation<put_result> put_async(bytes &&data, const put_options &how = {}) noexcept
    {
        return detail::start<put_result, detail::put_state>(
            [&](detail::put_state &state, mt_operation_t **out, mt_completion_fn completion, void *context) {
                bytes_view view(state.kept);
                return mt_client_put_start(
                    _client.get(), out, view.native(), view.size(), &state.call->native, completion, context);
            },
            how, std::move(data));
    }

    /// Puts a file or directory. status::not_found: nothing is there; status::input_output: it cannot be read.
    result<put_result> put_file(const std::filesystem::path &path, const put_options &how = {}) noexcept
    {
        return put_with(how, [&](char *dst, std::size_t capacity, std::size_t *length, const mt_put_options_t *options) {
            return mt_client_put_file(_client.get(), dst, capacity, length, detail::text(path).get(), options);
        });
    }

    operation<put_result> put_file_async(const std::filesystem::path &path, const put_options &how = {}) noexcept
    {
        return detail::start<put_result, detail::put_state>(
            [&](detail::put_state &state, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_client_put_file_start(
                    _client.get(), out, detail::text(path).get(), &state.call->native, completion, context);
            },
            how);
    }

    /// Gets a file or directory to a path. Until it is whole it stands under PATH.mtpart, where a later call goes on.
    /// status::invalid_argument: something is there already (get_options::overwrite); status::input_output: it cannot be written.
    result<get_result> get_file(const std::filesystem::path &path, std::string_view capability, const get_options &how = {}) noexcept
    {
        return detail::guard([&]() -> result<get_result> {
            detail::progress_state told;
            detail::get_call call(how, told);
            mt_status_t code =
                mt_client_get_file(_client.get(), detail::text(path).get(), detail::text(capability).get(), &call.native);
            if (code != MT_OK)
                return told.blame(detail::last_failure(code));
            return call.give();
        });
    }

    operation<get_result> get_file_async(
        const std::filesystem::path &path, std::string_view capability, const get_options &how = {}) noexcept
    {
        return detail::start<get_result, get_state>(
            [&](get_state &state, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_client_get_file_start(
                    _client.get(), out, detail::text(path).get(), detail::text(capability).get(), &state.call.native, completion, context);
            },
            how);
    }

    /// Gets a whole file into memory.
    result<bytes> get(std::string_view capability) noexcept
    {
        return detail::guard([&]() -> result<bytes> {
            result<object> opened = open_object(capability);
            if (!opened)
                return std::move(opened).error();
            result<object_info> about = opened->info();
            if (!about)
                return std::move(about).error();
            if (about->length > std::numeric_limits<std::size_t>::max())
                return detail::refuse(status::length, "The object does not fit into memory.");
            bytes content(static_cast<std::size_t>(about->length));
            result<std::size_t> length = opened->read(content, 0);
            if (!length)
                return std::move(length).error();
            content.resize(*length);
            return content;
        });
    }

    /// Reads a file from offset on, as far as it goes: fewer bytes than dst has only at its end. status::invalid_argument for an offset
    /// beyond it, and for a directory. After a failure dst may hold a part. To read often from one file, open it.
    result<std::size_t> read(bytes_span dst, std::string_view capability, std::uint64_t offset = 0) noexcept
    {
        return detail::guard([&]() -> result<std::size_t> {
            detail::text text(capability);
            return detail::fill(
                [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                    return mt_client_read(_client.get(), to, capacity, length, text.get(), offset);
                },
                dst);
        });
    }

    operation<std::size_t> read_async(bytes_span dst, std::string_view capability, std::uint64_t offset = 0) noexcept
    {
        return detail::start<std::size_t, detail::length_state>(
            [&](detail::length_state &, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_client_read_start(
                    _client.get(), out, dst.native(), dst.size(), detail::text(capability).get(), offset, completion, context);
            });
    }

    /// Reads and hashes every blob of an object, parity too. A damaged object is a result. An "mtv1:" capability is enough.
    result<verify_report> verify(std::string_view capability, progress_callback callback = {}) noexcept
    {
        return check_with<verify_report, mt_verify_report_t>(mt_client_verify, capability, callback);
    }

    operation<verify_report> verify_async(std::string_view capability, progress_callback callback = {}) noexcept
    {
        return check_async<verify_report, mt_verify_report_t>(mt_client_verify_start, capability, callback);
    }

    /// Verifies, and stores anew what is missing or wrong. An "mtv1:" capability is enough; the credential must be a writer's.
    result<repair_report> repair(std::string_view capability, progress_callback callback = {}) noexcept
    {
        return check_with<repair_report, mt_repair_report_t>(mt_client_repair, capability, callback);
    }

    operation<repair_report> repair_async(std::string_view capability, progress_callback callback = {}) noexcept
    {
        return check_async<repair_report, mt_repair_report_t>(mt_client_repair_start, capability, callback);
    }

    /// Asks the cluster who is in it now. When nobody answers: what was heard last.
    result<client_status> status() noexcept
    {
        mt_client_status_t native = detail::sized<mt_client_status_t>();
        if (mt_status_t code = mt_client_status(_client.get(), &native); code != MT_OK)
            return detail::last_failure(code);
        return client_status{native.members, native.living_members, native.failure_domains};
    }

    /// Opens what is behind a capability.
    result<object> open_object(std::string_view capability) noexcept
    {
        return detail::guard([&]() -> result<object> {
            mt_object_t *native = nullptr;
            if (mt_status_t code = mt_object_open(_client.get(), &native, detail::text(capability).get()); code != MT_OK)
                return detail::last_failure(code);
            return object(native);
        });
    }

    operation<object> open_object_async(std::string_view capability) noexcept
    {
        return detail::start<object, object_state>(
            [&](object_state &, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return mt_object_open_start(_client.get(), out, detail::text(capability).get(), completion, context);
            });
    }

    /// Begins to put a file whose length need not be known.
    result<upload> begin_upload(const put_options &how = {}) noexcept
    {
        return detail::guard([&]() -> result<upload> {
            auto call = std::make_shared<detail::put_call>(how);
            mt_upload_t *native = nullptr;
            if (mt_status_t code = mt_upload_create(_client.get(), &native, &call->native); code != MT_OK)
                return detail::last_failure(code);
            return upload(std::move(call), native);
        });
    }

    /// Closes it before it is destroyed; every call gives status::invalid_handle after that.
    void close() noexcept { _client.reset(); }

private:
    class open_state : public detail::typed_state<client>
    {
    public:
        result<client> take() noexcept override
        {
            mt_client_t *native = nullptr;
            if (mt_status_t code = mt_operation_take_client(handle, &native); code != MT_OK)
                return detail::last_failure(code);
            return client(native);
        }
    };

    class object_state : public detail::typed_state<object>
    {
    public:
        result<object> take() noexcept override
        {
            mt_object_t *native = nullptr;
            if (mt_status_t code = mt_operation_take_object(handle, &native); code != MT_OK)
                return detail::last_failure(code);
            return client::wrap(native);
        }
    };

    class get_state : public detail::typed_state<get_result>
    {
    public:
        explicit get_state(const get_options &how) : call(how, progress) {}

        result<get_result> take() noexcept override { return call.give(); }

        detail::get_call call;
    };

    template <class Report, class Native>
    class check_state : public detail::typed_state<Report>
    {
    public:
        explicit check_state(progress_callback callback) : call(std::move(callback), this->progress) {}

        result<Report> take() noexcept override { return detail::give(report); }

        detail::check_call call;
        Native report = detail::sized<Native>();
    };

    explicit client(mt_client_t *native) noexcept : _client(native) {}

    static object wrap(mt_object_t *native) noexcept { return object(native); }

    template <class F>
    result<put_result> put_with(const put_options &how, F &&put) noexcept
    {
        return detail::guard([&]() -> result<put_result> {
            detail::put_call call(how);
            std::string capability(MT_CAPABILITY_CAPACITY, '\0');
            std::size_t length = 0;
            if (mt_status_t code = put(capability.data(), capability.size(), &length, &call.native); code != MT_OK)
                return call.progress.blame(detail::last_failure(code, length));
            capability.resize(length);
            return call.give(std::move(capability));
        });
    }

    template <class Report, class Native, class F>
    result<Report> check_with(F &&check, std::string_view capability, progress_callback &callback) noexcept
    {
        return detail::guard([&]() -> result<Report> {
            detail::progress_state told;
            detail::check_call call(std::move(callback), told);
            Native report = detail::sized<Native>();
            if (mt_status_t code = check(_client.get(), &report, detail::text(capability).get(), &call.native); code != MT_OK)
                return told.blame(detail::last_failure(code));
            return detail::give(report);
        });
    }

    template <class Report, class Native, class F>
    operation<Report> check_async(F &&check, std::string_view capability, progress_callback &callback) noexcept
    {
        return detail::start<Report, check_state<Report, Native>>(
            [&](check_state<Report, Native> &state, mt_operation_t **out, mt_completion_fn completion, void *context) {
                return check(
                    _client.get(), out, &state.report, detail::text(capability).get(), &state.call.native, completion, context);
            },
            std::move(callback));
    }

    detail::handle<mt_client_t, mt_client_close> _client;
};

} // namespace megatorrent

#endif
