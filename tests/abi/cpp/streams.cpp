// Objects, streams, operations, the log: parts 12 to 14 of the header, and the adapters to the standard library.
#include "suite.hpp"

#include <atomic>
#include <coroutine>
#include <future>
#include <iterator>
#include <thread>

#include <poll.h>
#include <sys/mman.h>

namespace
{

constexpr std::chrono::seconds limit{60};

// -------------------------------------------------------------------------------------------------------------------- streams --

/// Reads a download to its end, piece by piece, and compares.
void expect_download(mt::download &download, bytes_view data, std::size_t piece)
{
    bytes got(piece);
    std::size_t done = 0;
    while (std::size_t length = must(download.read(got), "reading at ", done))
    {
        expect(length <= data.size() - done, "more came than there is");
        expect(same(bytes_view(got.data(), length), bytes_view(data.data() + done, length)), "other bytes came at ", done);
        done += length;
    }

    expect(done == data.size(), done, " bytes came of ", data.size());
    expect(must(download.read(got)) == 0, "something comes after the end");
}

void show_upload_download()
{
    constexpr std::size_t pieces[] = {1, 65537, 1000000};
    bytes data = pattern(6000000, 8);
    auto upload = must(shared_client().begin_upload(), "an upload");
    for (std::size_t done = 0, i = 0; done < data.size(); i++)
    {
        bytes_view part(data.data() + done, std::min(pieces[i % 3], data.size() - done));
        if (i % 2 == 0)
            must(upload.write(part), "writing");
        else
            must(upload.write_async(bytes(part.begin(), part.end())).get(), "writing as an operation");
        done += part.size();
    }

    auto done = must(upload.finish(), "finishing");
    expect(done.bytes == data.size() && done.incomplete_stripes == 0, "the result has ", done.bytes, " bytes");
    must_fail(upload.write(data), status::state, "writing to a finished upload");
    auto download = must(must(shared_client().open_object(done.capability)).begin_download()); // which lives on without its object
    expect_download(download, data, 100000);

    // The same through streams of the standard library.
    mt::upload_ostream out(must(shared_client().begin_upload()));
    bytes_view rest = data;
    for (std::size_t i = 0; !rest.empty(); i++)
    {
        bytes_view part = rest.first(std::min(pieces[i % 3], rest.size()));
        out.write(part.text().data(), static_cast<std::streamsize>(part.size()));
        rest = rest.subspan(part.size());
    }

    out << "and a number: " << 42;
    expect(out.good(), "the stream is bad");
    auto written = must(out.finish(), "finishing the stream");
    mt::object_istream in(must(shared_client().open_object(written.capability)));
    bytes got(data.size());
    in.read(reinterpret_cast<char *>(got.data()), static_cast<std::streamsize>(got.size()));
    expect(in.good() && got == data, "other bytes came through the stream");
    std::string words((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    expect(words == "and a number: 42", "the stream ends with ", words);
}

void show_range()
{
    bytes data = pattern(3000000, 8);
    auto object = must(shared_client().open_object(put(data)), "opening");
    auto download = must(object.begin_download(1500000, 700000));
    expect_download(download, bytes_view(data.data() + 1500000, 700000), 99999);
    download = must(object.begin_download(2999000, 700000));
    expect_download(download, bytes_view(data.data() + 2999000, 1000), 4096);
    must_fail(object.begin_download(3000001), status::invalid_argument, "a download beyond the end");

    mt::object_istream in(std::move(object));
    for (std::streamoff offset : {2000000, 10, 2999990, 0})
    {
        bytes got(10);
        in.seekg(offset);
        in.read(reinterpret_cast<char *>(got.data()), 10);
        expect(in.good() && in.tellg() == offset + 10, "the stream stands at ", static_cast<std::streamoff>(in.tellg()));
        expect(same(got, bytes_view(data.data() + offset, 10)), "other bytes came at ", offset);
    }

    in.seekg(-1, std::ios::end);
    expect(in.get() == std::to_integer<int>(data.back()) && in.get() == std::char_traits<char>::eof() && in.eof(), "the end is elsewhere");
    in.clear();
    in.seekg(3000001);
    in.get();
    expect(in.bad() && in.failure() && in.failure()->status == status::invalid_argument, "reading beyond the end is no failure");
}

void show_empty_stream()
{
    auto upload = must(shared_client().begin_upload(), "an upload");
    auto capability = must(upload.finish(), "finishing").capability;
    auto object = must(shared_client().open_object(capability), "opening");
    expect(must(object.info()).length == 0, "it is not empty");
    auto download = must(object.begin_download());
    expect_download(download, {}, 10);
    mt::object_istream in(std::move(object));
    expect(in.get() == std::char_traits<char>::eof() && !in.bad(), "something comes through the stream");
}

void show_abandoned_upload()
{
    bytes data = pattern(2 * mib, 8);
    {
        auto upload = must(shared_client().begin_upload(), "an upload");
        must(upload.write(data), "writing 2 MiB");
    }

    expect_content(put(bytes_view(data.data(), 1000)), bytes_view(data.data(), 1000));
}

void show_abandoned_download()
{
    bytes data = pattern(6000000, 8), got(1000);
    auto object = must(shared_client().open_object(put(data)), "opening");
    auto second = must(object.begin_download());
    {
        auto first = must(object.begin_download());
        expect(must(first.read(got), "the first read") > 0, "nothing came");
    }

    expect_download(second, data, 1000000);
}

constexpr behaviour stream_list[] = {
    {"stream.upload-download", show_upload_download, true},
    {"stream.range", show_range, true},
    {"stream.empty", show_empty_stream, true},
    {"stream.abandoned-upload", show_abandoned_upload, true},
    {"stream.abandoned-download", show_abandoned_download, true},
};

// ----------------------------------------------------------------------------------------------------------------- operations --

/// Waits for an operation in all three ways in turn: by asking, by a callback, by a coroutine.
struct task
{
    struct promise_type
    {
        task get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

/// A promise for a result, and how often it was kept.
template <class T>
struct answer
{
    std::promise<mt::result<T>> promise;
    std::atomic<unsigned> calls = 0;

    void keep(mt::result<T> given)
    {
        if (calls++ == 0)
            promise.set_value(std::move(given));
    }

    T wait(const char *what)
    {
        auto future = promise.get_future();
        expect(future.wait_for(limit) == std::future_status::ready, what, " took longer than ", limit.count(), " s");
        return must(future.get(), what);
    }
};

template <class T>
task await_operation(mt::operation<T> operation, std::shared_ptr<answer<T>> to)
{
    to->keep(co_await std::move(operation));
}

/// What an operation gives to a callback, and what another gives to a coroutine. Each answers once.
template <class T, class Start>
std::vector<T> complete(Start &&start, const char *what)
{
    auto called = std::make_shared<answer<T>>(), awaited = std::make_shared<answer<T>>();
    start().then([called](mt::result<T> given) { called->keep(std::move(given)); });
    await_operation<T>(start(), awaited);
    std::vector<T> given;
    given.push_back(called->wait(what));
    given.push_back(awaited->wait(what));
    given.push_back(must(start().get(), what));
    expect(called->calls == 1 && awaited->calls == 1, what, ": called ", called->calls.load(), " times");
    return given;
}

void show_completion()
{
    bytes data = pattern(3000000, 1);
    std::string capability;
    for (const mt::put_result &done : complete<mt::put_result>([&] { return shared_client().put_async(data); }, "put"))
    {
        expect(done.bytes == data.size(), "a put of ", done.bytes, " bytes");
        expect_content(done.capability, data);
        capability = done.capability;
    }

    bytes got(data.size());
    for (std::size_t length : complete<std::size_t>([&] { return shared_client().read_async(got, capability); }, "read"))
        expect(length == data.size() && got == data, "other bytes came");
    for (const mt::verify_report &report :
         complete<mt::verify_report>([&] { return shared_client().verify_async(capability); }, "verify"))
        expect(report.healthy && report.lowest_margin == 2, "margin ", report.lowest_margin);
    int number = 0;
    auto get = [&] { return shared_client().get_file_async(temp_path(say("operation-", number++)), capability); };
    for (const mt::get_result &done : complete<mt::get_result>(get, "get"))
        expect(done.bytes == data.size(), "a get of ", done.bytes, " bytes");
    for (int i = 0; i < number; i++)
        expect(read_file(temp_path(say("operation-", i))) == data, "another file came back");
    for (const mt::object &object : complete<mt::object>([&] { return shared_client().open_object_async(capability); }, "open"))
        expect(must(object.info()).length == data.size(), "another object");
    for (mt::client &client : complete<mt::client>([] { return mt::client::open_async(); }, "client"))
        must(client.put(bytes(10)), "putting with it");

    // Started and refused at once.
    auto refused = shared_client().put_file_async(std::string("a\0b", 3));
    expect(refused.done(), "an operation that could not be started is under way");
    must_fail(refused.descriptor(), status::invalid_argument, "its descriptor");
    must_fail(refused.get(), status::invalid_argument, "a path with a NUL");
    must_fail(refused.get(), status::state, "its result once more");
}

void show_descriptor()
{
    auto operation = shared_client().put_async(pattern(8 * mib, 1));
    auto descriptor = operation.descriptor();
    if (!descriptor && descriptor.error().status == status::unsupported)
        throw skipped{"this system has no such descriptor"};
    pollfd poller{must(descriptor, "the descriptor"), POLLIN, 0};
    int ready = poll(&poller, 1, 0);
    expect(ready == 0 || (ready == 1 && poller.revents == POLLIN), "polling gives ", ready);
    ready = poll(&poller, 1, static_cast<int>(std::chrono::milliseconds(limit).count()));
    expect(ready == 1 && poller.revents == POLLIN && operation.done(), "polling gives ", ready);
    must(operation.get(), "the put");
}

void show_wait()
{
    auto operation = shared_client().put_async(pattern(32 * mib, 1));
    must(operation.wait_for(std::chrono::milliseconds(0)), "waiting for no time");
    must(operation.wait(), "waiting for ever");
    expect(operation.done(), "it is under way after it was waited for");
    must(operation.get(), "the put");
}

void show_cancel()
{
    auto operation = shared_client().put_async(pattern(64 * mib, 1));
    must(operation.cancel(), "cancelling");
    must(operation.cancel(), "cancelling twice");
    must(operation.wait(), "waiting");
    must(operation.cancel(), "cancelling after the end");
    auto done = operation.get();
    expect(done || done.error().status == status::canceled, "it ended with ", done ? "success" : describe(done.error()));
    expect_content(put(bytes(1000)), bytes(1000));
}

void show_destroy()
{
    std::size_t length = 32 * mib;
    void *memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    expect(memory != MAP_FAILED, "no memory");
    {
        auto operation = shared_client().put_async(bytes_view(static_cast<std::byte *>(memory), length));
    }

    munmap(memory, length); // whoever reads it now dies

    // A callback or a coroutine destroys the operation inside its completion.
    auto called = std::make_shared<answer<mt::put_result>>();
    shared_client().put_async(bytes(1000)).then([called](mt::result<mt::put_result> given) { called->keep(std::move(given)); });
    expect_content(called->wait("put").capability, bytes(1000));
}

void show_log()
{
    struct lines
    {
        std::atomic<unsigned> all = 0, wrong = 0, late = 0;
        std::atomic<bool> over = false;
    };
    auto seen = std::make_shared<lines>();
    auto take = [seen](mt::log_level level, std::string_view line) {
        seen->all++;
        seen->late += seen->over ? 1 : 0;
        seen->wrong += level < mt::log_level::error || level > mt::log_level::debug || line.empty() || line.ends_with('\n') ? 1 : 0;
        throw failed{"what a log throws is dropped"};
    };
    for (int level : {0, 5})
        must_fail(mt::set_log(static_cast<mt::log_level>(level), take), status::invalid_argument, "level ", level);
    must(mt::set_log(mt::log_level::debug, take), "setting the log");
    auto client = must(mt::client::open(), "opening");
    must(client.put(bytes(4)), "putting");
    must(mt::clear_log(), "ending the log");
    seen->over = true;
    expect(seen->all >= 1 && seen->wrong == 0, seen->all.load(), " lines, ", seen->wrong.load(), " wrong");
    must(client.put(bytes(4)), "putting");
    client.close();
    expect(seen->late == 0, seen->late.load(), " lines after the log was ended");
}

constexpr behaviour operation_list[] = {
    {"operation.completion", show_completion, true},
    {"operation.descriptor", show_descriptor, true},
    {"operation.wait", show_wait, true},
    {"operation.cancel", show_cancel, true},
    {"operation.destroy", show_destroy, true},
    {"log.lines", show_log, true},
};

} // namespace

group stream_behaviours()
{
    return stream_list;
}

group operation_behaviours()
{
    return operation_list;
}
