// What is longer than memory: written to a std::ostream, read from a std::istream, and from any place in it.
//
//     c++ -std=c++20 streams.cpp $(pkg-config --cflags --libs megatorrent) -o streams
#include <megatorrent/megatorrent.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

int main()
{
    constexpr int lines = 1000000;
    auto opened = megatorrent::client::open();
    if (!opened && opened.error().status == megatorrent::status::unreachable && std::getenv("MEGATORRENT_CLUSTER") == nullptr)
    {
        std::cout << "skip streams: no cluster runs here; start one with `megatorrent cluster up`\n";
        return 0;
    }

    try
    {
        megatorrent::client client = std::move(opened).value();

        megatorrent::upload_ostream out(client.begin_upload({.name = "numbers.txt"}).value());
        for (int i = 0; i < lines; i++)
            out << i << '\n';
        auto put = out.finish().value(); // before this nothing is acknowledged; a failure of any << comes out here too
        std::cout << "ok " << put.bytes << " bytes are stored as " << put.stored_bytes << '\n';

        auto object = client.open_object(put.capability).value();
        std::cout << "it is named " << object.name().value() << '\n';
        megatorrent::object_istream in(std::move(object));
        std::string line;
        int count = 0;
        while (std::getline(in, line) && line == std::to_string(count))
            count++;
        if (in.bad())
            in.failure()->raise();

        in.clear(); // it was at its end
        in.seekg(-8, std::ios::end);
        std::getline(in, line);
        std::getline(in, line);
        bool right = count == lines && line == "999999";
        std::cout << (right ? "ok " : "not ok ") << count << " lines came back, the last of them is " << line << '\n';
        return right ? 0 : 1;
    }
    catch (const megatorrent::error &failed)
    {
        std::cout << "not ok streams: " << failed.what() << '\n';
        return 1;
    }
}
