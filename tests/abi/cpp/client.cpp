// The client: part 11 of the header.
#include "suite.hpp"

#include <array>
#include <atomic>
#include <future>
#include <thread>

namespace
{

mt::client_options explicit_options()
{
    mt::client_options how;
    how.cluster = environment("MEGATORRENT_CLUSTER");
    if (environment("MEGATORRENT_CREDENTIAL").starts_with("mtcred1:"))
        how.credential = environment("MEGATORRENT_CREDENTIAL");
    else
        how.credential_path = environment("MEGATORRENT_CREDENTIAL");
    return how;
}

void show_open()
{
    for (const mt::client_options &how : {mt::client_options(), explicit_options()})
    {
        auto client = must(mt::client::open(how), "opening");
        auto seen = must(client.status(), "the status");
        expect(
            seen.members >= 6 && seen.living_members == seen.members && seen.failure_domains >= 6, seen.members, " members, ",
            seen.living_members, " living, in ", seen.failure_domains, " domains");
    }
}

void show_put_get()
{
    for (std::size_t length : {1u, 1000u, 65536u, 1048576u, 5000001u})
    {
        bytes data = pattern(length, 1);
        auto done = must(shared_client().put(data), "putting ", length);
        expect(
            done.bytes == length && done.incomplete_stripes == 0 && done.missing_blobs == 0 && done.stripes >= 1, length, " bytes: ",
            done.bytes, " bytes, ", done.incomplete_stripes, " incomplete stripes");
        expect_content(done.capability, data);
    }
}

void show_files()
{
    bytes data = pattern(3000000, 2);
    write_file(temp_path("from.bin"), data);
    auto done = must(shared_client().put_file(temp_path("from.bin")), "putting a file");
    auto got = must(shared_client().get_file(temp_path("to.bin"), done.capability), "getting it");
    expect(read_file(temp_path("to.bin")) == data && got.bytes == data.size(), "another file came back");
    expect(!std::filesystem::exists(temp_path("to.bin.mtpart")), "the unfinished file is still there");
    auto name = must(must(shared_client().open_object(done.capability)).name());
    expect(name == "from.bin", "its name is ", name);
}

void show_empty()
{
    expect_content(put({}), {});
    write_file(temp_path("empty"), {});
    auto done = must(shared_client().put_file(temp_path("empty")), "putting an empty file");
    must(shared_client().get_file(temp_path("empty.copy"), done.capability), "getting it");
    expect(read_file(temp_path("empty.copy")).empty(), "it is not empty");
}

void show_directory()
{
    namespace fs = std::filesystem;
    auto from = temp_path("a"), to = temp_path("b");
    bytes two = pattern(100000, 3);
    fs::create_directories(from / "sub" / "none");
    write_file(from / "one", std::string_view("1"));
    write_file(from / "sub" / "two", two);
    write_file(from / "sub" / "empty", {});
    fs::create_symlink("one", from / "link");
    auto capability = must(shared_client().put_file(from), "putting a directory").capability;
    must(shared_client().get_file(to, capability), "getting it");
    auto count = std::distance(fs::recursive_directory_iterator(to), fs::recursive_directory_iterator());
    expect(count == 6, count, " names of 6 came back");
    expect(
        same(read_file(to / "one"), std::string_view("1")) && read_file(to / "sub" / "two") == two &&
            read_file(to / "sub" / "empty").empty(),
        "other files came back");
    expect(fs::is_directory(to / "sub" / "none") && fs::read_symlink(to / "link") == "one", "other entries came back");

    auto object = must(shared_client().open_object(capability), "opening it");
    auto info = must(object.info());
    expect(info.kind == mt::manifest_kind::directory && info.length == 100001 && must(object.name()) == "a", "it is another object");
    std::vector<std::pair<std::string, mt::entry_kind>> entries;
    for (std::uint32_t i = 0; i < info.entry_count; i++)
    {
        auto entry = must(object.entry(i), "entry ", i);
        entries.emplace_back(entry.path, entry.kind);
        std::uint64_t length = entry.path == "one" ? 1 : entry.path == "sub/two" ? two.size() : 0;
        expect(entry.length == length, entry.path, " has ", entry.length, " bytes");
        if (entry.path == "sub/two")
        {
            bytes got(two.size());
            expect(must(object.read(got, entry.offset)) == two.size() && got == two, "sub/two is not at its offset");
        }
    }

    using mt::entry_kind;
    const decltype(entries) expected{
        {"link", entry_kind::link},           {"one", entry_kind::file},           {"sub", entry_kind::directory},
        {"sub/empty", entry_kind::file}, {"sub/none", entry_kind::directory}, {"sub/two", entry_kind::file}};
    expect(entries == expected, "its entries are others, or not in order");
    must_fail(object.entry(info.entry_count), status::invalid_argument, "an entry past the last");
}

void show_object()
{
    mt::put_options how;
    how.name = "photo.jpg";
    auto done = must(shared_client().put(pattern(3000000, 1), how), "putting");
    auto object = must(shared_client().open_object(done.capability), "opening it");
    auto info = must(object.info());
    expect(
        info.kind == mt::manifest_kind::file && info.length == 3000000 && info.entry_count == 0 && must(object.name()) == "photo.jpg",
        "it is another object");
}

void show_ranges()
{
    bytes data = pattern(3000000, 4);
    auto capability = put(data);
    auto object = must(shared_client().open_object(capability), "opening it");
    std::vector<std::pair<std::size_t, std::size_t>> ranges{{0, 1}, {1048575, 2}, {999999, 1000003}, {2999999, 1}, {0, 3000000}};
    std::uint32_t state = 5;
    for (int i = 0; i < 20; i++)
    {
        std::size_t offset = next_number(state) % data.size();
        ranges.emplace_back(offset, next_number(state) % (data.size() - offset) + 1);
    }

    for (auto [offset, length] : ranges)
    {
        bytes_view expected(data.data() + offset, length);
        bytes got(length), again(length);
        expect(must(shared_client().read(got, capability, offset)) == length && same(got, expected), "other bytes came at ", offset);
        expect(must(object.read(again, offset)) == length && same(again, expected), "other bytes of the object came at ", offset);
    }
}

void show_past_end()
{
    bytes data = pattern(100000, 4), got(1000);
    auto capability = put(data);
    auto object = must(shared_client().open_object(capability), "opening it");
    auto both = [&](std::uint64_t offset) {
        return std::array{shared_client().read(got, capability, offset), object.read(got, offset)};
    };
    bytes_view end(data.data() + 99900, 100);
    for (auto &length : both(99900))
        expect(must(std::move(length)) == end.size() && same(bytes_view(got.data(), end.size()), end), "other bytes came");
    for (auto &length : both(100000))
        expect(must(std::move(length)) == 0, "something came at the end");
    for (auto &length : both(100001))
        must_fail(length, status::invalid_argument, "reading beyond the end");
    must_fail(shared_client().read(got, put_folder()), status::invalid_argument, "reading a directory");
}

void show_deduplicate()
{
    bytes data = pattern(3000000, 6);
    mt::put_options how;
    how.deduplicate = true;
    auto first = must(shared_client().put(data, how)), second = must(shared_client().put(data, how));
    expect_content(first.capability, data);
    expect_content(second.capability, data);
    expect(second.blobs_reused > second.blobs_stored, second.blobs_stored, " blobs stored, ", second.blobs_reused, " reused");
    expect(put(data) != put(data), "one capability without deduplication");
}

void show_schemes()
{
    bytes data = pattern(300000, 7);
    mt::put_options how;
    for (auto [k, m] : {std::pair(2u, 1u), {4u, 2u}, {1u, 2u}})
    {
        how.data_shards = k;
        how.parity_shards = m;
        auto capability = must(shared_client().put(data, how), k, "+", m).capability;
        expect_content(capability, data);
        auto report = must(shared_client().verify(capability), "verifying");
        expect(report.healthy && report.lowest_margin == static_cast<int>(m), k, "+", m, ": margin ", report.lowest_margin);
    }

    for (auto [k, m] : {std::pair(0u, 2u), {200u, 100u}})
    {
        how.data_shards = k;
        how.parity_shards = m;
        must_fail(shared_client().put(data, how), status::invalid_argument, k, "+", m);
    }
}

void show_suites()
{
    bytes data(300000);
    for (std::size_t i = 0; i < data.size(); i++)
        data[i] = static_cast<std::byte>(i % 251);
    mt::put_options how;
    for (auto suite : {mt::cipher_suite::aes_256_gcm, mt::cipher_suite::chacha20_poly1305})
        for (std::uint32_t compression = 1; compression <= 5; compression++)
        {
            how.suite = suite;
            how.compression = static_cast<mt::compression>(compression);
            expect_content(must(shared_client().put(data, how), "putting").capability, data);
        }
}

// ------------------------------------------------------------------------------------------------------------------- progress --

/// Watches an operation. It outlives it, so that a late call is seen.
struct watcher
{
    std::atomic<unsigned> calls = 0, late = 0;
    std::atomic<bool> over = false;
    std::uint64_t most = 0, total = 0;

    mt::progress_callback callback()
    {
        return [this](const mt::progress &now) {
            late += over ? 1 : 0;
            most = std::max(most, now.bytes_done);
            total = now.bytes_total.value_or(UINT64_MAX);
            calls++;
        };
    }

    /// Of a verify neither the total nor the most that was done is known exactly: it reads parity and manifests too.
    void expect_right(std::uint64_t length, bool exact, const char *what)
    {
        over = true;
        expect(calls >= 1, what, ": no call");
        expect(exact ? most == length && total == length : most >= length, what, ": at most ", most, " of ", total);
    }
};

void show_progress()
{
    std::array<watcher, 3> watchers;
    mt::put_options putting;
    mt::get_options getting;
    putting.progress = watchers[0].callback();
    getting.progress = watchers[1].callback();
    auto capability = must(shared_client().put(pattern(8 * mib, 1), putting), "putting").capability;
    watchers[0].expect_right(8 * mib, true, "put");
    must(shared_client().get_file(temp_path("progress"), capability, getting), "getting");
    watchers[1].expect_right(8 * mib, true, "get");
    must(shared_client().verify(capability, watchers[2].callback()), "verifying");
    watchers[2].expect_right(8 * mib, false, "verify");
    put(pattern(mib, 1)); // something else, while which a late call would come
    for (watcher &each : watchers)
        expect(each.late == 0, each.late.load(), " calls after the end");
}

void show_cancel_by_progress()
{
    bytes data = pattern(32 * mib, 1);
    auto capability = put(data);
    mt::put_options putting;
    mt::get_options getting;
    putting.progress = getting.progress = [](const mt::progress &) { return false; };
    must_fail(shared_client().put(data, putting), status::canceled, "a put whose callback asks for it");
    must_fail(
        shared_client().get_file(temp_path("canceled"), capability, getting), status::canceled, "a get whose callback asks for it");
    expect(!std::filesystem::exists(temp_path("canceled")), "a get that was cancelled left a file");
    expect_content(put(bytes_view(data.data(), 1000)), bytes_view(data.data(), 1000));
}

/// What the callbacks throw.
struct thrown_in_callback
{
    int number;
};

/// The call must fail with what its callback has thrown, also out of value().
template <class T>
void expect_thrown(const mt::result<T> &given, const char *what)
{
    must_fail(given, status::canceled, what);
    try
    {
        static_cast<void>(given.value());
    }
    catch (const thrown_in_callback &thrown)
    {
        expect(thrown.number == 42, what, ": another exception came out");
        return;
    }

    throw failed{say(what, ": value() throws something else, or nothing")};
}

void show_callback_throws()
{
    bytes data = pattern(8 * mib, 1);
    auto capability = put(data);
    mt::put_options putting;
    mt::get_options getting;
    mt::progress_callback throws = [](const mt::progress &) { throw thrown_in_callback{42}; };
    putting.progress = getting.progress = throws;
    expect_thrown(shared_client().put(data, putting), "put");
    expect_thrown(shared_client().put_async(data, putting).get(), "put as an operation");
    expect_thrown(shared_client().get_file(temp_path("thrown"), capability, getting), "get");
    // An operation that is complete all the same has succeeded: this one has pieces enough to be stopped between them.
    auto long_one = put(pattern(64 * mib, 2));
    expect_thrown(shared_client().verify(long_one, throws), "verify");
    expect_thrown(shared_client().verify_async(long_one, throws).get(), "verify as an operation");
    auto upload = must(shared_client().begin_upload(putting), "an upload");
    mt::result<void> written;
    for (int i = 0; i < 8 && written; i++)
        written = upload.write(data);
    if (!written)
        expect_thrown(written, "writing to an upload");
    else
        expect_thrown(upload.finish(), "finishing an upload");
    expect_content(put(bytes_view(data.data(), 1000)), bytes_view(data.data(), 1000));
}

void show_calls_inside()
{
    bool right = false;
    mt::put_options how;
    how.progress = [&](const mt::progress &) {
        auto seen = shared_client().status();
        right = mt::sha256(std::string_view("inside")).has_value() && seen && seen->members >= 6;
    };
    must(shared_client().put(pattern(mib, 1), how), "putting");
    expect(right, "a call inside a callback failed");
}

constexpr behaviour client_list[] = {
    {"client.open", show_open, true},
    {"client.put-get", show_put_get, true},
    {"client.put-file-get-file", show_files, true},
    {"client.empty", show_empty, true},
    {"client.directory", show_directory, true},
    {"client.object", show_object, true},
    {"client.range-read", show_ranges, true},
    {"client.read-past-end", show_past_end, true},
    {"client.deduplicate", show_deduplicate, true},
    {"client.schemes", show_schemes, true},
    {"client.suites", show_suites, true},
    {"client.progress", show_progress, true},
    {"client.progress-cancels", show_cancel_by_progress, true},
    {"client.callback-throws", show_callback_throws, true},
    {"client.callback-calls-back", show_calls_inside, true},
};

// --------------------------------------------------------------------------------------------------------------------- damage --

void show_refuses_to_replace()
{
    bytes data = pattern(1000, 1);
    auto capability = put(data);
    auto path = temp_path("there");
    write_file(path, std::string_view("before"));
    must_fail(shared_client().get_file(path, capability), status::invalid_argument, "getting over a file");
    expect(same(read_file(path), std::string_view("before")), "the file was changed");
    mt::get_options how;
    how.overwrite = true;
    must(shared_client().get_file(path, capability, how), "replacing a file");
    expect(read_file(path) == data, "the file was not replaced");
}

void show_missing_file()
{
    must_fail(shared_client().put_file(temp_path("nothing")), status::not_found, "putting a path where nothing is");
    must_fail(
        shared_client().get_file(temp_path("no/folder/file"), put(bytes(5))), {status::input_output, status::not_found},
        "getting into a folder that is not there");
}

void show_malformed_capabilities()
{
    bytes got(1);
    for (const json &each : vectors("capabilities.json", "bad"))
    {
        auto wrong = text(each, "text");
        if (wrong.find('\0') != std::string::npos || status_of(each) != status::malformed)
            continue;
        must_fail(shared_client().get_file(temp_path("malformed"), wrong), status::malformed, "getting ", name_of(each));
        must_fail(shared_client().read(got, wrong), status::malformed, "reading ", name_of(each));
        must_fail(shared_client().verify(wrong), status::malformed, "verifying ", name_of(each));
    }
}

void show_wrong_capabilities()
{
    bytes got(1000);
    for (const json &each : vectors("capabilities.json", "good"))
        if (name_of(each) == "read")
        {
            auto gone = {status::not_enough_shards, status::not_found};
            must_fail(shared_client().get_file(temp_path("wrong"), text(each, "text")), gone, "getting a stranger's object");
            must_fail(shared_client().read(got, text(each, "text")), gone, "reading a stranger's object");
        }

    auto info = must(mt::capability::parse(put(pattern(100000, 1))));
    *info.key->data() ^= std::byte(1);
    auto wrong = must(mt::capability::format(info));
    must_fail(shared_client().get_file(temp_path("wrong"), wrong), status::integrity, "getting with a wrong key");
    must_fail(shared_client().read(got, wrong), status::integrity, "reading with a wrong key");
}

void show_verify()
{
    mt::put_options how;
    how.data_shards = 4;
    how.parity_shards = 2;
    auto capability = must(shared_client().put(pattern(3000000, 1), how), "putting").capability;
    for (const std::string &each : {capability, must(mt::capability::to_verify(capability))})
    {
        auto report = must(shared_client().verify(each), "verifying");
        expect(
            report.healthy && report.recoverable && report.lowest_margin == 2 && report.missing_blobs == 0 && report.bad_blobs == 0 &&
                report.blobs == report.good_blobs && report.stripes == report.healthy_stripes && report.stripes >= 1,
            "margin ", report.lowest_margin, ", ", report.good_blobs, " of ", report.blobs, " blobs good");
    }
}

void show_cannot_read()
{
    bytes got(6);
    auto verify = must(mt::capability::to_verify(put(std::string_view("secret"))));
    must_fail(shared_client().get_file(temp_path("secret"), verify), status::unauthorized, "getting by a mtv1: capability");
    must_fail(shared_client().read(got, verify), status::unauthorized, "reading by a mtv1: capability");
}

void show_repair()
{
    auto report = must(shared_client().repair(put(pattern(1000000, 1))), "repairing");
    expect(
        report.stripes >= 1 && report.stripes_repaired == 0 && report.blobs_restored == 0 && report.still_missing == 0 &&
            report.unrecoverable == 0,
        report.blobs_restored, " blobs restored, ", report.still_missing, " missing, ", report.unrecoverable, " lost");
}

void show_unreachable()
{
    must_fail(mt::client::open({.cluster = "127.0.0.1:9"}), status::unreachable, "opening a closed port");
}

void show_bad_address()
{
    for (const char *address : {"", "no port", "127.0.0.1:99999"})
        must_fail(mt::client::open({.cluster = address}), status::invalid_argument, "opening \"", address, "\"");
}

void show_bad_credential()
{
    must_fail(mt::client::open({.credential = "mtcred1:x"}), status::malformed, "opening with half a credential");
    must_fail(
        mt::client::open({.credential_path = temp_path("no-credential")}), status::not_found, "opening with one that is not there");
    must_fail(
        mt::client::open(
            {.cluster = environment("MEGATORRENT_CLUSTER"), .credential = text(vectors("peers.json", "payloads")[0], "credential")}),
        status::unauthorized, "opening with another cluster's credential");
}

constexpr behaviour damage_list[] = {
    {"client.get-refuses-to-replace", show_refuses_to_replace, true},
    {"client.missing-file", show_missing_file, true},
    {"client.malformed-capability", show_malformed_capabilities, true},
    {"client.wrong-capability", show_wrong_capabilities, true},
    {"client.verify", show_verify, true},
    {"client.verify-only-cannot-read", show_cannot_read, true},
    {"client.repair", show_repair, true},
    {"client.unreachable", show_unreachable, true},
    {"client.bad-address", show_bad_address, true},
    {"client.bad-credential", show_bad_credential, true},
};

// ----------------------------------------------------------------------------------------------------------------------- busy --

void show_many_at_once()
{
    std::vector<bytes> data;
    std::vector<mt::operation<mt::put_result>> puts;
    for (std::uint32_t i = 0; i < 8; i++)
    {
        data.push_back(pattern(mib, i + 1));
        puts.push_back(shared_client().put_async(bytes(data.back())));
    }

    std::vector<std::string> capabilities;
    for (auto &each : puts)
        capabilities.push_back(must(each.get(), "a put").capability);
    std::vector<std::future<mt::result<bytes>>> gets;
    for (const std::string &each : capabilities)
        gets.push_back(std::async(std::launch::async, [&] { return shared_client().get(each); }));
    for (std::size_t i = 0; i < gets.size(); i++)
        expect(must(gets[i].get(), "a get") == data[i], "object ", i, " is another");
}

void show_close_while_busy()
{
    auto client = must(mt::client::open(), "opening");
    bytes data = pattern(64 * mib, 1);
    std::promise<void> begun;
    std::once_flag once;
    mt::put_options how;
    how.progress = [&](const mt::progress &) { std::call_once(once, [&] { begun.set_value(); }); };
    auto operation = client.put_async(data, how);
    begun.get_future().wait();
    client.close();
    auto done = operation.get();
    expect(done || done.error().status == status::canceled, "the put ended with ", done ? "success" : describe(done.error()));
    must_fail(client.status(), status::invalid_handle, "the status of a closed client");
    client.close();
}

constexpr behaviour busy_list[] = {
    {"client.many-at-once", show_many_at_once, true},
    {"client.close-while-busy", show_close_while_busy, true},
};

} // namespace

group client_behaviours()
{
    return client_list;
}

group damage_behaviours()
{
    return damage_list;
}

group busy_behaviours()
{
    return busy_list;
}
