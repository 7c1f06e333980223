/*
 * What no reasonable program does, and what needs no vectors: parity against its definition, bytes at random for everything that reads,
 * and a client whose callbacks, operations and handles are used in every wrong way. One line a check, like a behaviour.
 */
#include "suite.h"

#include <pthread.h>
#include <semaphore.h>

#define MIB 1048576u

static uint64_t random_state;

static uint64_t next_random(void) /* splitmix64 */
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bytes_t random_bytes(size_t length)
{
    bytes_t bytes = new_bytes(length);
    size_t i;
    for (i = 0; i < length; i++)
        bytes.data[i] = (uint8_t)next_random();
    return bytes;
}

/* ------------------------------------------------------------------------------ GF(2^8) from its definition, to compare with -- */

static uint8_t field_multiply(uint8_t a, uint8_t b)
{
    unsigned product = 0, factor = a;
    for (; b != 0; b >>= 1, factor = (factor << 1) ^ (factor & 0x80 ? 0x11d : 0))
        product ^= b & 1 ? factor : 0;
    return (uint8_t)product;
}

static uint8_t field_inverse(uint8_t a)
{
    unsigned candidate = 1;
    while (field_multiply(a, (uint8_t)candidate) != 1)
        candidate++;
    return (uint8_t)candidate;
}

/* The byte of parity shard r at one position, from the bytes of the data shards there. */
static uint8_t expected_parity(uint8_t *const *shards, unsigned k, unsigned r, size_t position)
{
    uint8_t sum = 0;
    unsigned c;
    for (c = 0; c < k; c++)
        sum ^= field_multiply(field_inverse((uint8_t)((k + r) ^ c)), shards[c][position]);
    return sum;
}

static void check_scheme(unsigned k, unsigned m, size_t length)
{
    uint8_t *shards[MT_RS_SHARDS_MAX], *truth[MT_RS_SHARDS_MAX], present[MT_RS_SHARDS_MAX];
    mt_rs_t *rs = NULL;
    unsigned i, lost, round;
    size_t position, step = length > 400 ? 997 : 1;
    for (i = 0; i < k + m; i++)
    {
        shards[i] = random_bytes(length + 1).data; /* the byte past the end must stay */
        shards[i][length] = 0xa5;
    }

    must(mt_rs_create(&rs, k, m, NULL), "%u+%u", k, m);
    must(mt_rs_encode(rs, shards + k, (const uint8_t *const *)shards, length), "%u+%u of %zu bytes", k, m, length);
    for (i = 0; i < m; i++)
        for (position = 0; position < length; position += step)
            EXPECT(
                shards[k + i][position] == expected_parity(shards, k, i, position), "%u+%u of %zu bytes: parity %u is wrong at %zu", k, m,
                length, i, position);
    for (i = 0; i < k + m; i++)
        truth[i] = copy_bytes(shards[i], length + 1).data;
    for (round = 0; round < 6; round++)
    {
        memset(present, 1, sizeof present);
        for (lost = round % (m + 1); lost > 0;)
        {
            i = (unsigned)(next_random() % (k + m));
            if (present[i] == 0)
                continue;
            present[i] = 0;
            memset(shards[i], 0xee, length);
            lost--;
        }

        must(mt_rs_reconstruct(rs, shards, present, length), "%u+%u of %zu bytes", k, m, length);
        for (i = 0; i < k + m; i++)
            EXPECT(same(shards[i], truth[i], length + 1), "%u+%u of %zu bytes: shard %u is not rebuilt", k, m, length, i);
    }

    mt_rs_destroy(rs);
}

static void check_field(void)
{
    static const unsigned schemes[][2] = {
        { 1, 0 }, { 1, 2 }, { 4, 2 }, { 6, 2 }, { 10, 4 }, { 29, 51 }, { 5, 0 }, { 254, 1 }, { 1, 254 },
    };
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000, 100003 };
    size_t i, j;
    for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        for (j = 0; j < sizeof lengths / sizeof lengths[0]; j++)
            if (schemes[i][0] + schemes[i][1] < 20 || lengths[j] < 1000)
                check_scheme(schemes[i][0], schemes[i][1], lengths[j]);
}

static void check_hashes_at_once(void)
{
    enum { COUNT = 600 };
    bytes_t letters = random_bytes(500000);
    uint8_t *hashes = allocate(COUNT * MT_SHA256_LENGTH), hash[MT_SHA256_LENGTH];
    const uint8_t *messages[COUNT];
    size_t lengths[COUNT], i;
    for (i = 0; i < COUNT; i++)
    {
        lengths[i] = i < 200 ? i : next_random() % 5000;
        messages[i] = letters.data + next_random() % (letters.length - lengths[i]);
    }

    must(mt_sha256_many(hashes, messages, lengths, COUNT), "600 messages");
    for (i = 0; i < COUNT; i++)
    {
        must(mt_sha256(hash, messages[i], lengths[i]), "one message");
        EXPECT(same(hash, hashes + 32 * i, 32), "message %zu of %zu bytes has another hash", i, lengths[i]);
    }
}

static void check_thousand_handles(void)
{
    enum { COUNT = 1000 };
    mt_rs_t *handles[COUNT];
    size_t i, j;
    for (i = 0; i < COUNT; i++)
        must(mt_rs_create(&handles[i], 1 + (unsigned)i % 100, (unsigned)i % 50, NULL), "handle %zu", i);
    for (i = 0; i < COUNT; i++)
        for (j = 0; j < i; j++)
            EXPECT(handles[i] != handles[j], "handles %zu and %zu are one", i, j);
    for (i = 0; i < COUNT; i++)
        mt_rs_destroy(handles[i]);
}

/* ------------------------------------------------------------------------------------------------------- bytes at random -- */

/* Changes a few bytes, or cuts the end. In memory of its own, so that a read past the end is seen. */
static bytes_t mutate(bytes_t from)
{
    bytes_t bytes = copy_bytes(from.data, from.length > 0 && next_random() % 4 == 0 ? next_random() % from.length : from.length);
    unsigned changes = (unsigned)(next_random() % 4);
    while (bytes.length > 0 && changes-- > 0)
        bytes.data[next_random() % bytes.length] = (uint8_t)next_random();
    return bytes;
}

/* Reads anything as everything. What comes back does not matter, only that something does, and that a failure says why. */
static void read_as_everything(bytes_t bytes)
{
    mt_blob_info_t info = { sizeof info, 0, 0, 0 };
    mt_peer_info_t peer = { sizeof peer, 0, { 0 }, { 0 }, 0, 0 };
    mt_wire_message_t message = { sizeof message, 0, 0, 0, { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0 };
    mt_capability_info_t capability = { sizeof capability, 0, { 0 }, { 0 }, 0, 0 };
    mt_bencode_token_t token = { sizeof token, 0, 0, 0, 0, 0, 0 };
    mt_bencode_reader_t *reader = NULL;
    mt_manifest_t *manifest = NULL;
    static const uint8_t key[32];
    bytes_t chunk = new_bytes(4096), text = new_bytes(bytes.length + 1);
    size_t length = 0, steps = 0;
    uint8_t id[32];
    mt_blob_inspect(&info, bytes.data, bytes.length);
    mt_blob_open(chunk.data, chunk.length, &length, key, bytes.data, bytes.length);
    mt_peer_payload_check(&peer, bytes.data, bytes.length, key, key);
    if (mt_wire_decode(&message, &length, bytes.data, bytes.length) == MT_OK)
    {
        EXPECT(length <= bytes.length, "a frame of %zu bytes in %zu", length, bytes.length);
        EXPECT(
            message.bytes_length == 0 || (message.bytes >= bytes.data && message.bytes + message.bytes_length <= bytes.data + length),
            "the bytes of a message lie outside of it");
    }

    if (mt_bencode_reader_create(&reader, bytes.data, bytes.length) == MT_OK)
    {
        do
        {
            must(mt_bencode_reader_next(reader, &token), "the next token");
            EXPECT(token.offset + token.length <= bytes.length, "a token at %zu of %zu bytes", token.offset, token.length);
        } while (token.type != MT_BENCODE_DOCUMENT_END && steps++ < 1000000);
        EXPECT(token.type == MT_BENCODE_DOCUMENT_END, "a document without an end");
        mt_bencode_reader_destroy(reader);
    }

    if (mt_manifest_open(&manifest, bytes.data, bytes.length, NULL) == MT_OK)
        mt_manifest_destroy(manifest);
    if (mt_manifest_open(&manifest, bytes.data, bytes.length, key) == MT_OK)
        mt_manifest_destroy(manifest);
    if (bytes.length > 0)
        memcpy(text.data, bytes.data, bytes.length);
    text.data[bytes.length] = 0;
    mt_cid_parse(id, (const char *)text.data);
    mt_capability_parse(&capability, (const char *)text.data);
    mt_peer_payload_create(chunk.data, chunk.length, &length, (const char *)text.data, key, NULL);
}

static void check_random_bytes(void)
{
    static const char *const seeds[] = {
        "d1:ai-7e1:bl3:abci5ee1:cd1:xi0eee", "mt1:SBNJTRN-FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7IAAAPoAi", "mtcred1:",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    };
    mt_wire_message_t message = { sizeof message, MT_WIRE_ERROR, 0, 1, { 0 }, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0 };
    mt_manifest_info_t about = { sizeof about, MT_MANIFEST_FILE, 0644, 0, 0, 0, 0 };
    mt_manifest_t *manifest = NULL;
    bytes_t samples[7];
    uint8_t id[32], key[32];
    size_t round, count = 0;
    for (; count < 4; count++)
        samples[count] = copy_bytes(seeds[count], strlen(seeds[count]));
    samples[count] = new_bytes(64);
    message.bytes = (const uint8_t *)"text";
    message.bytes_length = 4;
    must(mt_wire_encode(samples[count].data, 64, &samples[count].length, &message), "a frame");
    samples[++count] = new_bytes(200);
    must(mt_blob_seal(samples[count].data, 200, &samples[count].length, id, key, samples[0].data, samples[0].length, NULL), "a blob");
    samples[++count] = new_bytes(4096);
    must(mt_manifest_create(&manifest, &about, "name"), "a manifest");
    must(mt_manifest_add_stream(manifest, 0), "a stream");
    must(mt_manifest_seal(manifest, samples[count].data, 4096, &samples[count].length, id, key, NULL), "a manifest");
    mt_manifest_destroy(manifest);
    for (round = 0; round < 4000; round++)
        read_as_everything(round % 4 == 0 ? random_bytes(next_random() % 300) : mutate(samples[next_random() % (count + 1)]));
}

static void check_random_sessions(void)
{
    uint8_t secrets[2][32], key[32];
    unsigned round;
    for (round = 0; round < 300; round++)
    {
        mt_noise_t *sides[2] = { NULL, NULL };
        bytes_t message = { NULL, 0 }, payload = new_bytes(2000);
        int i, turn = 0;
        size_t length = 0;
        for (i = 0; i < 2; i++)
        {
            mt_noise_options_t options = { sizeof options, i == 0, 1 + round % 2, 0, NULL, NULL, 0, NULL };
            must(mt_x25519_generate(secrets[i], key), "a key pair");
            options.static_secret32 = secrets[i];
            must(mt_noise_create(&sides[i], &options), "a session");
        }

        for (i = 0; i < 6; i++, turn = !turn)
        {
            message = new_bytes(mt_noise_write_bound(sides[turn], 100));
            if (mt_noise_write(sides[turn], message.data, message.length, &message.length, payload.data, 100) != MT_OK)
                break;
            if (next_random() % 3 == 0)
                message = mutate(message);
            if (mt_noise_read(sides[!turn], payload.data, payload.length, &length, message.data, message.length) != MT_OK)
            {
                uint32_t state = 0;
                must(mt_noise_state(sides[!turn], &state), "the state");
                EXPECT(state == MT_NOISE_DEAD, "a session lives on after a wrong message");
                break;
            }
        }

        mt_noise_destroy(sides[0]);
        mt_noise_destroy(sides[1]);
    }
}

/* ------------------------------------------------------------------------------------------------------------------- client -- */

/* What a progress callback tries that must be refused, since it would wait for itself. */
typedef struct
{
    mt_client_t *client;
    mt_operation_t *operation;
    sem_t known;
    mt_status_t wait, close, destroy;
    int tried;
} inside_t;

static mt_status_t status_of_void(size_t before)
{
    return mt_last_error(NULL, 0) != before ? MT_ERROR_STATE : MT_OK;
}

static int32_t try_inside(void *context, uint64_t bytes_done, uint64_t bytes_total)
{
    inside_t *inside = context;
    mt_client_status_t status = { sizeof status, 0, 0, 0 };
    int32_t done;
    size_t before;
    (void)bytes_done;
    (void)bytes_total;
    if (inside->tried++ > 0)
        return 0;
    sem_wait(&inside->known); /* until the operation is known */
    inside->wait = mt_operation_wait(inside->operation, &done, UINT32_MAX);
    mt_sha256(NULL, NULL, 0);
    before = mt_last_error(NULL, 0);
    mt_operation_destroy(inside->operation);
    inside->destroy = status_of_void(before);
    mt_sha256(NULL, NULL, 0);
    mt_client_close(inside->client);
    inside->close = status_of_void(before);
    return mt_client_status(inside->client, &status) == MT_OK ? 0 : 1;
}

static void check_inside_callbacks(void)
{
    bytes_t data = pattern(8 * MIB, 1);
    mt_put_options_t options;
    inside_t inside;
    int32_t done = 0;
    memset(&options, 0, sizeof options);
    memset(&inside, 0, sizeof inside);
    sem_init(&inside.known, 0, 0);
    options.struct_size = sizeof options;
    options.progress = try_inside;
    options.progress_context = &inside;
    must(mt_client_open(&inside.client, NULL, NULL), "a client");
    must(mt_client_put_start(inside.client, &inside.operation, data.data, data.length, &options, NULL, NULL), "a put");
    sem_post(&inside.known);
    must(mt_operation_wait(inside.operation, &done, UINT32_MAX), "waiting");
    must(mt_operation_status(inside.operation), "the put");
    EXPECT(inside.wait == MT_ERROR_STATE, "waiting for itself gives %s", mt_status_name(inside.wait));
    EXPECT(inside.destroy == MT_ERROR_STATE, "destroying itself is not refused");
    EXPECT(inside.close == MT_ERROR_STATE, "closing its client is not refused");
    mt_operation_destroy(inside.operation);
    mt_client_close(inside.client);
    sem_destroy(&inside.known);
}

/* The client is closed; what came from it gives MT_ERROR_CANCELED until it is destroyed. */
static void check_after_close(void)
{
    bytes_t data = pattern(4 * MIB, 1), got = new_bytes(1000);
    capability_t capability = put(data.data, data.length);
    mt_client_t *client = NULL;
    mt_object_t *object = NULL;
    mt_download_t *download = NULL;
    mt_upload_t *upload = NULL;
    mt_operation_t *operations[4] = { NULL, NULL, NULL, NULL };
    size_t length;
    int32_t done;
    int i;
    must(mt_client_open(&client, NULL, NULL), "a client");
    must(mt_object_open(client, &object, capability.text), "an object");
    must(mt_download_create(object, &download, 0, MT_LENGTH_UNKNOWN), "a download");
    must(mt_upload_create(client, &upload, NULL), "an upload");
    must(mt_upload_write(upload, data.data, 1000), "writing");
    for (i = 0; i < 4; i++)
        must(mt_client_put_start(client, &operations[i], data.data, data.length, NULL, NULL, NULL), "a put");
    mt_client_close(client);
    for (i = 0; i < 4; i++)
    {
        mt_status_t status;
        must(mt_operation_wait(operations[i], &done, 0), "waiting");
        EXPECT(done == 1, "an operation is under way after its client was closed");
        status = mt_operation_status(operations[i]);
        EXPECT(status == MT_ERROR_CANCELED || status == MT_OK, "an operation of a closed client ends with %s", mt_status_name(status));
        mt_operation_destroy(operations[i]);
    }

    expect_status(mt_object_read(object, got.data, got.length, &length, 0), MT_ERROR_CANCELED, "reading an object of a closed client");
    expect_status(mt_upload_write(upload, data.data, 1000), MT_ERROR_CANCELED, "writing to an upload of a closed client");
    expect_status(
        mt_upload_finish(upload, capability.text, sizeof capability.text, &length), MT_ERROR_CANCELED,
        "finishing an upload of a closed client");
    do /* what had come already may be read */
        length = 0;
    while (mt_download_read(download, got.data, got.length, &length) == MT_OK && length > 0);
    expect_status(
        mt_download_read(download, got.data, got.length, &length), MT_ERROR_CANCELED, "reading a download of a closed client");
    mt_object_destroy(object);
    mt_download_destroy(download);
    mt_upload_destroy(upload);
}

/* Two calls at once on one stream: one of them is refused, and the stream lives on. */
static void check_overlapping_calls(void)
{
    bytes_t data = pattern(32 * MIB, 1);
    mt_upload_t *upload = NULL;
    mt_operation_t *first = NULL, *second = NULL;
    capability_t capability;
    size_t length;
    int32_t done = 0;
    mt_status_t status;
    must(mt_upload_create(shared_client(), &upload, NULL), "an upload");
    must(mt_upload_write_start(upload, &first, data.data, data.length, NULL, NULL), "a write");
    status = mt_upload_write_start(upload, &second, data.data, 1, NULL, NULL);
    if (status == MT_OK)
    {
        must(mt_operation_wait(second, &done, UINT32_MAX), "waiting");
        status = mt_operation_status(second);
        mt_operation_destroy(second);
    }

    EXPECT(status == MT_ERROR_STATE || status == MT_OK, "a second write at once gives %s", mt_status_name(status));
    must(mt_operation_wait(first, &done, UINT32_MAX), "waiting");
    must(mt_operation_status(first), "the first write");
    mt_operation_destroy(first);
    must(mt_upload_finish(upload, capability.text, sizeof capability.text, &length), "finishing");
    mt_upload_destroy(upload);
}

/* Threads that start, cancel, destroy and close at random on shared handles, and must come out alive. */
typedef struct
{
    mt_client_t *client;
    mt_object_t *object;
    const char *capability;
    uint8_t *memory;
    uint32_t state;
    uint64_t until;
} storm_t;

enum { STORM_BYTES = 300000, STORM_MS = 5000 };

static void ignore_completion(void *context, mt_operation_t *operation, mt_status_t status)
{
    (void)context;
    (void)status;
    if ((uintptr_t)operation % 3 == 0)
        mt_operation_destroy(operation);
}

static void *storm(void *context)
{
    storm_t *storm = context;
    while (now_ms() < storm->until)
    {
        mt_operation_t *operation = NULL;
        mt_upload_t *upload = NULL;
        size_t length;
        int32_t done;
        uint32_t choice = next_number(&storm->state) >> 16;
        switch (choice % 6)
        {
            case 0:
                mt_client_put_start(storm->client, &operation, storm->memory, STORM_BYTES, NULL, ignore_completion, NULL);
                break;
            case 1:
                mt_object_read_start(storm->object, &operation, storm->memory, STORM_BYTES, 0, ignore_completion, NULL);
                break;
            case 2:
                mt_client_read_start(storm->client, &operation, storm->memory, STORM_BYTES, storm->capability, 1000, NULL, NULL);
                break;
            case 3:
                mt_object_read(storm->object, storm->memory, 1000, &length, 5000);
                break;
            case 4:
                if (mt_upload_create(storm->client, &upload, NULL) == MT_OK)
                    mt_upload_write(upload, storm->memory, STORM_BYTES);
                mt_upload_destroy(upload);
                break;
            default:
                mt_object_open_start(storm->client, &operation, storm->capability, NULL, NULL);
                break;
        }

        if (choice & 64)
            mt_operation_cancel(operation);
        if (choice & 128)
            mt_operation_wait(operation, &done, choice % 50);
        mt_operation_destroy(operation);
    }

    return NULL;
}

static void check_storm(void)
{
    enum { COUNT = 6 };
    storm_t storms[COUNT];
    pthread_t threads[COUNT];
    bytes_t data = pattern(STORM_BYTES, 1);
    capability_t capability = put(data.data, data.length);
    mt_client_t *client = NULL;
    mt_object_t *object = NULL;
    uint64_t until = now_ms() + STORM_MS;
    int i;
    must(mt_client_open(&client, NULL, NULL), "a client");
    must(mt_object_open(client, &object, capability.text), "an object");
    for (i = 0; i < COUNT; i++)
    {
        storms[i].client = client;
        storms[i].object = object;
        storms[i].capability = capability.text;
        storms[i].memory = pattern(STORM_BYTES, (uint32_t)i).data;
        storms[i].state = (uint32_t)next_random();
        storms[i].until = i < COUNT / 2 ? until - STORM_MS / 2 : until; /* half of them end before the handles do */
        EXPECT(pthread_create(&threads[i], NULL, storm, &storms[i]) == 0, "no thread");
    }

    for (i = 0; i < COUNT / 2; i++)
        pthread_join(threads[i], NULL);
    mt_object_destroy(object);
    mt_client_close(client);
    for (; i < COUNT; i++)
        pthread_join(threads[i], NULL);
    expect_content(capability.text, data.data, data.length);
}

/* Clients that are opened and closed at once. */
static void *open_close(void *context)
{
    mt_status_t *status = context;
    int round;
    for (round = 0; round < 5 && *status == MT_OK; round++)
    {
        mt_client_t *client = NULL;
        *status = mt_client_open(&client, NULL, NULL);
        mt_client_close(client);
    }

    return NULL;
}

static void check_many_clients(void)
{
    enum { COUNT = 8 };
    mt_status_t statuses[COUNT] = { MT_OK };
    pthread_t threads[COUNT];
    int i;
    for (i = 0; i < COUNT; i++)
        EXPECT(pthread_create(&threads[i], NULL, open_close, &statuses[i]) == 0, "no thread");
    for (i = 0; i < COUNT; i++)
        pthread_join(threads[i], NULL);
    for (i = 0; i < COUNT; i++)
        EXPECT(statuses[i] == MT_OK, "a client of thread %d: %s", i, mt_status_name(statuses[i]));
}

int abuse(uint64_t seed)
{
    static const behaviour_t checks[] = {
        { "abuse.field", check_field, 0 },
        { "abuse.hashes-at-once", check_hashes_at_once, 0 },
        { "abuse.thousand-handles", check_thousand_handles, 0 },
        { "abuse.random-bytes", check_random_bytes, 0 },
        { "abuse.random-sessions", check_random_sessions, 0 },
        { "abuse.inside-callbacks", check_inside_callbacks, 1 },
        { "abuse.after-close", check_after_close, 1 },
        { "abuse.overlapping-calls", check_overlapping_calls, 1 },
        { "abuse.storm", check_storm, 1 },
        { "abuse.many-clients", check_many_clients, 1 },
    };
    int failures = 0;
    size_t i;
    random_state = seed;
    printf("seed %llu\n", (unsigned long long)seed);
    for (i = 0; i < sizeof checks / sizeof checks[0]; i++)
        failures += !run_behaviour(&checks[i]);
    return failures == 0 ? 0 : 1;
}
