/* Versions, statuses, hashes, Merkle trees, CID texts: parts 1 to 3 of the header. */
#include "suite.h"

#include <pthread.h>

static void show_abi_version(void)
{
    EXPECT(mt_abi_version() == MT_ABI_VERSION, "the library has 0x%x, the header 0x%x", mt_abi_version(), MT_ABI_VERSION);
    EXPECT(mt_sha256_length() == MT_SHA256_LENGTH, "mt_sha256_length is %zu", mt_sha256_length());
    EXPECT(mt_rs_shards_max() == MT_RS_SHARDS_MAX, "mt_rs_shards_max is %u", mt_rs_shards_max());
}

static void show_version_text(void)
{
    EXPECT(strcmp(mt_version_string(), MT_VERSION_STRING) == 0, "the library says \"%s\"", mt_version_string());
}

static void show_processor(void)
{
    const char *level = mt_processor_level(), *kernels = mt_processor_kernels();
    EXPECT(
        strcmp(level, "x86-64-v3") == 0 || strcmp(level, "x86-64-v4") == 0 || strcmp(level, "portable") == 0, "the level is \"%s\"", level);
    EXPECT(strstr(kernels, "erasure=") != NULL, "the kernels are \"%s\"", kernels);
}

static void show_status_names(void)
{
    static const mt_status_t unknown[] = { 1, -19, -1000, INT32_MIN, INT32_MAX };
    const cJSON *entry;
    size_t i;
    cJSON_ArrayForEach(entry, vectors("status.json", "statuses"))
    {
        const char *name = mt_status_name((mt_status_t)integer_member(entry, "value"));
        EXPECT(strcmp(name, text_member(entry, "name")) == 0, "%s is named %s", text_member(entry, "name"), name);
    }

    for (i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        EXPECT(strcmp(mt_status_name(unknown[i]), "MT_ERROR_UNKNOWN") == 0, "%d is named %s", unknown[i], mt_status_name(unknown[i]));
}

static void show_status_text(void)
{
    char whole[512], cut[8];
    uint8_t hash[MT_SHA256_LENGTH];
    size_t length;
    mt_rs_t *rs;
    expect_status(mt_rs_create(&rs, 0, 2, NULL), MT_ERROR_INVALID_ARGUMENT, "a code with no data shards");
    length = mt_last_error(NULL, 0);
    EXPECT(length > sizeof cut && mt_last_error(NULL, 100) == length, "the length of the last error is %zu", length);
    EXPECT(mt_last_error(whole, sizeof whole) == length && strlen(whole) == length, "\"%s\" is not %zu bytes long", whole, length);
    memset(cut, 'x', sizeof cut);
    EXPECT(mt_last_error(cut, 0) == length && is_all(cut, 'x', sizeof cut), "a capacity of 0 wrote something");
    EXPECT(mt_last_error(cut, sizeof cut) == length && strlen(cut) == 7 && same(cut, whole, 7), "a capacity of 8 gave \"%.8s\"", cut);
    must(mt_sha256(hash, NULL, 0), "hashing nothing");
    EXPECT(mt_last_error(NULL, 0) == length, "a success changed the last error");
}

typedef struct
{
    int had_none, has_own;
} other_thread_t;

static void *fail_otherwise(void *context)
{
    other_thread_t *seen = context;
    char text[512];
    seen->had_none = mt_last_error(NULL, 0) == 0 && mt_last_error(text, sizeof text) == 0 && text[0] == 0;
    seen->has_own = mt_sha256(NULL, NULL, 0) == MT_ERROR_NULL_POINTER && mt_last_error(text, sizeof text) > 0;
    return NULL;
}

static void show_text_per_thread(void)
{
    other_thread_t seen = { 0, 0 };
    char before[512], after[512];
    pthread_t thread;
    mt_rs_t *rs;
    expect_status(mt_rs_create(&rs, 0, 2, NULL), MT_ERROR_INVALID_ARGUMENT, "a code with no data shards");
    mt_last_error(before, sizeof before);
    EXPECT(pthread_create(&thread, NULL, fail_otherwise, &seen) == 0, "no thread");
    pthread_join(thread, NULL);
    mt_last_error(after, sizeof after);
    EXPECT(seen.had_none, "a new thread has an error already");
    EXPECT(seen.has_own, "the other thread has no error of its own");
    EXPECT(strcmp(before, after) == 0, "the error of another thread, \"%s\", became ours", after);
}

static void show_sha256(void)
{
    uint8_t *hash = allocate(MT_SHA256_LENGTH);
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("sha256.json", "cases"))
    {
        bytes_t data = bytes_member(each, "data");
        must(mt_sha256(hash, data.data, data.length), "%s", case_name(each));
        EXPECT(same(hash, fixed_member(each, "sha256", 32), 32), "%s gives %s", case_name(each), hex_text(hash, 32));
    }
}

static void show_sha256_many(void)
{
    const cJSON *cases = vectors("sha256.json", "cases"), *each;
    size_t count = (size_t)cJSON_GetArraySize(cases), i = 0;
    const uint8_t **data = (const uint8_t **)(void *)allocate(count * sizeof *data);
    size_t *lengths = (size_t *)(void *)allocate(count * sizeof *lengths);
    uint8_t *hashes = allocate(count * MT_SHA256_LENGTH);
    cJSON_ArrayForEach(each, cases)
    {
        bytes_t message = bytes_member(each, "data");
        data[i] = message.data;
        lengths[i++] = message.length;
    }

    must(mt_sha256_many(hashes, data, lengths, count), "hashing %zu messages", count);
    i = 0;
    cJSON_ArrayForEach(each, cases)
    {
        EXPECT(
            same(hashes + 32 * i, fixed_member(each, "sha256", 32), 32), "%s gives %s", case_name(each), hex_text(hashes + 32 * i, 32));
        i++;
    }

    must(mt_sha256_many(NULL, NULL, NULL, 0), "hashing no message");
}

static void show_merkle_root(void)
{
    uint8_t *root = allocate(MT_SHA256_LENGTH);
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("merkle.json", "cases"))
    {
        bytes_t data = bytes_member(each, "data");
        must(mt_merkle_root(root, data.data, data.length), "%s", case_name(each));
        EXPECT(same(root, fixed_member(each, "root", 32), 32), "%s gives %s", case_name(each), hex_text(root, 32));
    }
}

static void show_good_cids(void)
{
    char *text = (char *)allocate(MT_CID_TEXT_LENGTH + 1);
    uint8_t *id = allocate(MT_ID_LENGTH);
    const cJSON *each;
    size_t length;
    cJSON_ArrayForEach(each, vectors("cid.json", "good"))
    {
        const uint8_t *expected = fixed_member(each, "id", MT_ID_LENGTH);
        must(mt_cid_format(text, MT_CID_TEXT_LENGTH + 1, &length, expected), "%s", case_name(each));
        EXPECT(strcmp(text, text_member(each, "text")) == 0 && length == MT_CID_TEXT_LENGTH, "%s gives %s", case_name(each), text);
        must(mt_cid_parse(id, text), "%s", case_name(each));
        EXPECT(same(id, expected, MT_ID_LENGTH), "%s gives %s", case_name(each), hex_text(id, MT_ID_LENGTH));
    }
}

static void show_bad_cids(void)
{
    uint8_t *id = allocate(MT_ID_LENGTH);
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("cid.json", "bad"))
    {
        const char *text = text_member(each, "text");
        if (has_nul(text))
            continue;
        expect_status(mt_cid_parse(id, copy_text(text)), status_member(each, "status"), "%s", case_name(each));
        EXPECT(is_all(id, 0xcd, MT_ID_LENGTH), "%s wrote an id", case_name(each));
    }
}

const behaviour_t hash_behaviours[] = {
    { "version.abi", show_abi_version, 0 },
    { "version.text", show_version_text, 0 },
    { "version.processor", show_processor, 0 },
    { "status.names", show_status_names, 0 },
    { "status.text", show_status_text, 0 },
    { "status.text-per-thread", show_text_per_thread, 0 },
    { "hash.sha256", show_sha256, 0 },
    { "hash.sha256-many", show_sha256_many, 0 },
    { "merkle.root", show_merkle_root, 0 },
    { "cid.good", show_good_cids, 0 },
    { "cid.bad", show_bad_cids, 0 },
    { NULL, NULL, 0 },
};
