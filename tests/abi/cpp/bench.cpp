// What it costs to cross the boundary, and work under load; ../README.md has both.
#include "suite.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <semaphore>
#include <thread>

#include <unistd.h>

namespace
{

using clock_type = std::chrono::steady_clock;

double nanoseconds_since(clock_type::time_point start)
{
    return std::chrono::duration<double, std::nano>(clock_type::now() - start).count();
}

double median(std::vector<double> times)
{
    std::ranges::sort(times);
    return times[times.size() / 2];
}

void print(const char *name, double nanoseconds, std::size_t length)
{
    std::cout << "bench " << name << ' ' << std::fixed << std::setprecision(1) << nanoseconds << ' ' << length << std::endl;
}

/// The median of the nanoseconds of one call over 7 batches of at least 50 ms.
template <class F>
void measure(const char *name, std::size_t length, F &&call)
{
    constexpr double batch_ns = 5e7;
    std::size_t count = 1;
    auto batch = [&] {
        auto start = clock_type::now();
        for (std::size_t i = 0; i < count; i++)
            call();
        return nanoseconds_since(start);
    };
    for (double spent = batch(); spent < batch_ns; spent = batch())
        count = spent < batch_ns / 100 ? count * 10 : static_cast<std::size_t>(static_cast<double>(count) * batch_ns / spent * 1.1) + 1;
    std::vector<double> times;
    for (int i = 0; i < 7; i++)
        times.push_back(batch() / static_cast<double>(count));
    print(name, median(times), length);
}

} // namespace

int bench(const std::string &capability)
{
    bytes memory = pattern(mib, 1), blob(mt::blob::bound(mib));
    std::vector<bytes> data, parity(2, bytes(mib / 4));
    for (std::uint32_t i = 0; i < 4; i++)
        data.push_back(pattern(mib / 4, i + 1));
    auto code = must(mt::reed_solomon::create(4, 2));
    const mt::blob::options how{mt::cipher_suite::aes_256_gcm, mt::compression::none, std::nullopt};
    measure("empty", 0, [] { expect(mt::abi_version() != 0, "no version"); });
    measure("sha256-64", 64, [&, part = bytes_view(memory.data(), 64)] { must(mt::sha256(part), "hash"); });
    measure("seal-1m", mib, [&] { must(mt::blob::seal_into(blob, memory, how), "seal"); });
    measure("encode-1m", mib, [&] { must(code.encode(parity, data), "encode"); });
    if (capability.empty())
        return 0;

    bytes got(must(must(shared_client().open_object(capability)).info()).length);
    std::vector<double> times;
    for (int i = 0; i < 3; i++)
    {
        auto start = clock_type::now();
        auto length = must(shared_client().read(got, capability), "reading");
        times.push_back(nanoseconds_since(start));
        expect(length == got.size(), length, " bytes came of ", got.size());
    }

    print("get-256m", median(times), got.size());
    return 0;
}

namespace
{

constexpr std::size_t object_length_max = 3000000;
unsigned soak_seconds;

std::uint64_t resident_bytes()
{
    std::uint64_t all = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// One round of a worker: put, get, compare, verify; a stream and operations that are given up; calls that must be refused.
void work_once(mt::client *client, std::uint32_t &state, std::atomic<std::uint64_t> &operations)
{
    bytes data = pattern(next_number(state) % object_length_max, next_number(state));
    auto sealed = must(mt::blob::seal(bytes_view(data).first(std::min(data.size(), mib))), "seal");
    expect(
        same(must(mt::blob::open(sealed.key, sealed.blob), "open"), bytes_view(data).first(std::min(data.size(), mib))),
        "a blob gives other bytes");
    expect(!mt::reed_solomon::create(0, 1) && !mt::cid::parse("no cid") && !mt::manifest::open(data), "something wrong was taken");
    operations += 6;
    if (client == nullptr)
        return;

    auto capability = must(client->put(data), "put").capability;
    expect(must(client->get(capability), "get") == data, "a get gives other bytes");
    expect(must(client->verify(capability), "verify").recoverable, "an object cannot be recovered");
    mt::object_istream in(must(client->open_object(capability), "open"));
    std::string begin(std::min<std::size_t>(1000, data.size()), '\0');
    in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    expect(same(begin, bytes_view(data).first(begin.size())), "a stream gives other bytes");
    auto canceled = client->read_async(data, capability);
    must(canceled.cancel(), "cancel");
    must(canceled.wait(), "wait");
    auto given_up = client->put_async(bytes(data));
    mt::put_options how;
    how.progress = [](const mt::progress &) { throw failed{"thrown inside"}; };
    expect(!client->put(pattern(mib, 1), how), "a put goes on although its callback throws");
    operations += 8;
}

void soak_all()
{
    constexpr std::size_t count = 3;
    auto start = clock_type::now(), until = start + std::chrono::seconds(soak_seconds);
    std::atomic<std::uint64_t> operations = 0;
    std::array<std::string, count> wrong;
    std::array<std::thread, count> threads;
    std::counting_semaphore<count> over(0);
    for (std::uint32_t t = 0; t < count; t++)
        threads[t] = std::thread([&, t] {
            std::uint32_t state = t + 1;
            try
            {
                while (clock_type::now() < until)
                {
                    std::optional<mt::client> client;
                    if (have_cluster())
                        client = must(mt::client::open(), "opening");
                    for (int round = 0; round < 20 && clock_type::now() < until; round++)
                        work_once(client ? &*client : nullptr, state, operations);
                }
            }
            catch (const failed &end)
            {
                wrong[t] = end.why;
            }

            over.release();
        });

    std::uint64_t early = 0;
    auto next = start + std::chrono::seconds(10);
    for (std::size_t running = count; running > 0;)
    {
        if (over.try_acquire_until(next))
        {
            running--;
            continue;
        }

        auto spent = std::chrono::duration_cast<std::chrono::seconds>(clock_type::now() - start);
        std::cout << "soak " << spent.count() << ' ' << resident_bytes() << ' ' << operations << std::endl;
        if (early == 0 && spent.count() * 5 >= soak_seconds)
            early = resident_bytes();
        next += std::chrono::seconds(10);
    }

    for (auto &thread : threads)
        thread.join();
    for (const std::string &why : wrong)
        expect(why.empty(), why);
    auto late = resident_bytes();
    expect(
        early == 0 || late <= early + early * 15 / 100 + 32 * mib, late, " bytes are resident, ", early, " were after a fifth of the time");
}

} // namespace

int soak(unsigned seconds)
{
    soak_seconds = seconds;
    return run({"soak", soak_all}) ? 0 : 1;
}
