// suite.hpp - what every group of the behaviour suite in C++ uses; ../README.md says what the suite is.
#ifndef SUITE_HPP
#define SUITE_HPP

#include <megatorrent/megatorrent.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace mt = megatorrent;
using mt::bytes;
using mt::bytes_view;
using mt::status;
using nlohmann::json;

inline constexpr std::size_t mib = 1048576;

// ------------------------------------------------------------------------------------------------------------------ verdicts --

/// What a behaviour throws that does not hold, or has no meaning here.
struct failed
{
    std::string why;
};

struct skipped
{
    std::string why;
};

template <class... Parts>
std::string say(const Parts &...parts)
{
    std::ostringstream text;
    (text << ... << parts);
    return text.str();
}

template <class... Parts>
void expect(bool holds, const Parts &...parts)
{
    if (!holds)
        throw failed{say(parts...)};
}

inline std::string describe(const mt::failure &why)
{
    return say(mt::name(why.status), ", \"", why.detail, "\"");
}

/// The value of a call that must succeed.
template <class T, class... Parts>
T must(mt::result<T> given, const Parts &...parts)
{
    if (!given)
        throw failed{say(parts..., ": ", describe(given.error()))};
    if constexpr (!std::is_void_v<T>)
        return std::move(*given);
}

/// A call must fail so, and say why.
template <class T, class... Parts>
void must_fail(const mt::result<T> &given, status expected, const Parts &...parts)
{
    expect(!given.has_value(), parts..., " succeeded, expected ", mt::name(expected));
    expect(given.error().status == expected, parts..., ": ", describe(given.error()), ", expected ", mt::name(expected));
    expect(!given.error().detail.empty(), parts..., ": ", mt::name(expected), " without a detail");
}

/// A call must fail in one of these ways.
template <class T, class... Parts>
void must_fail(const mt::result<T> &given, std::initializer_list<status> expected, const Parts &...parts)
{
    expect(!given.has_value(), parts..., " succeeded");
    expect(std::ranges::find(expected, given.error().status) != expected.end(), parts..., ": ", describe(given.error()));
    expect(!given.error().detail.empty(), parts..., ": a failure without a detail");
}

struct behaviour
{
    const char *id;
    void (*show)();
    bool needs_cluster = false;
};

using group = std::span<const behaviour>;

group hash_behaviours();
group erasure_behaviours();
group blob_behaviours();
group bencode_behaviours();
group manifest_behaviours();
group noise_behaviours();
group wire_behaviours();
group client_behaviours();
group damage_behaviours();
group busy_behaviours();
group stream_behaviours();
group operation_behaviours();
group misuse_behaviours();
group end_behaviours();

/// Runs one behaviour and prints its line; whether it did not fail.
bool run(const behaviour &shown);

// ------------------------------------------------------------------------------------------------------------------- vectors --

/// A member of a file of vectors: vectors("cid.json", "good").
const json &vectors(const char *file, const char *member);

/// The name of a case, for messages.
std::string name_of(const json &item);

std::string text(const json &item, const char *member);

/// A number, or a decimal text.
std::uint64_t number(const json &item, const char *member);
std::int64_t integer(const json &item, const char *member);

template <class T = std::uint32_t>
T small(const json &item, const char *member)
{
    return static_cast<T>(number(item, member));
}

/// Hex, or a pattern.
bytes bytes_of(const json &item);
bytes bytes_of(const json &item, const char *member);

template <class Fixed>
Fixed fixed(const json &item, const char *member)
{
    return must(Fixed::copy(bytes_of(item, member)), name_of(item), ", ", member);
}

/// The status that is named, in the member "status" or another.
status status_of(const json &item, const char *member = "status");

std::string hex(bytes_view data);

/// Bytes of the generator of erasure.json with a seed, and its next number.
bytes pattern(std::size_t length, std::uint32_t seed);
std::uint32_t next_number(std::uint32_t &state);

inline bool same(bytes_view left, bytes_view right)
{
    return std::ranges::equal(left, right);
}

// ------------------------------------------------------------------------------------------------------------- cluster, files --

bool have_cluster();

/// The client that the behaviours share: opened when it is first needed.
mt::client &shared_client();
void close_shared_client();

/// Puts with the defaults; the capability.
std::string put(bytes_view data);

/// Reads a whole object through its capability and compares it.
void expect_content(std::string_view capability, bytes_view data);

/// Puts a folder with one file, "one".
std::string put_folder();

std::filesystem::path temp_path(std::string_view name);
void remove_temp_folder();
void write_file(const std::filesystem::path &path, bytes_view data);
bytes read_file(const std::filesystem::path &path);

/// Starts a program, and waits: its exit code, or minus the signal.
int run_program(const std::string &path, const std::vector<std::string> &arguments, std::chrono::seconds limit);

/// An environment variable; empty if it is not there.
std::string environment(const char *name);

// --------------------------------------------------------------------------------------------------------------- other verbs --

int bench(const std::string &capability);
int soak(unsigned seconds);

/// What the child process of misuse.exit-under-way does: leaves by exit in another thread, or returns what main is to return.
int exit_under_way(bool from_thread);

#endif
