/* What it costs to cross the boundary: "bench NAME NANOSECONDS BYTES", of which ../README.md has the list. */
#include "suite.h"

#include <time.h>

enum { BATCHES = 7, BATCH_NS = 50000000, MIB = 1048576 };

static mt_rs_t *rs;
static uint8_t *memory, *blob, *shards[6];
static const char *object_capability;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The median of the nanoseconds of one call over batches of at least so long. */
static void measure(const char *name, mt_status_t (*call)(void), size_t bytes)
{
    double times[BATCHES];
    uint64_t count = 1, start, spent, i;
    int batch;
    for (;;)
    {
        start = now_ns();
        for (i = 0; i < count; i++)
            must(call(), "%s", name);
        spent = now_ns() - start;
        if (spent >= BATCH_NS)
            break;
        count = spent < BATCH_NS / 100 ? count * 10 : count * BATCH_NS / spent + count / 10 + 1;
    }

    for (batch = 0; batch < BATCHES; batch++)
    {
        start = now_ns();
        for (i = 0; i < count; i++)
            must(call(), "%s", name);
        times[batch] = (double)(now_ns() - start) / (double)count;
    }

    qsort(times, BATCHES, sizeof times[0], ascending);
    printf("bench %s %.1f %zu\n", name, times[BATCHES / 2], bytes);
    fflush(stdout);
}

static mt_status_t call_empty(void)
{
    return mt_abi_version() == 0 ? MT_ERROR_INTERNAL : MT_OK;
}

static mt_status_t call_sha256(void)
{
    uint8_t hash[MT_SHA256_LENGTH];
    return mt_sha256(hash, memory, 64);
}

static mt_status_t call_seal(void)
{
    static const mt_blob_options_t options = { sizeof options, MT_SUITE_AES_256_GCM, MT_COMPRESSION_NONE, 0, NULL };
    uint8_t id[MT_ID_LENGTH], key[MT_KEY_LENGTH];
    size_t length;
    return mt_blob_seal(blob, MIB + MT_BLOB_OVERHEAD, &length, id, key, memory, MIB, &options);
}

static mt_status_t call_encode(void)
{
    return mt_rs_encode(rs, shards + 4, (const uint8_t *const *)shards, MIB / 4);
}

static void measure_get(void)
{
    double times[3];
    mt_object_info_t info = { sizeof info, 0, 0, 0, 0, 0 };
    mt_object_t *object = NULL;
    bytes_t data;
    int i;
    must(mt_object_open(shared_client(), &object, object_capability), "opening the object");
    must(mt_object_get_info(object, &info), "its length");
    mt_object_destroy(object);
    data = new_bytes((size_t)info.length);
    for (i = 0; i < 3; i++)
    {
        uint64_t start = now_ns();
        size_t length = 0;
        must(mt_client_read(shared_client(), data.data, data.length, &length, object_capability, 0), "reading");
        EXPECT(length == data.length, "%zu bytes came of %zu", length, data.length);
        times[i] = (double)(now_ns() - start);
    }

    qsort(times, 3, sizeof times[0], ascending);
    printf("bench get-256m %.1f %zu\n", times[1], data.length);
}

static void measure_all(void)
{
    int i;
    memory = pattern(MIB, 1).data;
    blob = new_bytes(MIB + MT_BLOB_OVERHEAD).data;
    for (i = 0; i < 6; i++)
        shards[i] = pattern(MIB / 4, (uint32_t)i + 1).data;
    must(mt_rs_create(&rs, 4, 2, NULL), "a code");
    measure("empty", call_empty, 0);
    measure("sha256-64", call_sha256, 64);
    measure("seal-1m", call_seal, MIB);
    measure("encode-1m", call_encode, MIB);
    mt_rs_destroy(rs);
    if (object_capability != NULL)
        measure_get();
}

int bench(const char *capability)
{
    object_capability = capability;
    return run_guarded(measure_all) ? 0 : 1;
}
