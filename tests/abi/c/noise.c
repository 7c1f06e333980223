/* Noise sessions, and who a peer is: part 9 of the header. */
#include "suite.h"

enum { INITIATOR, RESPONDER };

static mt_noise_t *open_session(int side, uint32_t suite, const uint8_t *secret, const uint8_t *ephemeral, bytes_t prologue)
{
    mt_noise_options_t options;
    mt_noise_t *noise = NULL;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.initiator = side == INITIATOR;
    options.suite = suite;
    options.static_secret32 = secret;
    options.ephemeral_secret32 = ephemeral;
    options.prologue = prologue.data;
    options.prologue_length = prologue.length;
    must(mt_noise_create(&noise, &options), "a session");
    return noise;
}

static uint32_t state_of(mt_noise_t *noise)
{
    uint32_t state = 77;
    must(mt_noise_state(noise, &state), "the state");
    return state;
}

/* The next message of a session, in memory of exactly its length. */
static bytes_t write_message(mt_noise_t *noise, bytes_t payload)
{
    size_t bound = mt_noise_write_bound(noise, payload.length);
    bytes_t message = new_bytes(bound);
    EXPECT(
        bound >= payload.length && bound <= payload.length + MT_NOISE_OVERHEAD_MAX, "the bound of %zu bytes is %zu", payload.length,
        bound);
    must(mt_noise_write(noise, message.data, message.length, &message.length, payload.data, payload.length), "writing");
    EXPECT(message.length <= bound, "a message of %zu bytes, longer than its bound", message.length);
    return message;
}

static void expect_read(mt_noise_t *noise, bytes_t message, bytes_t payload)
{
    bytes_t read = new_bytes(message.length);
    must(mt_noise_read(noise, read.data, read.length, &read.length, message.data, message.length), "reading");
    EXPECT(read.length == payload.length && same(read.data, payload.data, payload.length), "another payload came out");
}

static uint32_t suite_of(const cJSON *vector)
{
    return strstr(text_member(vector, "protocol_name"), "AESGCM") != NULL ? MT_SUITE_AES_256_GCM : MT_SUITE_CHACHA20_POLY1305;
}

static void show_vectors(void)
{
    const cJSON *vector, *message;
    cJSON_ArrayForEach(vector, vectors("noise.json", "vectors"))
    {
        static const char *const names[2][3] = {
            { "init_static", "init_ephemeral", "init_prologue" }, { "resp_static", "resp_ephemeral", "resp_prologue" },
        };
        mt_noise_t *sides[2];
        uint8_t public_key[32], remote[32], hash[32];
        int i, writer = INITIATOR, count = 0;
        for (i = 0; i < 2; i++)
            sides[i] = open_session(
                i, suite_of(vector), fixed_member(vector, names[i][0], 32), fixed_member(vector, names[i][1], 32),
                bytes_member(vector, names[i][2]));
        cJSON_ArrayForEach(message, member(vector, "messages"))
        {
            bytes_t payload = bytes_member(message, "payload"), expected = bytes_member(message, "ciphertext"), written;
            written = write_message(sides[writer], payload);
            EXPECT(
                written.length == expected.length && same(written.data, expected.data, written.length), "%s, message %d is %s",
                text_member(vector, "protocol_name"), count + 1, hex_text(written.data, written.length));
            expect_read(sides[!writer], written, payload);
            writer = !writer;
            count++;
        }

        EXPECT(count >= 3, "a vector with %d messages", count);
        for (i = 0; i < 2; i++)
        {
            EXPECT(state_of(sides[i]) == MT_NOISE_ESTABLISHED, "the state is %u", state_of(sides[i]));
            must(mt_noise_handshake_hash(sides[i], hash), "the hash");
            EXPECT(same(hash, fixed_member(vector, "handshake_hash", 32), 32), "the hash is %s", hex_text(hash, 32));
            must(mt_x25519_public_key(public_key, fixed_member(vector, names[!i][0], 32)), "a public key");
            must(mt_noise_remote_key(sides[i], remote), "the remote key");
            EXPECT(same(public_key, remote, 32), "the remote key is %s", hex_text(remote, 32));
            mt_noise_destroy(sides[i]);
        }
    }
}

/* Two established sessions with fresh secrets. */
static void open_pair(mt_noise_t *sides[2], uint32_t suite)
{
    static const uint32_t turns[3][2] = {
        { MT_NOISE_WRITE, MT_NOISE_READ }, { MT_NOISE_READ, MT_NOISE_WRITE }, { MT_NOISE_WRITE, MT_NOISE_READ },
    };
    bytes_t nothing = { NULL, 0 };
    uint8_t secret[32], public_key[32];
    int i;
    for (i = 0; i < 2; i++)
    {
        must(mt_x25519_generate(secret, public_key), "a key pair");
        sides[i] = open_session(i, suite, secret, NULL, nothing);
    }

    for (i = 0; i < 3; i++)
    {
        EXPECT(
            state_of(sides[0]) == turns[i][0] && state_of(sides[1]) == turns[i][1], "before message %d the states are %u and %u", i + 1,
            state_of(sides[0]), state_of(sides[1]));
        expect_read(sides[!(i & 1)], write_message(sides[i & 1], nothing), nothing);
    }

    EXPECT(
        state_of(sides[0]) == MT_NOISE_ESTABLISHED && state_of(sides[1]) == MT_NOISE_ESTABLISHED, "after the handshake: %u and %u",
        state_of(sides[0]), state_of(sides[1]));
}

static void show_fresh_sessions(void)
{
    uint32_t suite;
    for (suite = 1; suite <= 2; suite++)
    {
        bytes_t payload = pattern(65520, suite), message = new_bytes(65520 + MT_NOISE_OVERHEAD_MAX);
        mt_noise_t *sides[2];
        size_t length = 0;
        int i, side;
        open_pair(sides, suite);
        for (side = 0; side < 2; side++)
            for (i = 0; i < 100; i++)
            {
                bytes_t part = payload;
                part.length = i == 99 ? 65519 : (size_t)i * 661;
                expect_read(sides[!side], write_message(sides[side], part), part);
            }

        expect_status(
            mt_noise_write(sides[0], message.data, message.length, &length, payload.data, payload.length), MT_ERROR_LIMIT_EXCEEDED,
            "a payload of 65520 bytes");
        payload.length = 65519;
        expect_read(sides[1], write_message(sides[0], payload), payload);
        mt_noise_destroy(sides[0]);
        mt_noise_destroy(sides[1]);
    }
}

static void expect_dead(mt_noise_t *noise, const char *name)
{
    uint8_t *out = allocate(256), key[32];
    size_t length;
    EXPECT(state_of(noise) == MT_NOISE_DEAD, "%s: the state is %u", name, state_of(noise));
    EXPECT(mt_noise_write_bound(noise, 10) == 0, "%s: a dead session has a bound", name);
    expect_status(mt_noise_write(noise, out, 256, &length, NULL, 0), MT_ERROR_STATE, "%s: writing", name);
    expect_status(mt_noise_read(noise, out, 128, &length, out + 128, 128), MT_ERROR_STATE, "%s: reading", name);
    expect_status(mt_noise_remote_key(noise, key), MT_ERROR_STATE, "%s: the remote key", name);
    expect_status(mt_noise_handshake_hash(noise, key), MT_ERROR_STATE, "%s: the hash", name);
}

static void show_failures(void)
{
    const cJSON *each, *message;
    cJSON_ArrayForEach(each, vectors("noise.json", "failures"))
    {
        const cJSON *vector = cJSON_GetArrayItem(vectors("noise.json", "vectors"), (int)number_member(each, "vector"));
        int side = strcmp(text_member(each, "role"), "initiator") == 0 ? INITIATOR : RESPONDER, index = 0;
        mt_noise_t *noise = open_session(
            side, (uint32_t)number_member(each, "suite"), fixed_member(vector, side == INITIATOR ? "init_static" : "resp_static", 32),
            fixed_member(vector, side == INITIATOR ? "init_ephemeral" : "resp_ephemeral", 32), bytes_member(each, "prologue"));
        cJSON_ArrayForEach(message, member(each, "messages"))
        {
            bytes_t bytes = bytes_of(message), payload = new_bytes(bytes.length);
            size_t length = 0;
            if (index % 2 == side)
                write_message(noise, bytes_member(cJSON_GetArrayItem(member(vector, "messages"), index), "payload"));
            else
                expect_status(
                    mt_noise_read(noise, payload.data, payload.length, &length, bytes.data, bytes.length),
                    message->next == NULL ? status_member(each, "status") : MT_OK, "%s, message %d", case_name(each), index + 1);
            index++;
        }

        expect_dead(noise, case_name(each));
        mt_noise_destroy(noise);
    }
}

static void show_turns(void)
{
    bytes_t nothing = { NULL, 0 }, first;
    uint8_t secret[32], public_key[32], *out = allocate(512);
    mt_noise_t *sides[2];
    size_t length;
    int i;
    for (i = 0; i < 2; i++)
    {
        must(mt_x25519_generate(secret, public_key), "a key pair");
        sides[i] = open_session(i, 0, secret, NULL, nothing);
    }

    expect_status(mt_noise_write(sides[1], out, 512, &length, NULL, 0), MT_ERROR_STATE, "the responder writes first");
    expect_status(mt_noise_read(sides[0], out, 256, &length, out + 256, 100), MT_ERROR_STATE, "the initiator reads first");
    for (i = 0; i < 2; i++)
    {
        expect_status(mt_noise_remote_key(sides[i], public_key), MT_ERROR_STATE, "the remote key before it is proved");
        expect_status(mt_noise_handshake_hash(sides[i], public_key), MT_ERROR_STATE, "the hash before the end");
        mt_noise_destroy(sides[i]);
    }

    /* A wrong turn is no message, so the session lives on. */
    for (i = 0; i < 2; i++)
    {
        must(mt_x25519_generate(secret, public_key), "a key pair");
        sides[i] = open_session(i, 0, secret, NULL, nothing);
    }

    first = write_message(sides[0], nothing);
    expect_status(mt_noise_write(sides[0], out, 512, &length, NULL, 0), MT_ERROR_STATE, "the initiator writes twice");
    expect_read(sides[1], first, nothing);
    mt_noise_destroy(sides[0]);
    mt_noise_destroy(sides[1]);
}

static void show_peers(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("peers.json", "payloads"))
    {
        const uint8_t *key = fixed_member(each, "static", 32), *cluster = fixed_member(each, "clusterKey", 32);
        bytes_t expected = bytes_member(each, "payload"), payload = new_bytes(MT_PEER_PAYLOAD_LENGTH_MAX);
        const char *credential = text_member(each, "credential");
        uint8_t cluster_key[32];
        mt_peer_info_t peer = { sizeof peer, 77, { 0 }, { 0 }, 77, 77 };
        if (*credential != 0) /* else there is only something to check */
        {
            must(
                mt_peer_payload_create(payload.data, payload.length, &payload.length, copy_text(credential), key, cluster_key), "%s",
                case_name(each));
            EXPECT(
                payload.length == expected.length && same(payload.data, expected.data, payload.length), "%s gives %s", case_name(each),
                hex_text(payload.data, payload.length));
            EXPECT(same(cluster_key, cluster, 32), "%s is of the cluster %s", case_name(each), hex_text(cluster_key, 32));
        }

        must(mt_peer_payload_check(&peer, expected.data, expected.length, key, cluster), "%s", case_name(each));
        EXPECT(
            peer.has_certificate == (uint32_t)flag_member(each, "hasCertificate") &&
                same(peer.node_id, fixed_member(each, "nodeId", 32), 32) &&
                same(peer.public_key, fixed_member(each, "publicKey", 32), 32) && peer.version == number_member(each, "version"),
            "%s is %s, certificate %u, version %u", case_name(each), hex_text(peer.node_id, 32), peer.has_certificate, peer.version);
    }
}

static void show_bad_peers(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("peers.json", "bad"))
    {
        bytes_t payload = bytes_member(each, "payload");
        mt_peer_info_t peer = { sizeof peer, 77, { 0 }, { 0 }, 77, 77 };
        expect_status(
            mt_peer_payload_check(
                &peer, payload.data, payload.length, fixed_member(each, "static", 32), fixed_member(each, "clusterKey", 32)),
            status_member(each, "status"), "%s", case_name(each));
        EXPECT(peer.has_certificate == 77 && peer.version == 77, "%s wrote something", case_name(each));
    }

    cJSON_ArrayForEach(each, vectors("peers.json", "badCredentials"))
    {
        bytes_t payload = new_bytes(MT_PEER_PAYLOAD_LENGTH_MAX);
        const char *credential = text_member(each, "credential");
        const uint8_t *key = fixed_member(cJSON_GetArrayItem(vectors("peers.json", "payloads"), 0), "static", 32);
        uint8_t cluster_key[32];
        size_t length = 77;
        if (has_nul(credential))
            continue;
        expect_status(
            mt_peer_payload_create(payload.data, payload.length, &length, copy_text(credential), key, cluster_key),
            status_member(each, "status"), "%s", case_name(each));
        EXPECT(length == 77 && is_all(payload.data, 0xcd, payload.length), "%s wrote something", case_name(each));
    }
}

const behaviour_t noise_behaviours[] = {
    { "noise.vectors", show_vectors, 0 },
    { "noise.fresh", show_fresh_sessions, 0 },
    { "noise.failures", show_failures, 0 },
    { "noise.turns", show_turns, 0 },
    { "noise.peer", show_peers, 0 },
    { "noise.peer-bad", show_bad_peers, 0 },
    { NULL, NULL, 0 },
};
