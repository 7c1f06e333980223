// Without waiting: an operation that is asked, one that calls back, one that a coroutine awaits, and one that a callback ends.
//
//     c++ -std=c++20 async.cpp $(pkg-config --cflags --libs megatorrent) -o async
#include <megatorrent/megatorrent.hpp>

#include <coroutine>
#include <cstdlib>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>

namespace mt = megatorrent;

// The smallest coroutine that can be waited for. A program has one of its own, from its event loop.
struct task
{
    struct promise_type
    {
        std::promise<std::string> given;

        task get_return_object() { return {given.get_future()}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_value(std::string value) { given.set_value(std::move(value)); }
        void unhandled_exception() { given.set_exception(std::current_exception()); }
    };

    std::future<std::string> given;
};

// Puts, then reads what it has put. A failure throws, and ends the coroutine.
task put_and_read(mt::client &client, std::string text)
{
    mt::put_result put = (co_await client.put_async(text)).value();
    std::string copy(text.size(), '\0');
    std::size_t length = (co_await client.read_async(copy, put.capability)).value();
    co_return copy.substr(0, length);
}

int main()
{
    auto opened = mt::client::open();
    if (!opened && opened.error().status == mt::status::unreachable && std::getenv("MEGATORRENT_CLUSTER") == nullptr)
    {
        std::cout << "skip operations: no cluster runs here; start one with `megatorrent cluster up`\n";
        return 0;
    }

    try
    {
        mt::client client = std::move(opened).value();

        // Asked: like a std::future. descriptor() is for poll, cancel() for impatience.
        mt::operation<mt::put_result> operation = client.put_async(mt::bytes(1000000)); // owns its bytes
        while (!operation.wait_for(std::chrono::milliseconds(100)).value())
            std::cout << "under way\n";
        std::cout << "ok an operation gave " << operation.get().value().bytes << " bytes\n";

        // Called back, on a thread of the library.
        std::promise<mt::result<mt::put_result>> called;
        client.put_async(mt::bytes(1000)).then([&](mt::result<mt::put_result> put) { called.set_value(std::move(put)); });
        std::cout << "ok a callback had " << called.get_future().get().value().bytes << " bytes\n";

        // Awaited.
        std::string text = put_and_read(client, "awaited").given.get();
        std::cout << (text == "awaited" ? "ok" : "not ok") << " a coroutine read \"" << text << "\"\n";

        // Ended by what its progress callback throws, which comes out of value().
        mt::put_options options;
        options.progress = [](const mt::progress &) { throw std::runtime_error("enough"); };
        auto ended = client.put_async(mt::bytes(20000000), options).get();
        try
        {
            static_cast<void>(ended.value());
        }
        catch (const std::runtime_error &thrown)
        {
            bool right = std::string(thrown.what()) == "enough";
            std::cout << (right ? "ok" : "not ok") << " what the callback threw came out: " << thrown.what() << '\n';
            return right && text == "awaited" ? 0 : 1;
        }

        std::cout << "not ok what the callback threw did not come out\n";
        return 1;
    }
    catch (const std::exception &failed)
    {
        std::cout << "not ok operations: " << failed.what() << '\n';
        return 1;
    }
}
