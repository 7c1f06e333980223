// Capabilities, manifests, Noise, wire messages: parts 8 to 10 of the header.
#include "suite.hpp"

#include <array>

namespace
{

// ---------------------------------------------------------------------------------------------------- capabilities, manifests --

mt::capability::info fields(const json &item)
{
    mt::capability::info made;
    made.root_id = fixed<mt::blob_id>(item, "rootId");
    if (item.at("canRead").get<bool>())
        made.key = fixed<mt::blob_key>(item, "key");
    made.root_length = small(item, "rootLength");
    made.parity_shards = small(item, "parityShards");
    return made;
}

void show_good_capabilities()
{
    for (const json &each : vectors("capabilities.json", "good"))
    {
        auto expected = fields(each), parsed = must(mt::capability::parse(text(each, "text")), name_of(each));
        expect(
            parsed.root_id == expected.root_id && parsed.key == expected.key && parsed.root_length == expected.root_length &&
                parsed.parity_shards == expected.parity_shards,
            name_of(each), " has other fields");
        expect(must(mt::capability::format(expected), name_of(each)) == text(each, "canonical"), name_of(each), " is another text");
    }
}

void show_verify_capabilities()
{
    for (const json &each : vectors("capabilities.json", "good"))
        expect(
            must(mt::capability::to_verify(text(each, "text")), name_of(each)) == text(each, "verify"), name_of(each), " gives another");
}

void show_bad_capabilities()
{
    for (const json &each : vectors("capabilities.json", "bad"))
    {
        auto wrong = text(each, "text");
        bool nul = wrong.find('\0') != std::string::npos; // no text of the C interface, so the binding refuses it
        must_fail(mt::capability::parse(wrong), nul ? status::invalid_argument : status_of(each), name_of(each));
    }

    for (const json &each : vectors("capabilities.json", "badFields"))
    {
        // The binding has no way to say that there is no key and that it is not zero.
        if (!each.at("canRead").get<bool>() && fixed<mt::blob_key>(each, "key") != mt::blob_key())
            continue;
        must_fail(mt::capability::format(fields(each)), status_of(each), name_of(each));
    }
}

void expect_manifest(const mt::manifest &manifest, const json &item, bool with_keys)
{
    auto name = name_of(item);
    auto info = must(manifest.info(), name);
    expect(info.has_keys == with_keys, name, " has keys: ", info.has_keys);
    expect(
        static_cast<std::uint32_t>(info.kind) == (with_keys ? number(item, "kind") : 0) &&
            info.mode == (with_keys ? number(item, "mode") : 0) &&
            info.modified_unix_ns == (with_keys ? integer(item, "modifiedUnixNs") : 0) && info.stream_count == item.at("streams").size(),
        name, " is another object");
    expect(must(manifest.name(), name) == (with_keys ? text(item, "objectName") : ""), name, " has another name");
    for (std::uint32_t i = 0; i < info.stream_count; i++)
    {
        const json &stream_item = item["streams"][i];
        auto stream = must(manifest.stream(i), name);
        expect(
            stream.depth == number(stream_item, "depth") && stream.length == (with_keys ? number(stream_item, "length") : 0) &&
                stream.stripe_count == stream_item.at("stripes").size(),
            name, ", stream ", i, " is another");
        for (std::uint32_t j = 0; j < stream.stripe_count; j++)
        {
            const json &stripe_item = stream_item["stripes"][j];
            auto stripe = must(manifest.stripe(i, j), name);
            expect(
                stripe.data_shards == number(stripe_item, "dataShards") && stripe.parity_shards == number(stripe_item, "parityShards") &&
                    stripe.shard_length == number(stripe_item, "shardLength") && stripe.id_count == stripe_item.at("blobs").size() &&
                    stripe.id.hex() == text(stripe_item, "id"),
                name, ", stripe ", j, " is another");
            for (std::uint32_t b = 0; b < stripe.id_count; b++)
            {
                const json &blob_item = stripe_item["blobs"][b];
                auto blob = must(manifest.blob(i, j, b), name);
                expect(
                    blob.length == number(blob_item, "length") && blob.id.hex() == text(blob_item, "id") &&
                        blob.plaintext_length == (with_keys ? number(blob_item, "plaintextLength") : 0) &&
                        (blob.key ? blob.key->hex() : "") == (with_keys ? text(blob_item, "key") : ""),
                    name, ", blob ", b, " is another");
            }
        }
    }
}

void show_manifests()
{
    for (const json &each : vectors("manifests.json", "manifests"))
        expect_manifest(
            must(mt::manifest::open(bytes_of(each, "blob"), fixed<mt::blob_key>(each, "key")), name_of(each)), each, true);
}

void show_public_manifests()
{
    for (const json &each : vectors("manifests.json", "manifests"))
        expect_manifest(must(mt::manifest::open(bytes_of(each, "blob")), name_of(each)), each, false);
}

mt::manifest make_manifest(const json &item)
{
    mt::manifest_info info;
    info.kind = small<mt::manifest_kind>(item, "kind");
    info.mode = small(item, "mode");
    info.modified_unix_ns = integer(item, "modifiedUnixNs");
    auto manifest = must(mt::manifest::create(info, text(item, "objectName")), name_of(item));
    for (const json &stream : item.at("streams"))
    {
        must(manifest.add_stream(small(stream, "depth")), name_of(item));
        for (const json &stripe : stream.at("stripes"))
        {
            std::vector<mt::data_blob> data;
            std::vector<mt::blob_id> parity;
            for (const json &blob : stripe.at("blobs"))
                if (data.size() < number(stripe, "dataShards"))
                    data.push_back(
                        {fixed<mt::blob_id>(blob, "id"), fixed<mt::blob_key>(blob, "key"), small(blob, "length"),
                         number(blob, "plaintextLength")});
                else
                    parity.push_back(fixed<mt::blob_id>(blob, "id"));
            if (data.size() == 1)
                must(manifest.add_copied(data[0], small(stripe, "parityShards")), name_of(item));
            else
                must(manifest.add_stripe(data, parity), name_of(item));
        }
    }

    return manifest;
}

void show_sealed_manifests()
{
    for (const json &each : vectors("manifests.json", "manifests"))
    {
        auto manifest = make_manifest(each);
        expect_manifest(manifest, each, true);
        mt::blob::options how;
        how.suite = small<mt::cipher_suite>(each, "suite");
        how.secret = fixed<mt::tenant_secret>(each, "tenantSecret");
        auto sealed = must(manifest.seal(how), name_of(each));
        expect(
            sealed.blob == bytes_of(each, "blob") && sealed.id.hex() == text(each, "id") && sealed.key.hex() == text(each, "key"),
            name_of(each), " is sealed to another blob");
    }
}

void show_bad_manifests()
{
    for (const json &each : vectors("manifests.json", "bad"))
    {
        std::optional<mt::blob_key> key;
        if (!text(each, "key").empty())
            key = fixed<mt::blob_key>(each, "key");
        must_fail(mt::manifest::open(bytes_of(each, "blob"), key), status_of(each), name_of(each));
    }
}

void show_refused_manifests()
{
    const json &item = vectors("manifests.json", "manifests")[0];
    mt::data_blob blob;
    blob.length = 100;
    blob.plaintext_length = 68;
    auto opened = must(mt::manifest::open(bytes_of(item, "blob"), fixed<mt::blob_key>(item, "key")));
    must_fail(opened.add_stream(0), status::state, "a stream for one that was opened");
    must_fail(opened.add_copied(blob, 2), status::state, "a stripe for one that was opened");
    must_fail(opened.stream(99), status::invalid_argument, "stream 99");
    must_fail(opened.stripe(0, 99), status::invalid_argument, "stripe 99");
    must_fail(opened.blob(0, 0, UINT32_MAX), status::invalid_argument, "blob 2^32-1");

    auto file = must(mt::manifest::create({}, "name"));
    must_fail(file.add_copied(blob, 2), status::state, "a stripe before any stream");
    must_fail(file.seal(), status::state, "a file without a stream");
    must(file.add_stream(0));
    must_fail(file.add_stripe({}, {}), status::invalid_argument, "a stripe with k = 0");

    mt::manifest_info info;
    info.kind = mt::manifest_kind::directory;
    auto directory = must(mt::manifest::create(info, "name"));
    must(directory.add_stream(0));
    must_fail(directory.seal(), status::state, "a directory with one stream");

    must_fail(mt::manifest::create({}, "a/b"), status::invalid_argument, "the name a/b");
    must_fail(mt::manifest::create({}, std::string(256, 'n')), status::invalid_argument, "a name of 256 bytes");
    info.kind = static_cast<mt::manifest_kind>(3);
    must_fail(mt::manifest::create(info, "name"), status::invalid_argument, "a kind of 3");
}

constexpr behaviour manifest_list[] = {
    {"capability.good", show_good_capabilities},
    {"capability.verify", show_verify_capabilities},
    {"capability.bad", show_bad_capabilities},
    {"manifest.open", show_manifests},
    {"manifest.public", show_public_manifests},
    {"manifest.seal", show_sealed_manifests},
    {"manifest.bad", show_bad_manifests},
    {"manifest.refused", show_refused_manifests},
};

// ---------------------------------------------------------------------------------------------------------------------- Noise --

using mt::noise::turn;

mt::noise::session open_side(const json &vector, bool initiator, mt::cipher_suite suite, bytes_view prologue)
{
    mt::noise::options how;
    how.initiator = initiator;
    how.suite = suite;
    how.static_secret = fixed<mt::x25519::secret>(vector, initiator ? "init_static" : "resp_static");
    how.ephemeral_secret = fixed<mt::x25519::secret>(vector, initiator ? "init_ephemeral" : "resp_ephemeral");
    how.prologue = prologue;
    return must(mt::noise::session::create(how), "a session");
}

void show_vectors()
{
    for (const json &vector : vectors("noise.json", "vectors"))
    {
        auto name = text(vector, "protocol_name");
        auto suite = name.find("AESGCM") != std::string::npos ? mt::cipher_suite::aes_256_gcm : mt::cipher_suite::chacha20_poly1305;
        std::array sides{
            open_side(vector, true, suite, bytes_of(vector, "init_prologue")),
            open_side(vector, false, suite, bytes_of(vector, "resp_prologue"))};
        std::size_t writer = 0;
        for (const json &message : vector.at("messages"))
        {
            bytes payload = bytes_of(message, "payload"), written = must(sides[writer].write(payload), name);
            expect(written == bytes_of(message, "ciphertext"), name, ": a message is ", hex(written));
            expect(must(sides[1 - writer].read(written), name) == payload, name, ": another payload came out");
            writer = 1 - writer;
        }

        for (std::size_t i = 0; i < 2; i++)
        {
            expect(must(sides[i].state()) == turn::established, name, " is not established");
            expect(must(sides[i].handshake_hash()).hex() == text(vector, "handshake_hash"), name, " has another hash");
            auto other = fixed<mt::x25519::secret>(vector, i == 0 ? "resp_static" : "init_static");
            expect(must(sides[i].remote_key()) == must(mt::x25519::derive(other)), name, " knows another key");
        }
    }
}

std::array<mt::noise::session, 2> fresh_sides(mt::cipher_suite suite)
{
    auto side = [&](bool initiator) {
        mt::noise::options how;
        how.initiator = initiator;
        how.suite = suite;
        how.static_secret = must(mt::x25519::generate()).secret;
        return must(mt::noise::session::create(how), "a session");
    };
    return {side(true), side(false)};
}

void show_fresh_sessions()
{
    for (auto suite : {mt::cipher_suite::aes_256_gcm, mt::cipher_suite::chacha20_poly1305})
    {
        auto sides = fresh_sides(suite);
        for (std::size_t i = 0; i < 3; i++)
        {
            expect(
                must(sides[i % 2].state()) == turn::write && must(sides[1 - i % 2].state()) == turn::read, "message ", i + 1,
                " is another's turn");
            expect(must(sides[1 - i % 2].read(must(sides[i % 2].write()))).empty(), "a payload came from nowhere");
        }

        bytes payload = pattern(65520, 1);
        for (std::size_t side : {0u, 1u})
            for (std::size_t i = 0; i < 100; i++)
            {
                bytes_view part(payload.data(), i == 99 ? 65519 : i * 661);
                bytes message = must(sides[side].write(part), "writing ", part.size());
                expect(same(must(sides[1 - side].read(message), "reading"), part), "another payload came out");
            }

        must_fail(sides[0].write(payload), status::limit_exceeded, "a payload of 65520 bytes");
        expect(must(sides[0].state()) == turn::established, "the session did not live on");
        expect(must(sides[1].read(must(sides[0].write(std::string_view("on"))))).size() == 2, "the session did not live on");
    }
}

void show_failures()
{
    for (const json &each : vectors("noise.json", "failures"))
    {
        const json &vector = vectors("noise.json", "vectors")[number(each, "vector")], &messages = each.at("messages");
        bool initiator = text(each, "role") == "initiator";
        auto session = open_side(vector, initiator, small<mt::cipher_suite>(each, "suite"), bytes_of(each, "prologue"));
        for (std::size_t i = 0; i < messages.size(); i++)
        {
            if ((i % 2 == 0) == initiator)
                must(session.write(bytes_of(vector["messages"][i], "payload")), name_of(each));
            else if (i + 1 < messages.size())
                must(session.read(bytes_of(messages[i])), name_of(each));
            else
                must_fail(session.read(bytes_of(messages[i])), status_of(each), name_of(each));
        }

        expect(must(session.state()) == turn::dead && session.write_bound(10) == 0, name_of(each), ": the session is not dead");
        must_fail(session.write(), status::state, name_of(each), ", writing");
        must_fail(session.read(bytes(100)), status::state, name_of(each), ", reading");
        must_fail(session.remote_key(), status::state, name_of(each), ", the key");
        must_fail(session.handshake_hash(), status::state, name_of(each), ", the hash");
    }
}

void show_turns()
{
    auto sides = fresh_sides(mt::cipher_suite::standard);
    must_fail(sides[1].write(), status::state, "the responder writes first");
    must_fail(sides[0].read(bytes(100)), status::state, "the initiator reads first");
    for (auto &side : sides)
    {
        must_fail(side.remote_key(), status::state, "the remote key before it is proved");
        must_fail(side.handshake_hash(), status::state, "the hash before the end");
    }
}

void show_peers()
{
    for (const json &each : vectors("peers.json", "payloads"))
    {
        auto key = fixed<mt::x25519::public_key>(each, "static");
        auto cluster = fixed<mt::ed25519::public_key>(each, "clusterKey");
        if (!text(each, "credential").empty())
        {
            auto made = must(mt::noise::create_peer_payload(text(each, "credential"), key), name_of(each));
            expect(made.payload == bytes_of(each, "payload") && made.cluster_key == cluster, name_of(each), " is another payload");
        }

        auto peer = must(mt::noise::check_peer_payload(bytes_of(each, "payload"), key, cluster), name_of(each));
        expect(
            peer.has_certificate == each.at("hasCertificate").get<bool>() && peer.id.hex() == text(each, "nodeId") &&
                peer.public_key.hex() == text(each, "publicKey") && peer.version == number(each, "version"),
            name_of(each), " is another peer");
    }
}

void show_bad_peers()
{
    for (const json &each : vectors("peers.json", "bad"))
        must_fail(
            mt::noise::check_peer_payload(
                bytes_of(each, "payload"), fixed<mt::x25519::public_key>(each, "static"),
                fixed<mt::ed25519::public_key>(each, "clusterKey")),
            status_of(each), name_of(each));
    for (const json &each : vectors("peers.json", "badCredentials"))
    {
        auto wrong = text(each, "credential");
        bool nul = wrong.find('\0') != std::string::npos; // no text of the C interface, so the binding refuses it
        must_fail(mt::noise::create_peer_payload(wrong, {}), nul ? status::invalid_argument : status_of(each), name_of(each));
    }
}

constexpr behaviour noise_list[] = {
    {"noise.vectors", show_vectors},
    {"noise.fresh", show_fresh_sessions},
    {"noise.failures", show_failures},
    {"noise.turns", show_turns},
    {"noise.peer", show_peers},
    {"noise.peer-bad", show_bad_peers},
};

// ----------------------------------------------------------------------------------------------------------------------- wire --

/// A message of a case; its bytes and items lie in kept.
mt::wire::message message_of(const json &item, std::array<bytes, 2> &kept)
{
    kept = {bytes_of(item, "bytes"), bytes_of(item, "items")};
    mt::wire::message made;
    made.type = small<mt::wire::message_type>(item, "type");
    made.flags = small(item, "flags");
    made.request_number = small(item, "requestNumber");
    made.id = fixed<mt::blob_id>(item, "id");
    made.offset = number(item, "offset");
    made.length = small(item, "length");
    made.code = small(item, "code");
    made.count = small(item, "count");
    made.version_min = small(item, "versionMin");
    made.version_max = small(item, "versionMax");
    made.features = small(item, "features");
    made.requests_max = small(item, "requestsMax");
    made.blob_length_max = small(item, "blobLengthMax");
    made.idle_timeout_ms = small(item, "idleTimeoutMs");
    made.bytes = kept[0];
    made.items = kept[1];
    return made;
}

bool equal(const mt::wire::message &left, const mt::wire::message &right)
{
    auto numbers = [](const mt::wire::message &m) {
        return std::tuple(
            m.type, m.flags, m.request_number, m.id, m.offset, m.length, m.code, m.count, m.version_min, m.version_max, m.features,
            m.requests_max, m.blob_length_max, m.idle_timeout_ms);
    };
    return numbers(left) == numbers(right) && same(left.bytes, right.bytes) && same(left.items, right.items);
}

void show_encoded()
{
    std::array<bytes, 2> kept;
    for (const json &each : vectors("wire.json", "good"))
    {
        bytes frame = must(mt::wire::encode(message_of(each.at("message"), kept)), name_of(each));
        expect(frame == bytes_of(each, "frame"), name_of(each), " is ", hex(frame));
    }
}

void expect_decoded(const json &item, bytes_view data, std::size_t length)
{
    std::array<bytes, 2> kept;
    auto decoded = must(mt::wire::decode(data), name_of(item));
    expect(decoded.message && decoded.frame_length == length, name_of(item), " takes ", decoded.frame_length, " bytes of ", length);
    expect(equal(*decoded.message, message_of(item.at("message"), kept)), name_of(item), " has other members");
}

void show_decoded()
{
    for (const json &each : vectors("wire.json", "good"))
    {
        bytes frame = bytes_of(each, "frame"), longer = frame;
        longer.resize(frame.size() + 20, std::byte(0xcd));
        expect_decoded(each, frame, frame.size());
        expect_decoded(each, longer, frame.size());
    }
}

void show_stream()
{
    bytes all;
    for (const json &each : vectors("wire.json", "good"))
    {
        bytes frame = bytes_of(each, "frame");
        all.insert(all.end(), frame.begin(), frame.end());
        for (std::size_t cut = 0; frame.size() <= 200 && cut < frame.size(); cut++)
        {
            auto decoded = must(mt::wire::decode(bytes_view(frame.data(), cut)), cut, " bytes of ", name_of(each));
            std::size_t expected = cut < MT_WIRE_HEADER_LENGTH ? MT_WIRE_HEADER_LENGTH : frame.size();
            expect(!decoded.message && decoded.frame_length == expected, cut, " bytes of ", name_of(each), " need ", decoded.frame_length);
        }
    }

    bytes_view rest = all;
    for (const json &each : vectors("wire.json", "good"))
    {
        expect_decoded(each, rest, bytes_of(each, "frame").size());
        rest = rest.subspan(bytes_of(each, "frame").size());
    }
}

void show_bad_frames()
{
    for (const json &each : vectors("wire.json", "bad"))
    {
        bytes frame = bytes_of(each, "frame");
        auto decoded = mt::wire::decode(frame);
        if (status_of(each) != status::incomplete)
            must_fail(decoded, status_of(each), name_of(each));
        else
            expect(
                decoded && !decoded->message && decoded->frame_length == number(each, "frameLength"), name_of(each), " is not incomplete");
    }
}

void show_unencodable()
{
    std::array<bytes, 2> kept;
    for (const json &each : vectors("wire.json", "unencodable"))
        must_fail(mt::wire::encode(message_of(each.at("message"), kept)), status_of(each), name_of(each));
}

constexpr behaviour wire_list[] = {
    {"wire.encode", show_encoded},
    {"wire.decode", show_decoded},
    {"wire.stream", show_stream},
    {"wire.bad", show_bad_frames},
    {"wire.unencodable", show_unencodable},
};

} // namespace

group manifest_behaviours()
{
    return manifest_list;
}

group noise_behaviours()
{
    return noise_list;
}

group wire_behaviours()
{
    return wire_list;
}
