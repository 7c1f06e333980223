// The shortest useful program: puts a file into a cluster and gets it back.
//
//     megatorrent cluster up
//     c++ -std=c++20 put_get.cpp $(pkg-config --cflags --libs megatorrent) -o put_get
//     ./put_get [FILE]
#include <megatorrent/megatorrent.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>

int main(int argc, char **argv)
{
    std::filesystem::path path = argc > 1 ? argv[1] : "put_get.txt";
    if (argc == 1)
        std::ofstream(path) << "any bytes\n";

    auto opened = megatorrent::client::open(); // the cluster of `megatorrent cluster up` or MEGATORRENT_CLUSTER
    if (!opened && opened.error().status == megatorrent::status::unreachable && std::getenv("MEGATORRENT_CLUSTER") == nullptr)
    {
        std::cout << "skip put and get: no cluster runs here; start one with `megatorrent cluster up`\n";
        return 0;
    }

    try
    {
        megatorrent::client client = std::move(opened).value();
        auto put = client.put_file(path).value();
        client.get_file(path.string() + ".copy", put.capability, {.overwrite = true}).value();
        std::cout << "ok " << path << " is stored in " << put.blobs_stored << " blobs, and came back\n";
    }
    catch (const megatorrent::error &failed)
    {
        std::cout << "not ok put and get: " << failed.what() << '\n';
        return 1;
    }

    return 0;
}
