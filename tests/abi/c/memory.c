/* Outputs that are too short, and outputs that lie where they must not. */
#include "suite.h"

/*
 * An output of variable size is asked for with NULL and 0, with one byte too few and with exactly enough: `call` is an expression in which
 * dst, capacity and needed stand for the output. nul is 1 for a text.
 */
#define SHORT_BUFFERS(name, nul, call)                                                                                                   \
    do                                                                                                                                    \
    {                                                                                                                                     \
        void *dst = NULL;                                                                                                                 \
        size_t capacity = 0, exact, *needed = &length;                                                                                    \
        length = 77;                                                                                                                      \
        expect_status(call, MT_ERROR_BUFFER_TOO_SMALL, "%s with NULL and 0", name);                                                       \
        exact = length + (nul);                                                                                                           \
        EXPECT(exact > 0 && exact < 1u << 25, "%s needs %zu bytes", name, exact);                                                         \
        length = 77;                                                                                                                      \
        capacity = exact - 1;                                                                                                             \
        dst = allocate(capacity);                                                                                                         \
        expect_status(call, MT_ERROR_BUFFER_TOO_SMALL, "%s with one byte too few", name);                                                 \
        EXPECT(length + (nul) == exact, "%s needs %zu bytes, then %zu", name, exact, length + (nul));                                     \
        EXPECT(is_all(dst, 0xcd, capacity), "%s wrote into a buffer that is too short", name);                                            \
        capacity = exact;                                                                                                                 \
        dst = allocate(capacity);                                                                                                         \
        must(call, "%s with exactly enough", name);                                                                                       \
        EXPECT(length + (nul) <= exact, "%s wrote %zu bytes into %zu", name, length + (nul), exact);                                      \
        if (nul)                                                                                                                          \
            EXPECT(strlen(dst) == length, "%s wrote a text of another length", name);                                                     \
    } while (0)

static void short_client_buffers(void)
{
    mt_client_t *client = shared_client();
    mt_operation_t *operation = NULL;
    mt_object_t *object = NULL;
    mt_upload_t *upload = NULL;
    capability_t capability;
    size_t length;
    int32_t done;
    char *folder = temp_path("short");
    SHORT_BUFFERS("mt_client_put", 1, mt_client_put(client, dst, capacity, needed, (const uint8_t *)"short", 5, NULL));
    write_file(folder, "short", 5);
    SHORT_BUFFERS("mt_client_put_file", 1, mt_client_put_file(client, dst, capacity, needed, folder, NULL));
    capability = put((const uint8_t *)"short", 5);
    must(mt_object_open(client, &object, capability.text), "an object");
    SHORT_BUFFERS("mt_object_get_name", 1, mt_object_get_name(object, dst, capacity, needed));
    mt_object_destroy(object);
    must(mt_client_put_start(client, &operation, (const uint8_t *)"short", 5, NULL, NULL, NULL), "a put");
    must(mt_operation_wait(operation, &done, UINT32_MAX), "waiting");
    SHORT_BUFFERS("mt_operation_get_capability", 1, mt_operation_get_capability(operation, dst, capacity, needed));
    mt_operation_destroy(operation);
    must(mt_upload_create(client, &upload, NULL), "an upload");
    must(mt_upload_write(upload, (const uint8_t *)"short", 5), "writing");
    SHORT_BUFFERS("mt_upload_finish", 1, mt_upload_finish(upload, dst, capacity, needed));
    mt_upload_destroy(upload);
}

static void show_short_buffers(void)
{
    const cJSON *peer = cJSON_GetArrayItem(vectors("peers.json", "payloads"), 0);
    bytes_t chunk = pattern(1000, 1);
    uint8_t id[32] = { 1 }, key[32] = { 2 }, secret[32];
    mt_capability_info_t info = { sizeof info, 1, { 1 }, { 2 }, 1000, 2 };
    mt_manifest_info_t about = { sizeof about, MT_MANIFEST_FILE, 0644, 0, 0, 0, 0 };
    mt_noise_options_t options = { sizeof options, 1, 0, 0, NULL, NULL, 0, NULL };
    mt_bencode_writer_t *writer = NULL;
    mt_manifest_t *manifest = NULL;
    mt_noise_t *initiator = NULL, *responder = NULL;
    mt_wire_message_t message = { sizeof message, MT_WIRE_PING, 0, 1, { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0 };
    char capability[MT_CAPABILITY_CAPACITY];
    uint8_t blob[1032], message_bytes[256], *second = NULL;
    size_t length, blob_length, second_length;

    SHORT_BUFFERS("mt_cid_format", 1, mt_cid_format(dst, capacity, needed, id));
    SHORT_BUFFERS("mt_blob_seal", 0, mt_blob_seal(dst, capacity, needed, id, key, chunk.data, chunk.length, NULL));
    must(mt_blob_seal(blob, sizeof blob, &blob_length, id, key, chunk.data, chunk.length, NULL), "sealing");
    SHORT_BUFFERS("mt_blob_open", 0, mt_blob_open(dst, capacity, needed, key, blob, blob_length));

    must(mt_bencode_writer_create(&writer), "a writer");
    must(mt_bencode_writer_bytes(writer, chunk.data, chunk.length), "writing");
    SHORT_BUFFERS("mt_bencode_writer_finish", 0, mt_bencode_writer_finish(writer, dst, capacity, needed));
    mt_bencode_writer_destroy(writer);

    SHORT_BUFFERS("mt_capability_format", 1, mt_capability_format(dst, capacity, needed, &info));
    must(mt_capability_format(capability, sizeof capability, &length, &info), "a capability");
    SHORT_BUFFERS("mt_capability_to_verify", 1, mt_capability_to_verify(dst, capacity, needed, capability));

    must(mt_manifest_create(&manifest, &about, "name"), "a manifest");
    must(mt_manifest_add_stream(manifest, 0), "a stream");
    SHORT_BUFFERS("mt_manifest_get_name", 1, mt_manifest_get_name(manifest, dst, capacity, needed));
    SHORT_BUFFERS("mt_manifest_seal", 0, mt_manifest_seal(manifest, dst, capacity, needed, id, key, NULL));
    mt_manifest_destroy(manifest);

    /* A session lives on after each of these. */
    must(mt_x25519_generate(secret, key), "a key pair");
    options.static_secret32 = secret;
    must(mt_noise_create(&initiator, &options), "a session");
    options.initiator = 0;
    must(mt_noise_create(&responder, &options), "a session");
    must(mt_noise_write(initiator, message_bytes, sizeof message_bytes, &length, NULL, 0), "message 1");
    must(mt_noise_read(responder, NULL, 0, &length, message_bytes, length), "reading message 1");
    SHORT_BUFFERS("mt_noise_write", 0, mt_noise_write(responder, second = dst, capacity, needed, chunk.data, 50));
    second_length = length;
    SHORT_BUFFERS("mt_noise_read", 0, mt_noise_read(initiator, dst, capacity, needed, second, second_length));
    must(mt_noise_write(initiator, message_bytes, sizeof message_bytes, &length, NULL, 0), "message 3");
    must(mt_noise_read(responder, NULL, 0, &length, message_bytes, length), "reading message 3");
    mt_noise_destroy(initiator);
    mt_noise_destroy(responder);

    EXPECT(peer != NULL, "peers.json has no payload");
    SHORT_BUFFERS(
        "mt_peer_payload_create", 0,
        mt_peer_payload_create(dst, capacity, needed, text_member(peer, "credential"), fixed_member(peer, "static", 32), NULL));
    SHORT_BUFFERS("mt_wire_encode", 0, mt_wire_encode(dst, capacity, needed, &message));
    if (have_cluster())
        short_client_buffers();
}

/* ------------------------------------------------------------------------------------------------------------------ overlap -- */

/* A block of memory whose parts the calls are given; it must be as it was after each. */
static uint8_t block[4096], before[sizeof block];

static void expect_overlap(mt_status_t status, const char *call)
{
    expect_status(status, MT_ERROR_OVERLAP, "%s", call);
    EXPECT(same(block, before, sizeof block), "%s wrote something", call);
}

#define OVERLAP(call) expect_overlap(call, #call)

static void show_overlaps(void)
{
    uint8_t *at = block, *shards[6], *parity[2], id[32], key[32];
    const uint8_t *data[4], *messages[2];
    static const size_t lengths[2] = { 64, 64 };
    static const uint8_t present[6] = { 0, 1, 1, 1, 1, 1 };
    uint8_t sealed[1100];
    size_t length = 77, blob_length;
    mt_rs_t *rs = NULL;
    int i;
    fill_pattern(block, sizeof block, 1);
    memcpy(before, block, sizeof block);

    OVERLAP(mt_sha256(at, at, 64));
    OVERLAP(mt_sha256(at + 63, at, 64));
    OVERLAP(mt_sha256(at, at + 31, 64));
    OVERLAP(mt_merkle_root(at + 63, at, 64));
    OVERLAP(mt_merkle_root(at, at + 31, 64));
    messages[0] = at;
    messages[1] = at + 1000;
    OVERLAP(mt_sha256_many(at + 1063, messages, lengths, 2));
    OVERLAP(mt_sha256_many(at + 1000 - 63, messages, lengths, 2));

    must(mt_rs_create(&rs, 4, 2, NULL), "a code");
    for (i = 0; i < 4; i++)
        data[i] = shards[i] = at + 64 * i;
    shards[4] = parity[0] = at + 256;
    shards[5] = parity[1] = at + 320;
    parity[0]--;
    OVERLAP(mt_rs_encode(rs, parity, data, 64)); /* the last byte of data 3 */
    parity[0] += 2;
    OVERLAP(mt_rs_encode(rs, parity, data, 64)); /* the first byte of parity 1 */
    parity[0] = parity[1];
    OVERLAP(mt_rs_encode(rs, parity, data, 64));
    parity[0] = at + 64;
    OVERLAP(mt_rs_encode(rs, parity, data, 64));
    shards[0] = at + 1;
    OVERLAP(mt_rs_reconstruct(rs, shards, present, 64));
    shards[0] = at + 64;
    OVERLAP(mt_rs_reconstruct(rs, shards, present, 64));
    parity[0] = at + 256;
    OVERLAP(mt_rs_update(rs, parity, 0, at + 256 - 63, at + 1000, 64));
    OVERLAP(mt_rs_update(rs, parity, 0, at + 1000, at + 320 + 63, 64));
    parity[1] = at + 256 + 63;
    OVERLAP(mt_rs_update(rs, parity, 0, at + 1000, at + 1064, 64));
    mt_rs_destroy(rs);

    OVERLAP(mt_blob_seal(at, 1032, &length, id, key, at, 1000, NULL));
    OVERLAP(mt_blob_seal(at + 999, 1032, &length, id, key, at, 1000, NULL));
    OVERLAP(mt_blob_seal(at, 1032, &length, id, key, at + 1031, 1000, NULL));
    OVERLAP(mt_blob_seal(at, 1032, &length, at + 1031, key, at + 2000, 1000, NULL));
    OVERLAP(mt_blob_seal(at, 1032, &length, id, at + 2000, at + 2000, 1000, NULL));
    OVERLAP(mt_blob_seal(at, 1032, &length, at + 3100, at + 3131, at + 2000, 1000, NULL));
    must(mt_blob_seal(sealed, sizeof sealed, &blob_length, id, key, at, 1000, NULL), "sealing");
    memcpy(block + 1000, sealed, blob_length);
    memcpy(before, block, sizeof block);
    OVERLAP(mt_blob_open(at + 1000, 1000, &length, key, at + 1000, blob_length));
    OVERLAP(mt_blob_open(at + 1, 1000, &length, key, at + 1000, blob_length));
    memcpy(block + 3000, key, 32);
    memcpy(before, block, sizeof block);
    OVERLAP(mt_blob_open(at + 3031, 1000, &length, at + 3000, at + 1000, blob_length));

    OVERLAP(mt_cid_format((char *)at, 60, &length, at + 59));
    OVERLAP(mt_ed25519_generate(at, at + 31));
    OVERLAP(mt_ed25519_public_key(at, at));
    OVERLAP(mt_ed25519_public_key(at, at + 31));
    OVERLAP(mt_ed25519_sign(at, at + 63, at + 200, 10));
    OVERLAP(mt_ed25519_sign(at, at + 100, at + 63, 10));
    OVERLAP(mt_x25519_generate(at, at + 31));
    OVERLAP(mt_x25519_public_key(at, at + 31));
    EXPECT(length == 77, "a length was written");

    /* Side by side is no overlap, and neither is a range of no length. */
    must(mt_sha256(at + 64, at, 64), "an output right behind its input");
    must(mt_sha256(at, at + 32, 64), "an output right before its input");
    must(mt_sha256(at, at, 0), "an output over an input of no length");
}

const behaviour_t memory_behaviours[] = {
    { "misuse.short-buffer", show_short_buffers, 0 },
    { "misuse.overlap", show_overlaps, 0 },
    { NULL, NULL, 0 },
};
