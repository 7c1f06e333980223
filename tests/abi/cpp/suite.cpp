// The behaviour suite of libmegatorrent in C++, through the binding.
//
//     suite behaviours VECTORS     shows every behaviour of VECTORS/behaviours.json that C++ has
//     suite put FILE               puts a file and prints its capability
//     suite get CAPABILITY PATH    gets a file
//     suite bench [CAPABILITY]     what it costs to cross the boundary
//     suite soak SECONDS           works under load, and sees that memory stays flat
#include "suite.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

std::filesystem::path vectors_folder = "tests/vectors";

std::string one_line(std::string text)
{
    std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

void print(std::string_view verdict, const behaviour &shown, const std::string &why)
{
    std::cout << verdict << ' ' << shown.id << (why.empty() ? "" : ": ") << one_line(why) << std::endl;
}

} // namespace

bool run(const behaviour &shown)
{
    try
    {
        if (shown.needs_cluster && !have_cluster())
            throw skipped{"no cluster"};
        shown.show();
        print("ok", shown, "");
        return true;
    }
    catch (const skipped &end)
    {
        print("skip", shown, end.why);
        return true;
    }
    catch (const failed &end)
    {
        print("not ok", shown, end.why);
    }
    catch (const std::exception &end)
    {
        print("not ok", shown, end.what());
    }

    return false;
}

// ------------------------------------------------------------------------------------------------------------------- vectors --

const json &vectors(const char *file, const char *member)
{
    static std::map<std::string, json> loaded;
    auto found = loaded.find(file);
    if (found == loaded.end())
    {
        std::ifstream stream(vectors_folder / file);
        expect(stream.is_open(), file, " cannot be opened");
        found = loaded.emplace(file, json::parse(stream)).first;
    }

    return found->second.at(member);
}

std::string name_of(const json &item)
{
    return item.is_object() && item.contains("name") ? item.at("name").get<std::string>() : "a case without a name";
}

std::string text(const json &item, const char *member)
{
    return item.at(member).get<std::string>();
}

std::uint64_t number(const json &item, const char *member)
{
    const json &value = item.at(member);
    return value.is_string() ? std::stoull(value.get<std::string>()) : value.get<std::uint64_t>();
}

std::int64_t integer(const json &item, const char *member)
{
    const json &value = item.at(member);
    return value.is_string() ? std::stoll(value.get<std::string>()) : value.get<std::int64_t>();
}

std::uint32_t next_number(std::uint32_t &state)
{
    return state = state * 1664525u + 1013904223u;
}

bytes pattern(std::size_t length, std::uint32_t seed)
{
    bytes made(length);
    for (std::byte &each : made)
        each = static_cast<std::byte>(next_number(seed) >> 24);
    return made;
}

bytes bytes_of(const json &item)
{
    if (item.is_object())
        return pattern(number(item, "length"), small(item, "pattern"));
    auto digits = item.get<std::string>();
    expect(digits.size() % 2 == 0, "an odd number of hex digits");
    bytes made;
    made.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2)
        made.push_back(static_cast<std::byte>(std::stoul(digits.substr(i, 2), nullptr, 16)));
    return made;
}

bytes bytes_of(const json &item, const char *member)
{
    return bytes_of(item.at(member));
}

status status_of(const json &item, const char *member)
{
    auto wanted = text(item, member);
    for (const json &each : vectors("status.json", "statuses"))
        if (text(each, "name") == wanted)
            return static_cast<status>(integer(each, "value"));
    throw failed{say(wanted, " is not in status.json")};
}

std::string hex(bytes_view data)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string made;
    for (std::byte each : data)
    {
        made.push_back(digits[std::to_integer<unsigned>(each) >> 4]);
        made.push_back(digits[std::to_integer<unsigned>(each) & 15u]);
    }

    return made;
}

// ------------------------------------------------------------------------------------------------------------- cluster, files --

namespace
{

std::optional<mt::client> client;
std::filesystem::path temp_folder;

} // namespace

std::string environment(const char *name)
{
    const char *value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool have_cluster()
{
    return !environment("MEGATORRENT_CLUSTER").empty() && !environment("MEGATORRENT_CREDENTIAL").empty();
}

mt::client &shared_client()
{
    if (!client)
        client = must(mt::client::open(), "opening a client");
    return *client;
}

void close_shared_client()
{
    client.reset();
}

std::string put(bytes_view data)
{
    return must(shared_client().put(data), "putting ", data.size(), " bytes").capability;
}

void expect_content(std::string_view capability, bytes_view data)
{
    bytes got = must(shared_client().get(capability), "getting ", data.size(), " bytes");
    expect(same(got, data), "other bytes came back, ", got.size(), " of ", data.size());
}

std::string put_folder()
{
    std::filesystem::create_directories(temp_path("folder"));
    write_file(temp_path("folder") / "one", std::string_view("1"));
    return must(shared_client().put_file(temp_path("folder")), "putting a folder").capability;
}

std::filesystem::path temp_path(std::string_view name)
{
    if (temp_folder.empty())
    {
        std::string made = (std::filesystem::temp_directory_path() / "megatorrent-suite-XXXXXX").string();
        expect(mkdtemp(made.data()) != nullptr, made, " cannot be made");
        temp_folder = made;
    }

    return temp_folder / name;
}

void remove_temp_folder()
{
    std::error_code ignored; // what cannot be removed is no matter of the behaviours
    if (!temp_folder.empty())
        std::filesystem::remove_all(temp_folder, ignored);
}

void write_file(const std::filesystem::path &path, bytes_view data)
{
    std::ofstream stream(path, std::ios::binary);
    stream.write(data.text().data(), static_cast<std::streamsize>(data.size()));
    stream.close();
    expect(!stream.fail(), path, " cannot be written");
}

bytes read_file(const std::filesystem::path &path)
{
    std::ifstream stream(path, std::ios::binary);
    expect(stream.is_open(), path, " cannot be read");
    bytes content(std::filesystem::file_size(path));
    stream.read(reinterpret_cast<char *>(content.data()), static_cast<std::streamsize>(content.size()));
    expect(static_cast<std::size_t>(stream.gcount()) == content.size(), path, " is cut");
    return content;
}

int run_program(const std::string &path, const std::vector<std::string> &arguments, std::chrono::seconds limit)
{
    std::vector<std::string> kept{path};
    kept.insert(kept.end(), arguments.begin(), arguments.end());
    std::vector<char *> list;
    for (std::string &each : kept)
        list.push_back(each.data());
    list.push_back(nullptr);

    // The child holds the writing end as long as it lives, so the reading end says when it is gone.
    int ends[2];
    expect(pipe(ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0, "no pipe");
    pid_t process = 0;
    bool started = posix_spawn(&process, path.c_str(), nullptr, nullptr, list.data(), environ) == 0;
    close(ends[1]);
    pollfd end{ends[0], POLLIN, 0};
    bool ended = started && poll(&end, 1, static_cast<int>(std::chrono::milliseconds(limit).count())) == 1;
    close(ends[0]);
    expect(started, path, " cannot be started");
    if (!ended)
        kill(process, SIGKILL);
    int state = 0;
    waitpid(process, &state, 0);
    expect(ended, path, " had not ended after ", limit.count(), " s");
    return WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
}

// --------------------------------------------------------------------------------------------------------------------- verbs --

namespace
{

int behaviours(const char *folder)
{
    vectors_folder = folder;
    bool good = true;
    for (group each :
         {hash_behaviours(), erasure_behaviours(), blob_behaviours(), bencode_behaviours(), manifest_behaviours(), noise_behaviours(),
          wire_behaviours(), client_behaviours(), damage_behaviours(), busy_behaviours(), stream_behaviours(), operation_behaviours(),
          misuse_behaviours(), end_behaviours()})
        for (const behaviour &shown : each)
            good &= run(shown);
    return good ? 0 : 1;
}

int verb(const std::vector<std::string> &arguments)
{
    const std::string name = arguments.empty() ? "" : arguments[0];
    const std::size_t count = arguments.size();
    if (name == "behaviours" && count == 2)
        return behaviours(arguments[1].c_str());
    if (name == "put" && count == 2)
    {
        std::cout << mt::client::open().value().put_file(arguments[1]).value().capability << std::endl;
        return 0;
    }

    if (name == "get" && count == 3)
    {
        static_cast<void>(mt::client::open().value().get_file(arguments[2], arguments[1]).value());
        return 0;
    }

    if (name == "bench" && count <= 2)
        return bench(count == 2 ? arguments[1] : "");
    if (name == "soak" && count == 2)
        return soak(static_cast<unsigned>(std::stoul(arguments[1])));
    std::cerr << "usage: suite behaviours VECTORS | put FILE | get CAPABILITY PATH | bench [CAPABILITY] | soak SECONDS" << std::endl;
    return 2;
}

} // namespace

int main(int argc, char **argv)
{
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 2 && arguments[0] == "exit-under-way")
        return exit_under_way(arguments[1] == "thread"); // nothing is closed: that is the point
    int code = 1;
    try
    {
        code = verb(arguments);
    }
    catch (const failed &end)
    {
        std::cerr << end.why << std::endl;
    }
    catch (const std::exception &end)
    {
        std::cerr << end.what() << std::endl;
    }

    close_shared_client();
    remove_temp_folder();
    return code;
}
