// Versions, statuses, hashes, Reed-Solomon, blobs, keys, bencode: parts 1 to 7 of the header.
#include "suite.hpp"

#include <thread>

namespace
{

// ---------------------------------------------------------------------------------------------- versions, statuses, hashes --

void show_abi_version()
{
    expect(mt::abi_version() == MT_ABI_VERSION, "the library has ", mt::abi_version(), ", the header ", MT_ABI_VERSION);
    must(mt::check_version(), "checking the version");
}

void show_version_text()
{
    expect(mt::version() == MT_VERSION_STRING, "the library says ", mt::version());
}

void show_processor()
{
    auto level = mt::processor_level();
    expect(level == "x86-64-v3" || level == "x86-64-v4" || level == "portable", "the level is ", level);
    expect(mt::processor_kernels().find("erasure=") != std::string_view::npos, "the kernels are ", mt::processor_kernels());
}

void show_status_names()
{
    for (const json &each : vectors("status.json", "statuses"))
    {
        auto name = mt::name(static_cast<status>(integer(each, "value")));
        expect(name == text(each, "name"), text(each, "name"), " is named ", name);
    }

    for (int unknown : {1, -19, -1000})
        expect(std::string_view(mt::name(static_cast<status>(unknown))) == "MT_ERROR_UNKNOWN", unknown, " has a name");
}

void show_status_text()
{
    auto refused = mt::reed_solomon::create(0, 2);
    must_fail(refused, status::invalid_argument, "a code with no data shards");
    try
    {
        static_cast<void>(refused.value());
    }
    catch (const mt::error &thrown)
    {
        expect(
            thrown.status() == status::invalid_argument && thrown.detail() == refused.error().detail &&
                std::string_view(thrown.what()).starts_with("MT_ERROR_INVALID_ARGUMENT: "),
            "the exception is ", thrown.what());
        return;
    }

    throw failed{"value() threw nothing"};
}

void show_text_per_thread()
{
    std::string before(512, '\0'), after(512, '\0');
    bool had_none = false, has_own = false;
    must_fail(mt::reed_solomon::create(0, 2), status::invalid_argument, "a code with no data shards");
    mt_last_error(before.data(), before.size());
    std::thread([&] {
        had_none = mt_last_error(nullptr, 0) == 0;
        auto other = mt::reed_solomon::create(200, 200);
        has_own = !other.has_value() && mt_last_error(nullptr, 0) == other.error().detail.size();
    }).join();
    mt_last_error(after.data(), after.size());
    expect(had_none, "a new thread has an error already");
    expect(has_own, "the other thread has no error of its own");
    expect(before == after, "the error of another thread became ours");
}

void show_sha256()
{
    for (const json &each : vectors("sha256.json", "cases"))
    {
        auto hash = must(mt::sha256(bytes_of(each, "data")), name_of(each));
        expect(hash.hex() == text(each, "sha256"), name_of(each), " gives ", hash.hex());
    }
}

void show_sha256_many()
{
    const json &cases = vectors("sha256.json", "cases");
    std::vector<bytes> kept;
    for (const json &each : cases)
        kept.push_back(bytes_of(each, "data"));
    std::vector<bytes_view> messages(kept.begin(), kept.end());
    auto hashes = must(mt::sha256_many(messages), "hashing at once");
    for (std::size_t i = 0; i < hashes.size(); i++)
        expect(hashes[i].hex() == text(cases[i], "sha256"), name_of(cases[i]), " gives ", hashes[i].hex());
    expect(must(mt::sha256_many({}), "hashing no message").empty(), "no message has a hash");
}

void show_merkle_root()
{
    for (const json &each : vectors("merkle.json", "cases"))
    {
        auto root = must(mt::merkle_root(bytes_of(each, "data")), name_of(each));
        expect(root.hex() == text(each, "root"), name_of(each), " gives ", root.hex());
    }
}

void show_good_cids()
{
    for (const json &each : vectors("cid.json", "good"))
    {
        auto id = fixed<mt::blob_id>(each, "id");
        expect(must(mt::cid::format(id), name_of(each)) == text(each, "text"), name_of(each), " is another text");
        expect(must(mt::cid::parse(text(each, "text")), name_of(each)) == id, name_of(each), " is another id");
    }
}

void show_bad_cids()
{
    for (const json &each : vectors("cid.json", "bad"))
    {
        auto wrong = text(each, "text");
        bool nul = wrong.find('\0') != std::string::npos; // no text of the C interface, so the binding refuses it
        must_fail(mt::cid::parse(wrong), nul ? status::invalid_argument : status_of(each), name_of(each));
    }
}

constexpr behaviour hash_list[] = {
    {"version.abi", show_abi_version},
    {"version.text", show_version_text},
    {"version.processor", show_processor},
    {"status.names", show_status_names},
    {"status.text", show_status_text},
    {"status.text-per-thread", show_text_per_thread},
    {"hash.sha256", show_sha256},
    {"hash.sha256-many", show_sha256_many},
    {"merkle.root", show_merkle_root},
    {"cid.good", show_good_cids},
    {"cid.bad", show_bad_cids},
};

// --------------------------------------------------------------------------------------------------------------- Reed-Solomon --

/// The shards of a case of erasure.json, data before parity, encoded.
struct stripe
{
    explicit stripe(const json &item)
        : name(name_of(item)), k(small(item, "dataShards")), m(small(item, "parityShards")), length(number(item, "shardLength")),
          code(must(mt::reed_solomon::create(k, m), name))
    {
        std::uint32_t state = small(item, "seed");
        for (const json &filled : item.at("dataLengths"))
        {
            bytes shard(length);
            for (std::size_t i = 0; i < filled.get<std::size_t>(); i++)
                shard[i] = static_cast<std::byte>(next_number(state) >> 24);
            shards.push_back(std::move(shard));
        }

        shards.resize(k + m, bytes(length));
        must(code.encode(std::span(shards).subspan(k), std::span(shards).first(k)), name);
        truth = shards;
        present.assign(k + m, true);
    }

    void lose(std::size_t index)
    {
        present[index] = false;
        std::ranges::fill(shards[index], std::byte(0xee));
    }

    void rebuild()
    {
        must(code.reconstruct(shards, present), name);
        expect(shards == truth, name, ": not all is rebuilt");
        present.assign(k + m, true);
    }

    std::string name;
    std::uint32_t k, m;
    std::size_t length;
    mt::reed_solomon code;
    std::vector<bytes> shards, truth;
    std::vector<bool> present;
};

void show_encode()
{
    for (const json &item : vectors("erasure.json", "cases"))
    {
        stripe made(item);
        std::string all;
        for (std::size_t i = made.k; i < made.shards.size(); i++)
        {
            if (item.contains("parity"))
                expect(hex(made.shards[i]) == item["parity"][i - made.k], made.name, ", parity ", i - made.k, " is ", hex(made.shards[i]));
            all += bytes_view(made.shards[i]).text();
        }

        if (item.contains("allParitySha256"))
            expect(must(mt::sha256(all)).hex() == text(item, "allParitySha256"), made.name, " has another parity");
    }
}

void show_reconstruct()
{
    for (const json &item : vectors("erasure.json", "cases"))
    {
        stripe made(item);
        std::size_t count = made.k + made.m;
        if (count <= 8)
        {
            for (std::uint32_t set = 0; set < 1u << count; set++)
            {
                if (static_cast<std::uint32_t>(std::popcount(set)) > made.m)
                    continue;
                for (std::size_t i = 0; i < count; i++)
                    if (set >> i & 1)
                        made.lose(i);
                made.rebuild();
            }

            continue;
        }

        std::uint32_t state = 7;
        for (int round = 0; round < 20; round++)
        {
            for (std::uint32_t lost = 0; lost < made.m;)
            {
                std::size_t i = (next_number(state) >> 8) % count;
                if (!made.present[i])
                    continue;
                made.lose(i);
                lost++;
            }

            made.rebuild();
        }
    }
}

void show_reconstruct_some()
{
    bool found = false;
    for (const json &item : vectors("erasure.json", "cases"))
    {
        if (name_of(item) != "4+2, unequal lengths")
            continue;
        found = true;
        stripe made(item);
        made.lose(0);
        made.lose(5);
        made.shards[5].clear(); // left out
        must(made.code.reconstruct(made.shards, made.present), "rebuilding one of two");
        expect(made.shards[5].empty() && made.shards[0] == made.truth[0], "shard 0 is not rebuilt");
    }

    expect(found, "the case is not there");
}

void show_too_few()
{
    for (const json &item : vectors("erasure.json", "cases"))
    {
        stripe made(item);
        for (std::size_t i = 0; i <= made.m; i++)
            made.lose(i);
        auto before = made.shards;
        must_fail(made.code.reconstruct(made.shards, made.present), status::not_enough_shards, made.name);
        expect(made.shards == before, made.name, ": something was written");
    }
}

void show_verify()
{
    for (const json &item : vectors("erasure.json", "cases"))
    {
        stripe made(item);
        expect(must(made.code.verify(made.shards), made.name), made.name, " does not verify");
        for (bytes &shard : made.shards)
        {
            if (made.m == 0 || shard.empty())
                continue;
            shard[shard.size() / 2] ^= std::byte(1);
            expect(!must(made.code.verify(made.shards), made.name), made.name, " verifies with a wrong shard");
            shard[shard.size() / 2] ^= std::byte(1);
            expect(must(made.code.verify(made.shards), made.name), made.name, " does not verify after it was restored");
        }
    }
}

void show_update()
{
    for (const json &item : vectors("erasure.json", "cases"))
    {
        stripe made(item);
        for (std::uint32_t i = 0; made.m > 0 && i < made.k && i < 8; i++)
        {
            bytes old = made.shards[i];
            for (std::byte &each : made.shards[i])
                each ^= std::byte(0x5a);
            auto parity = std::span(made.shards).subspan(made.k);
            must(made.code.update(parity, i, old, made.shards[i]), made.name);
            std::vector<bytes> expected(made.m, bytes(made.length));
            must(made.code.encode(expected, std::span(made.shards).first(made.k)), made.name);
            expect(std::ranges::equal(parity, expected), made.name, ": other parity after data ", i, " changed");
        }
    }
}

void show_limits()
{
    for (auto [k, m] : {std::pair(0u, 2u), {256u, 0u}, {128u, 128u}, {1u, UINT32_MAX}})
        must_fail(mt::reed_solomon::create(k, m), status::invalid_argument, k, "+", m);
    for (auto [k, m] : {std::pair(1u, 0u), {255u, 0u}, {128u, 127u}})
    {
        auto code = must(mt::reed_solomon::create(k, m), k, "+", m);
        std::vector<bytes> data(k), parity(m), all(k + m);
        must(code.encode(parity, data), k, "+", m, " of length 0");
        expect(must(code.verify(all), k, "+", m, " of length 0"), k, "+", m, " of length 0 does not verify");
    }

    auto code = must(mt::reed_solomon::create(2, 1), "2+1");
    std::vector<bytes> data{bytes(10), bytes(9)}, one(1, bytes(10)), three(3, bytes(10));
    std::vector<bool> present{false, true, true};
    must_fail(code.encode(one, data), status::invalid_argument, "shards of unequal lengths");
    must_fail(code.encode(one, three), status::invalid_argument, "too many shards");
    must_fail(code.verify(data), status::invalid_argument, "too few shards");
    three[1].pop_back();
    must_fail(code.verify(three), status::invalid_argument, "shards of unequal lengths");
    must_fail(code.reconstruct(three, present), status::invalid_argument, "shards of unequal lengths");
    must_fail(code.update(one, 0, data[0], data[1]), status::invalid_argument, "shards of unequal lengths");
    must_fail(code.update(one, 2, data[0], data[0]), status::invalid_argument, "data shard 2 of 2");
}

constexpr behaviour erasure_list[] = {
    {"rs.encode", show_encode},
    {"rs.reconstruct", show_reconstruct},
    {"rs.reconstruct-some", show_reconstruct_some},
    {"rs.too-few", show_too_few},
    {"rs.verify", show_verify},
    {"rs.update", show_update},
    {"rs.limits", show_limits},
};

// -------------------------------------------------------------------------------------------------------------- blobs, keys --

void show_seal()
{
    for (const json &each : vectors("blobs.json", "sealed"))
    {
        mt::blob::options how{
            small<mt::cipher_suite>(each, "suite"), mt::compression::none, fixed<mt::tenant_secret>(each, "tenantSecret")};
        auto sealed = must(mt::blob::seal(bytes_of(each, "plaintext"), how), name_of(each));
        expect(sealed.blob.size() == number(each, "blobLength"), name_of(each), " has ", sealed.blob.size(), " bytes");
        expect(sealed.id.hex() == text(each, "id") && sealed.key.hex() == text(each, "key"), name_of(each), " has another id or key");
        expect(mt::blob_id(must(mt::sha256(sealed.blob))) == sealed.id, "the id of ", name_of(each), " is not its hash");
        bytes expected = bytes_of(each, "blob");
        expect(expected.empty() || expected == sealed.blob, name_of(each), " has other bytes");
    }
}

void show_open()
{
    for (const json &each : vectors("blobs.json", "opened"))
    {
        bytes blob = bytes_of(each, "blob");
        auto info = must(mt::blob::inspect(blob), name_of(each));
        expect(
            static_cast<std::uint32_t>(info.suite) == number(each, "suite") &&
                static_cast<std::uint32_t>(info.compression) == number(each, "compression") &&
                info.plaintext_length == number(each, "plaintextLength"),
            name_of(each), " has another header");
        bytes chunk = must(mt::blob::open(fixed<mt::blob_key>(each, "key"), blob), name_of(each));
        expect(chunk.size() == info.plaintext_length, name_of(each), " gives ", chunk.size(), " bytes");
        expect(must(mt::sha256(chunk)).hex() == text(each, "plaintextSha256"), name_of(each), " gives other bytes");
    }
}

void show_round_trip()
{
    for (std::uint32_t suite = 1; suite <= 2; suite++)
        for (std::uint32_t compression = 1; compression <= 5; compression++)
            for (std::size_t length : {0u, 1u, 1000u, 70000u})
                for (bool shrinks : {false, true})
                {
                    bytes chunk = pattern(length, 9);
                    for (std::size_t i = 0; shrinks && i < length; i++)
                        chunk[i] = static_cast<std::byte>(i % 7);
                    mt::blob::options how{static_cast<mt::cipher_suite>(suite), static_cast<mt::compression>(compression), std::nullopt};
                    auto sealed = must(mt::blob::seal(chunk, how), "sealing");
                    expect(sealed.blob.size() <= mt::blob::bound(length), "a blob is longer than its bound");
                    expect(mt::blob_id(must(mt::sha256(sealed.blob))) == sealed.id, "the id is not the hash");
                    expect(must(mt::blob::open(sealed.key, sealed.blob), "opening") == chunk, "other bytes came back");
                }
}

void show_fresh_keys()
{
    auto first = must(mt::blob::seal(pattern(1000, 1))), second = must(mt::blob::seal(pattern(1000, 1)));
    expect(first.key != second.key && first.id != second.id, "one key or id twice");
}

void show_same_secret()
{
    bytes chunk(5000), one(32, std::byte(1)), two(32, std::byte(2));
    for (std::size_t i = 0; i < chunk.size(); i++)
        chunk[i] = static_cast<std::byte>(i % 7);
    for (std::uint32_t compression = 1; compression <= 5; compression++)
    {
        mt::blob::options how{
            mt::cipher_suite::aes_256_gcm, static_cast<mt::compression>(compression), must(mt::tenant_secret::copy(one))};
        auto first = must(mt::blob::seal(chunk, how)), second = must(mt::blob::seal(chunk, how));
        expect(first.blob == second.blob && first.id == second.id && first.key == second.key, "one secret, two blobs");
        how.secret = must(mt::tenant_secret::copy(two));
        expect(must(mt::blob::seal(chunk, how)).key != first.key, "two secrets, one key");
        how.secret = must(mt::tenant_secret::copy(one));
        how.suite = mt::cipher_suite::chacha20_poly1305;
        expect(must(mt::blob::seal(chunk, how)).key != first.key, "two suites, one key");
    }
}

void show_bad_blobs()
{
    for (const json &each : vectors("blobs.json", "bad"))
    {
        bytes blob = bytes_of(each, "blob"), chunk(MT_BLOB_PLAINTEXT_LENGTH_MAX);
        auto inspected = mt::blob::inspect(blob);
        if (status_of(each, "inspectStatus") == status::ok)
            must(std::move(inspected), "inspecting ", name_of(each));
        else
            must_fail(inspected, status_of(each, "inspectStatus"), "inspecting ", name_of(each));
        must_fail(mt::blob::open_into(chunk, fixed<mt::blob_key>(each, "key"), blob), status_of(each), "opening ", name_of(each));
        expect(std::ranges::all_of(chunk, [](std::byte b) { return b == std::byte(0); }), "opening ", name_of(each), " left something");
        must_fail(mt::blob::open(fixed<mt::blob_key>(each, "key"), blob), status_of(each), "opening ", name_of(each));
    }
}

void show_blob_limits()
{
    bytes chunk = pattern(MT_BLOB_PLAINTEXT_LENGTH_MAX + 1, 3);
    expect(mt::blob::bound(chunk.size()) == 0, "16 MiB + 1 have a bound");
    must_fail(mt::blob::seal(chunk), status::limit_exceeded, "sealing 16 MiB + 1");
    chunk.pop_back();
    auto sealed = must(mt::blob::seal(chunk), "sealing 16 MiB");
    expect(must(mt::blob::open(sealed.key, sealed.blob), "opening 16 MiB") == chunk, "other bytes came back");
}

void show_ed25519()
{
    for (const json &each : vectors("ed25519.json", "signatures"))
    {
        auto seed = fixed<mt::ed25519::seed>(each, "seed");
        bytes data = bytes_of(each, "data");
        auto key = must(mt::ed25519::derive(seed), name_of(each));
        auto signature = must(mt::ed25519::sign(seed, data), name_of(each));
        expect(key.hex() == text(each, "public"), name_of(each), " has the key ", key.hex());
        expect(signature.hex() == text(each, "signature"), name_of(each), " has the signature ", signature.hex());
        expect(must(mt::ed25519::verify(key, signature, data), name_of(each)), name_of(each), " does not verify");
    }
}

void show_bad_ed25519()
{
    for (const json &each : vectors("ed25519.json", "bad"))
        expect(
            !must(
                mt::ed25519::verify(
                    fixed<mt::ed25519::public_key>(each, "public"), fixed<mt::ed25519::signature>(each, "signature"),
                    bytes_of(each, "data")),
                name_of(each)),
            name_of(each), " verifies");
}

void show_x25519()
{
    for (const json &each : vectors("x25519.json", "publicKeys"))
    {
        auto key = must(mt::x25519::derive(fixed<mt::x25519::secret>(each, "secret")), name_of(each));
        expect(key.hex() == text(each, "public"), name_of(each), " gives ", key.hex());
    }
}

void show_generate()
{
    auto first = must(mt::ed25519::generate()), second = must(mt::ed25519::generate());
    expect(first.seed != second.seed && first.public_key != second.public_key, "one Ed25519 pair twice");
    expect(must(mt::ed25519::derive(first.seed)) == first.public_key, "the public key is not that of the seed");
    auto signature = must(mt::ed25519::sign(first.seed, std::string_view("text")));
    expect(must(mt::ed25519::verify(first.public_key, signature, std::string_view("text"))), "a signature does not verify");
    expect(!must(mt::ed25519::verify(second.public_key, signature, std::string_view("text"))), "a signature verifies with another's key");
    auto third = must(mt::x25519::generate()), fourth = must(mt::x25519::generate());
    expect(third.secret != fourth.secret && third.public_key != fourth.public_key, "one X25519 pair twice");
    expect(must(mt::x25519::derive(third.secret)) == third.public_key, "the public key is not that of the secret");
}

constexpr behaviour blob_list[] = {
    {"blob.seal", show_seal},
    {"blob.open", show_open},
    {"blob.round-trip", show_round_trip},
    {"blob.fresh-keys", show_fresh_keys},
    {"blob.same-secret", show_same_secret},
    {"blob.bad", show_bad_blobs},
    {"blob.limits", show_blob_limits},
    {"key.ed25519", show_ed25519},
    {"key.ed25519-bad", show_bad_ed25519},
    {"key.x25519", show_x25519},
    {"key.generate", show_generate},
};

// -------------------------------------------------------------------------------------------------------------------- bencode --

using mt::bencode::token_type;

void show_read()
{
    for (const json &each : vectors("bencode.json", "good"))
    {
        bytes document = bytes_of(each, "document");
        auto reader = must(mt::bencode::reader::create(document), name_of(each));
        for (const json &expected : each.at("tokens"))
        {
            auto token = must(reader.next(), name_of(each));
            expect(
                static_cast<std::uint32_t>(token.type) == number(expected, "type") && token.depth == number(expected, "depth") &&
                    token.integer == integer(expected, "integer") && token.offset == number(expected, "offset") &&
                    token.content.size() == number(expected, "length") &&
                    same(token.content, bytes_view(document).subspan(token.offset, token.content.size())),
                name_of(each), " gives another token at ", token.offset);
        }

        expect(must(reader.next()).type == token_type::document_end, name_of(each), " goes on");
        expect(must(reader.next()).type == token_type::document_end, name_of(each), " goes on after its end");
    }
}

void show_bad_documents()
{
    for (const json &each : vectors("bencode.json", "bad"))
        must_fail(mt::bencode::reader::create(bytes_of(each, "document")), status_of(each), name_of(each));
}

void show_write()
{
    for (const json &each : vectors("bencode.json", "good"))
    {
        bytes document = bytes_of(each, "document");
        auto writer = must(mt::bencode::writer::create());
        for (const json &token : each.at("tokens"))
        {
            auto content = [&] { return bytes_view(bytes_view(document).subspan(number(token, "offset"), number(token, "length"))); };
            switch (static_cast<token_type>(number(token, "type")))
            {
                case token_type::integer: must(writer.integer(integer(token, "integer")), name_of(each)); break;
                case token_type::bytes: must(writer.bytes(content()), name_of(each)); break;
                case token_type::list: must(writer.begin_list(), name_of(each)); break;
                case token_type::dictionary: must(writer.begin_dictionary(), name_of(each)); break;
                case token_type::key: must(writer.key(content()), name_of(each)); break;
                case token_type::end: must(writer.end(), name_of(each)); break;
                default: throw failed{say(name_of(each), " has a token of another type")};
            }
        }

        bytes written = must(writer.finish(), name_of(each));
        expect(written == document, name_of(each), " is written as ", hex(written));
    }
}

mt::result<void> take_step(mt::bencode::writer &writer, const json &step)
{
    auto call = text(step, "call");
    if (call == "integer")
        return writer.integer(integer(step, "value"));
    if (call == "bytes")
        return writer.bytes(bytes_of(step, "data"));
    if (call == "key")
        return writer.key(bytes_of(step, "data"));
    if (call == "list")
        return writer.begin_list();
    if (call == "dictionary")
        return writer.begin_dictionary();
    if (call == "end")
        return writer.end();
    expect(call == "finish", "there is no call ", call);
    auto finished = writer.finish();
    if (!finished)
        return finished.error();
    return {};
}

/// Gives the key that is open a value, and ends what is open; what is not due is refused, so it is tried out.
bytes complete(mt::bencode::writer &writer, const std::string &name)
{
    for (unsigned round = 0; round <= 2 * MT_BENCODE_DEPTH_MAX + 2; round++)
    {
        if (auto document = writer.finish())
            return *document;
        if (!writer.end())
            must(writer.integer(0), name, " cannot be completed");
    }

    throw failed{name + " cannot be completed"};
}

void show_bad_writes()
{
    for (const json &each : vectors("bencode.json", "misuse"))
    {
        auto writer = must(mt::bencode::writer::create()), without = must(mt::bencode::writer::create());
        const json &steps = each.at("steps");
        for (std::size_t i = 0; i + 1 < steps.size(); i++)
        {
            must(take_step(writer, steps[i]), name_of(each));
            must(take_step(without, steps[i]), name_of(each));
        }

        must_fail(take_step(writer, steps.back()), status_of(each), name_of(each));
        expect(complete(writer, name_of(each)) == complete(without, name_of(each)), name_of(each), ": the refused step left something");
    }
}

void show_skip()
{
    bool found = false;
    for (const json &each : vectors("bencode.json", "good"))
    {
        bytes document = bytes_of(each, "document");
        auto reader = must(mt::bencode::reader::create(document), name_of(each));
        must(reader.skip(), name_of(each));
        expect(must(reader.next()).type == token_type::document_end, name_of(each), " goes on after it was skipped");
        if (name_of(each) != "dictionary of everything")
            continue;
        found = true;
        reader = must(mt::bencode::reader::create(document), name_of(each));
        expect(must(reader.next()).type == token_type::dictionary, name_of(each), " is no dictionary");
        for (const json &expected : each.at("tokens"))
        {
            if (static_cast<token_type>(number(expected, "type")) != token_type::key || number(expected, "depth") != 1)
                continue;
            must_fail(reader.skip(), status::state, "skipping where a key is due");
            auto token = must(reader.next());
            expect(token.type == token_type::key && token.offset == number(expected, "offset"), "another key at ", token.offset);
            must(reader.skip(), "skipping a value");
        }

        expect(must(reader.next()).type == token_type::end, "there is more than keys");
    }

    expect(found, "there is no \"dictionary of everything\"");
}

void show_bencode_limits()
{
    std::string document = "16777208:" + std::string(16777208, 'x'); // 16 MiB + 1
    must_fail(mt::bencode::reader::create(document), status::limit_exceeded, "reading 16 MiB + 1");
    auto writer = must(mt::bencode::writer::create());
    must_fail(writer.bytes(std::string_view(document).substr(9)), status::limit_exceeded, "writing 16 MiB + 1");
    must(writer.bytes(std::string_view(document).substr(10)), "writing 16 MiB");
    expect(must(writer.finish()).size() == MT_BENCODE_LENGTH_MAX, "the longest document has another length");
}

constexpr behaviour bencode_list[] = {
    {"bencode.read", show_read},
    {"bencode.bad", show_bad_documents},
    {"bencode.write", show_write},
    {"bencode.write-bad", show_bad_writes},
    {"bencode.skip", show_skip},
    {"bencode.limits", show_bencode_limits},
};

} // namespace

group hash_behaviours()
{
    return hash_list;
}

group erasure_behaviours()
{
    return erasure_list;
}

group blob_behaviours()
{
    return blob_list;
}

group bencode_behaviours()
{
    return bencode_list;
}
