// What no reasonable program does, and the end of the process and of the cluster.
#include "suite.hpp"

#include <array>
#include <cstdlib>
#include <semaphore>
#include <thread>

namespace
{

mt::noise::session new_session()
{
    mt::noise::options how;
    how.initiator = true;
    how.static_secret = must(mt::x25519::generate()).secret;
    return must(mt::noise::session::create(how));
}

/// Calls everything that there is on objects which own nothing any more.
template <class T>
T emptied(T object)
{
    T other(std::move(object));
    return object; // moved from, and returned as it is
}

void expect_refused(mt::reed_solomon &code)
{
    std::vector<bytes> data(4, bytes(16)), parity(2, bytes(16)), all(6, bytes(16));
    std::vector<bool> present(6, true);
    must_fail(code.encode(parity, data), status::invalid_handle, "encode");
    must_fail(code.verify(all), status::invalid_handle, "verify");
    must_fail(code.reconstruct(all, present), status::invalid_handle, "reconstruct");
    must_fail(code.update(parity, 0, data[0], data[1]), status::invalid_handle, "update");
}

void show_closed()
{
    auto code = emptied(must(mt::reed_solomon::create(4, 2)));
    expect_refused(code);
    code = emptied(std::move(code));
    expect_refused(code);

    auto reader = emptied(must(mt::bencode::reader::create(std::string_view("le"))));
    must_fail(reader.next(), status::invalid_handle, "next");
    must_fail(reader.skip(), status::invalid_handle, "skip");

    auto writer = emptied(must(mt::bencode::writer::create()));
    must_fail(writer.integer(1), status::invalid_handle, "integer");
    must_fail(writer.bytes({}), status::invalid_handle, "bytes");
    must_fail(writer.key({}), status::invalid_handle, "key");
    must_fail(writer.begin_list(), status::invalid_handle, "begin_list");
    must_fail(writer.begin_dictionary(), status::invalid_handle, "begin_dictionary");
    must_fail(writer.end(), status::invalid_handle, "end");
    must_fail(writer.finish(), status::invalid_handle, "finish");

    auto manifest = emptied(must(mt::manifest::create({}, "name")));
    must_fail(manifest.info(), status::invalid_handle, "info");
    must_fail(manifest.name(), status::invalid_handle, "name");
    must_fail(manifest.stream(0), status::invalid_handle, "stream");
    must_fail(manifest.stripe(0, 0), status::invalid_handle, "stripe");
    must_fail(manifest.blob(0, 0, 0), status::invalid_handle, "blob");
    must_fail(manifest.add_stream(0), status::invalid_handle, "add_stream");
    must_fail(manifest.add_copied({}, 2), status::invalid_handle, "add_copied");
    must_fail(manifest.seal(), status::invalid_handle, "seal");

    auto session = emptied(new_session());
    must_fail(session.state(), status::invalid_handle, "state");
    must_fail(session.write(), status::invalid_handle, "write");
    must_fail(session.read(bytes(100)), status::invalid_handle, "read");
    must_fail(session.remote_key(), status::invalid_handle, "remote_key");
    must_fail(session.handshake_hash(), status::invalid_handle, "handshake_hash");
    expect(session.write_bound(1) == 0, "there is a bound");

    if (!have_cluster())
        return;
    bytes got(10);
    auto capability = put(std::string_view("closed"));
    auto client = must(mt::client::open());
    auto object = emptied(must(client.open_object(capability)));
    auto download = emptied(must(must(client.open_object(capability)).begin_download()));
    auto upload = must(client.begin_upload());
    auto other_upload = std::move(upload);
    must_fail(object.info(), status::invalid_handle, "info");
    must_fail(object.name(), status::invalid_handle, "name");
    must_fail(object.entry(0), status::invalid_handle, "entry");
    must_fail(object.read(got, 0), status::invalid_handle, "read");
    must_fail(object.read_async(got, 0).get(), status::invalid_handle, "read_async");
    must_fail(object.begin_download(), status::invalid_handle, "begin_download");
    must_fail(download.read(got), status::invalid_handle, "read");
    must_fail(download.read_async(got).get(), status::invalid_handle, "read_async");
    must_fail(upload.write(got), status::invalid_handle, "write");
    must_fail(upload.write_async(got).get(), status::invalid_handle, "write_async");
    must_fail(upload.finish(), status::invalid_handle, "finish");
    must_fail(upload.finish_async().get(), status::invalid_handle, "finish_async");

    client.close();
    client.close();
    must_fail(client.put(got), status::invalid_handle, "put");
    must_fail(client.put_file("/nowhere"), status::invalid_handle, "put_file");
    must_fail(client.get_file("/nowhere/file", capability), status::invalid_handle, "get_file");
    must_fail(client.get(capability), status::invalid_handle, "get");
    must_fail(client.read(got, capability), status::invalid_handle, "read");
    must_fail(client.verify(capability), status::invalid_handle, "verify");
    must_fail(client.repair(capability), status::invalid_handle, "repair");
    must_fail(client.status(), status::invalid_handle, "status");
    must_fail(client.open_object(capability), status::invalid_handle, "open_object");
    must_fail(client.begin_upload(), status::invalid_handle, "begin_upload");
    must_fail(client.put_async(got).get(), status::invalid_handle, "put_async");
    must_fail(client.put_async(bytes(10)).get(), status::invalid_handle, "put_async");
    must_fail(client.verify_async(capability).get(), status::invalid_handle, "verify_async");
    must_fail(client.open_object_async(capability).get(), status::invalid_handle, "open_object_async");
    auto operation = shared_client().put_async(bytes(10));
    auto moved = std::move(operation);
    must_fail(operation.cancel(), status::state, "cancelling an operation that was given away");
    must_fail(operation.get(), status::state, "an operation that was given away");
    must(moved.get(), "the operation");
}

void show_destroy()
{
    // Assigned over, moved from and moved into itself; what is owned is destroyed once, which the next use of the other would show.
    auto first = must(mt::reed_solomon::create(4, 2)), second = must(mt::reed_solomon::create(2, 1));
    first = std::move(second);
    second = std::move(first);
    auto &same_one = second;
    second = std::move(same_one);
    std::vector<bytes> data(2, bytes(16)), parity(1, bytes(16));
    must(second.encode(parity, data), "a code that was moved back and forth");
    auto gone = emptied(must(mt::bencode::writer::create()));
    auto gone_too = emptied(std::move(gone));
    gone = std::move(gone_too);
    must_fail(gone.end(), status::invalid_handle, "a writer that was moved from");

    for (auto destroy :
         {+[] { mt_rs_destroy(nullptr); }, +[] { mt_bencode_reader_destroy(nullptr); }, +[] { mt_bencode_writer_destroy(nullptr); },
          +[] { mt_manifest_destroy(nullptr); }, +[] { mt_noise_destroy(nullptr); }, +[] { mt_client_close(nullptr); },
          +[] { mt_object_destroy(nullptr); }, +[] { mt_download_destroy(nullptr); }, +[] { mt_upload_destroy(nullptr); },
          +[] { mt_operation_destroy(nullptr); }})
        destroy();
}

void show_lengths()
{
    static const std::byte memory[64] = {};
    auto too_long = {status::length, status::limit_exceeded};
    for (std::size_t length : {SIZE_MAX, static_cast<std::size_t>(PTRDIFF_MAX) + 1})
    {
        bytes_view wrong(memory, length);
        bytes dst(64);
        std::array messages{bytes_view(memory, 1), wrong};
        must_fail(mt::sha256(wrong), too_long, "sha256");
        must_fail(mt::sha256_many(messages), too_long, "sha256_many");
        must_fail(mt::merkle_root(wrong), too_long, "merkle_root");
        must_fail(mt::blob::seal(wrong), too_long, "seal");
        must_fail(mt::blob::seal_into(dst, wrong), too_long, "seal_into");
        must_fail(mt::blob::inspect(wrong), too_long, "inspect");
        must_fail(mt::blob::open({}, wrong), too_long, "open");
        must_fail(mt::ed25519::sign({}, wrong), too_long, "sign");
        must_fail(mt::ed25519::verify({}, {}, wrong), too_long, "verify");
        must_fail(mt::bencode::reader::create(wrong), too_long, "reader");
        must_fail(must(mt::bencode::writer::create()).bytes(wrong), too_long, "bytes");
        must_fail(mt::manifest::open(wrong), too_long, "manifest");
        must_fail(new_session().write(wrong), too_long, "write");
        must_fail(mt::noise::check_peer_payload(wrong, {}, {}), too_long, "check_peer_payload");
        must_fail(mt::wire::decode(wrong), too_long, "decode");
        std::array<bytes_view, 2> data{wrong, wrong};
        std::array<mt::bytes_span, 1> parity{mt::bytes_span(dst.data(), length)};
        must_fail(must(mt::reed_solomon::create(2, 1)).encode(parity, data), too_long, "encode");
        if (have_cluster())
        {
            must_fail(shared_client().put(wrong), too_long, "put");
            must_fail(shared_client().put_async(wrong).get(), too_long, "put_async");
            must_fail(must(shared_client().begin_upload()).write(wrong), too_long, "write");
        }
    }
}

/// The call must be refused, say how long its output is, and leave it as it is.
template <class T>
void expect_short(const mt::result<T> &given, std::size_t needed, const bytes &dst, const char *what)
{
    must_fail(given, status::buffer_too_small, what);
    expect(given.error().length_needed == needed, what, " needs ", given.error().length_needed, " bytes, not ", needed);
    expect(std::ranges::all_of(dst, [](std::byte b) { return b == std::byte(0xcd); }), what, " wrote something");
}

void show_short_destination()
{
    bytes chunk = pattern(1000, 1), dst(1031, std::byte(0xcd));
    expect_short(mt::blob::seal_into(dst, chunk), 1032, dst, "seal_into");
    auto sealed = must(mt::blob::seal(chunk));
    dst.resize(999);
    expect_short(mt::blob::open_into(dst, sealed.key, sealed.blob), 1000, dst, "open_into");

    auto initiator = new_session();
    bytes small(10, std::byte(0xcd));
    must_fail(initiator.write_into(small), status::buffer_too_small, "write_into");
    expect(must(initiator.write()).size() == 32, "the session did not live on");
    must_fail(mt::blob_id::copy(bytes(31)), status::invalid_argument, "31 bytes for an id");
}

void show_overlaps()
{
    bytes block = pattern(4096, 1);
    const bytes before = block;
    auto at = [&](std::size_t offset, std::size_t length) { return mt::bytes_span(block.data() + offset, length); };
    auto view = [&](std::size_t offset, std::size_t length) { return bytes_view(block.data() + offset, length); };
    auto code = must(mt::reed_solomon::create(2, 1));
    std::array data{view(0, 64), view(64, 64)};
    std::array all{at(0, 64), at(64, 64), at(32, 64)};
    std::array present{true, true, false};
    for (std::size_t offset : {0u, 127u, 64u})
    {
        std::array parity{at(offset, 64)};
        must_fail(code.encode(parity, data), status::overlap, "encode at ", offset);
        must_fail(code.update(parity, 0, data[0], data[1]), status::overlap, "update at ", offset);
    }

    must_fail(code.reconstruct(all, present), status::overlap, "reconstruct");
    must_fail(mt::blob::seal_into(at(0, 1032), view(0, 1000)), status::overlap, "seal over its chunk");
    must_fail(mt::blob::seal_into(at(999, 1032), view(0, 1000)), status::overlap, "seal over the last byte of its chunk");
    must_fail(mt::blob::seal_into(at(0, 1032), view(1031, 1000)), status::overlap, "seal over the first byte of its chunk");
    expect(block == before, "something was written");

    auto sealed = must(mt::blob::seal(view(0, 1000)));
    std::ranges::copy(sealed.blob, block.begin());
    const bytes with_blob = block;
    bytes_view blob = view(0, sealed.blob.size());
    must_fail(mt::blob::open_into(at(0, 1000), sealed.key, blob), status::overlap, "open over its blob");
    must_fail(mt::blob::open_into(at(blob.size() - 1, 1000), sealed.key, blob), status::overlap, "open over the last byte of its blob");
    expect(block == with_blob, "something was written");
    expect(mt_sha256(at(31, 32).native(), view(0, 32).native(), 32) == MT_ERROR_OVERLAP && block == with_blob, "a hash over its input");
}

void show_texts()
{
    for (const std::string &wrong : {std::string("\xff\xfe"), std::string(MT_TEXT_LENGTH_MAX + 1, 'x'), std::string("a\0b", 3)})
    {
        must_fail(mt::cid::parse(wrong), status::invalid_argument, "cid");
        must_fail(mt::capability::parse(wrong), status::invalid_argument, "capability");
        must_fail(mt::capability::to_verify(wrong), status::invalid_argument, "to_verify");
        must_fail(mt::manifest::create({}, wrong), status::invalid_argument, "manifest");
        must_fail(mt::noise::create_peer_payload(wrong, {}), status::invalid_argument, "credential");
        if (!have_cluster())
            continue;
        bytes got(10);
        mt::put_options how;
        how.name = wrong;
        must_fail(mt::client::open({.cluster = wrong}), status::invalid_argument, "cluster");
        must_fail(mt::client::open({.credential = wrong}), status::invalid_argument, "credential");
        must_fail(mt::client::open({.credential_path = wrong}), status::invalid_argument, "credential path");
        must_fail(mt::client::open_async({.cluster = wrong}).get(), status::invalid_argument, "cluster");
        must_fail(shared_client().put(got, how), status::invalid_argument, "name");
        must_fail(shared_client().put_async(got, how).get(), status::invalid_argument, "name");
        must_fail(shared_client().put_file(wrong), status::invalid_argument, "path");
        must_fail(shared_client().get_file(wrong, put(got)), status::invalid_argument, "path");
        must_fail(shared_client().get(wrong), status::invalid_argument, "capability");
        must_fail(shared_client().read(got, wrong), status::invalid_argument, "capability");
        must_fail(shared_client().verify_async(wrong).get(), status::invalid_argument, "capability");
        must_fail(shared_client().begin_upload(how), status::invalid_argument, "name");
    }
}

void show_many_threads()
{
    auto code = must(mt::reed_solomon::create(4, 2));
    std::array<std::string, 8> wrong;
    std::array<std::thread, 8> threads;
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    for (std::uint32_t t = 0; t < threads.size(); t++)
        threads[t] = std::thread([&, t] {
            try
            {
                std::vector<bytes> all;
                for (std::uint32_t i = 0; i < 6; i++)
                    all.push_back(pattern(4099, t * 10 + i));
                auto data = std::span(all).first(4), parity = std::span(all).subspan(4);
                auto hash = must(mt::sha256(all[0]));
                while (std::chrono::steady_clock::now() < until)
                {
                    must(code.encode(parity, data), "encode");
                    auto truth = all;
                    std::ranges::fill(all[1], std::byte(0));
                    std::ranges::fill(all[5], std::byte(0));
                    must(code.reconstruct(all, std::array{true, false, true, true, true, false}), "reconstruct");
                    expect(all == truth && must(code.verify(all)), "another parity");
                    auto sealed = must(mt::blob::seal(all[0]), "seal");
                    expect(must(mt::blob::open(sealed.key, sealed.blob), "open") == all[0], "another chunk");
                    expect(must(mt::sha256(all[0]), "hash") == hash, "another hash");
                    expect(!mt::reed_solomon::create(0, t), "a code with no data shards");
                }
            }
            catch (const failed &end)
            {
                wrong[t] = end.why;
            }
        });
    for (auto &thread : threads)
        thread.join();
    for (const std::string &why : wrong)
        expect(why.empty(), why);
}

void show_destroy_while_used()
{
    // An object of the binding must not be destroyed while another thread uses it, so this is about the handle below it.
    for (int round = 0; round < 20; round++)
    {
        mt_rs_t *rs = nullptr;
        expect(mt_rs_create(&rs, 4, 2, nullptr) == MT_OK, "no code");
        std::array<mt_status_t, 4> last{};
        std::array<std::thread, 4> threads;
        std::counting_semaphore<4> begun(0);
        for (std::size_t t = 0; t < threads.size(); t++)
            threads[t] = std::thread([&, t] {
                std::vector<bytes> all(6, bytes(4099));
                std::array<std::uint8_t *, 6> shards;
                std::ranges::transform(all, shards.begin(), [](bytes &each) { return mt::bytes_span(each).native(); });
                bool told = false;
                do
                {
                    last[t] = mt_rs_encode(rs, shards.data() + 4, shards.data(), 4099);
                    if (!std::exchange(told, true))
                        begun.release();
                } while (last[t] == MT_OK);
            });
        for (std::size_t t = 0; t < threads.size(); t++)
            begun.acquire();
        mt_rs_destroy(rs);
        for (auto &thread : threads)
            thread.join();
        for (mt_status_t each : last)
            expect(each == MT_ERROR_INVALID_HANDLE, "a thread ends with ", mt_status_name(each));
    }
}

constexpr behaviour misuse_list[] = {
    {"misuse.closed-handle", show_closed},
    {"misuse.destroy", show_destroy},
    {"misuse.lengths", show_lengths},
    {"misuse.short-destination", show_short_destination},
    {"misuse.overlap", show_overlaps},
    {"misuse.invalid-utf8", show_texts},
    {"misuse.many-threads", show_many_threads},
    {"misuse.destroy-while-used", show_destroy_while_used},
};

// ------------------------------------------------------------------------------------------------------------------------ end --

void show_exit()
{
    for (const char *way : {"main", "thread"})
    {
        int code = run_program("/proc/self/exe", {"exit-under-way", way}, std::chrono::seconds(60));
        expect(code == 0, "the end in ", way, " gives ", code);
    }
}

template <class T>
void expect_gone(mt::operation<T> operation, const char *what)
{
    expect(must(operation.wait_for(std::chrono::seconds(120)), what), what, " takes longer than 120 s");
    must_fail(operation.get(), {status::unreachable, status::not_enough_shards, status::timeout}, what);
}

void show_cluster_gone()
{
    auto program = environment("MEGATORRENT_BIN"), folder = environment("MT_CLUSTER_DATA");
    if (program.empty() || folder.empty())
        throw skipped{"no cluster of its own"};
    bytes data = pattern(5000000, 1), got(1000000);
    auto client = must(mt::client::open(), "a client");
    auto capability = put(data);
    auto object = must(client.open_object(capability), "an object");
    expect(
        run_program(program, {"cluster", "down", "--data", folder}, std::chrono::seconds(120)) == 0, "the cluster cannot be taken down");
    expect_gone(client.put_async(data), "a put");
    expect_gone(object.read_async(got, 2000000), "a read of an object");
    expect_gone(client.read_async(got, capability), "a read");
    must_fail(mt::client::open(), status::unreachable, "opening another client");
    client.close();
}

constexpr behaviour end_list[] = {
    {"misuse.exit-under-way", show_exit, true},
    {"client.cluster-gone", show_cluster_gone, true},
};

} // namespace

int exit_under_way(bool from_thread)
{
    static const bytes data = pattern(64 * mib, 1);
    static auto client = mt::client::open(); // destroyed before the data, so that nothing is under way any more when that goes
    if (!client)
        return 3;
    if (!from_thread)
    {
        // Given away, so that nothing waits for it before the statics are destroyed.
        client->put_async(data).then([](mt::result<mt::put_result>) {});
        return 0;
    }

    auto operation = client->put_async(data);
    std::thread([] { std::exit(0); }).detach();
    static_cast<void>(operation.wait());
    for (;;)
        std::this_thread::yield(); // until the other thread has ended the process
}

group misuse_behaviours()
{
    return misuse_list;
}

group end_behaviours()
{
    return end_list;
}
