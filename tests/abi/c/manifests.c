/* Capabilities and manifests: part 8 of the header. */
#include "suite.h"

static mt_capability_info_t capability_fields(const cJSON *item)
{
    mt_capability_info_t info;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    info.can_read = (uint32_t)flag_member(item, "canRead");
    memcpy(info.root_id, fixed_member(item, "rootId", 32), 32);
    memcpy(info.key, fixed_member(item, "key", 32), 32);
    info.root_length = (uint32_t)number_member(item, "rootLength");
    info.parity_shards = (uint32_t)number_member(item, "parityShards");
    return info;
}

static void show_good_capabilities(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("capabilities.json", "good"))
    {
        mt_capability_info_t expected = capability_fields(each), info;
        char *text = (char *)allocate(MT_CAPABILITY_CAPACITY);
        size_t length;
        memset(&info, 0xcd, sizeof info);
        info.struct_size = sizeof info;
        must(mt_capability_parse(&info, copy_text(text_member(each, "text"))), "%s", case_name(each));
        EXPECT(
            info.can_read == expected.can_read && same(info.root_id, expected.root_id, 32) && same(info.key, expected.key, 32) &&
                info.root_length == expected.root_length && info.parity_shards == expected.parity_shards,
            "%s has other fields", case_name(each));
        must(mt_capability_format(text, MT_CAPABILITY_CAPACITY, &length, &expected), "%s", case_name(each));
        EXPECT(
            strcmp(text, text_member(each, "canonical")) == 0 && length == strlen(text), "%s is written as another text", case_name(each));
    }
}

static void show_verify_capabilities(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("capabilities.json", "good"))
    {
        char *text = (char *)allocate(MT_CAPABILITY_CAPACITY);
        size_t length;
        must(
            mt_capability_to_verify(text, MT_CAPABILITY_CAPACITY, &length, copy_text(text_member(each, "text"))), "%s", case_name(each));
        EXPECT(strcmp(text, text_member(each, "verify")) == 0 && length == strlen(text), "%s gives %s", case_name(each), text);
    }
}

static void show_bad_capabilities(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("capabilities.json", "bad"))
    {
        const char *text = text_member(each, "text");
        mt_capability_info_t info = { sizeof info, 77, { 0 }, { 0 }, 77, 77 };
        if (has_nul(text))
            continue;
        expect_status(mt_capability_parse(&info, copy_text(text)), status_member(each, "status"), "%s", case_name(each));
        EXPECT(info.can_read == 77 && info.root_length == 77, "%s wrote something", case_name(each));
    }

    cJSON_ArrayForEach(each, vectors("capabilities.json", "badFields"))
    {
        mt_capability_info_t info = capability_fields(each);
        char *text = (char *)allocate(MT_CAPABILITY_CAPACITY);
        size_t length;
        expect_status(
            mt_capability_format(text, MT_CAPABILITY_CAPACITY, &length, &info), status_member(each, "status"), "%s", case_name(each));
    }
}

/* Compares a manifest with a case; without keys with what can be known then. */
static void expect_manifest(mt_manifest_t *manifest, const cJSON *item, int with_keys)
{
    const cJSON *stream_item, *stripe_item, *blob_item;
    mt_manifest_info_t info = { sizeof info, 77, 77, 77, 77, 77, 77 };
    char name[512];
    size_t length = 77;
    uint32_t stream_index = 0;
    must(mt_manifest_get_info(manifest, &info), "%s", case_name(item));
    EXPECT(info.has_keys == (uint32_t)with_keys, "%s has keys: %u", case_name(item), info.has_keys);
    EXPECT(
        info.kind == (with_keys ? number_member(item, "kind") : 0) && info.mode == (with_keys ? number_member(item, "mode") : 0) &&
            info.modified_unix_ns == (with_keys ? integer_member(item, "modifiedUnixNs") : 0),
        "%s has kind %u, mode %o, time %lld", case_name(item), info.kind, info.mode, (long long)info.modified_unix_ns);
    EXPECT(
        info.stream_count == (uint32_t)cJSON_GetArraySize(member(item, "streams")), "%s has %u streams", case_name(item),
        info.stream_count);
    must(mt_manifest_get_name(manifest, name, sizeof name, &length), "the name of %s", case_name(item));
    EXPECT(
        strcmp(name, with_keys ? text_member(item, "objectName") : "") == 0 && length == strlen(name), "%s is named \"%s\"",
        case_name(item), name);

    cJSON_ArrayForEach(stream_item, member(item, "streams"))
    {
        mt_manifest_stream_t stream = { sizeof stream, 77, 77, 77, 77 };
        uint32_t stripe_index = 0;
        must(mt_manifest_get_stream(manifest, &stream, stream_index), "%s, stream %u", case_name(item), stream_index);
        EXPECT(
            stream.depth == number_member(stream_item, "depth") &&
                stream.length == (with_keys ? number_member(stream_item, "length") : 0) &&
                stream.stripe_count == (uint32_t)cJSON_GetArraySize(member(stream_item, "stripes")),
            "%s, stream %u has depth %u, length %llu, %u stripes", case_name(item), stream_index, stream.depth,
            (unsigned long long)stream.length, stream.stripe_count);
        cJSON_ArrayForEach(stripe_item, member(stream_item, "stripes"))
        {
            mt_stripe_info_t stripe = { sizeof stripe, 77, 77, 77, 77, 77, { 0 } };
            uint32_t blob_index = 0;
            must(mt_manifest_get_stripe(manifest, &stripe, stream_index, stripe_index), "%s, stripe %u", case_name(item), stripe_index);
            EXPECT(
                stripe.data_shards == number_member(stripe_item, "dataShards") &&
                    stripe.parity_shards == number_member(stripe_item, "parityShards") &&
                    stripe.shard_length == number_member(stripe_item, "shardLength") &&
                    stripe.id_count == (uint32_t)cJSON_GetArraySize(member(stripe_item, "blobs")) &&
                    same(stripe.id, fixed_member(stripe_item, "id", 32), 32),
                "%s, stripe %u has %u+%u shards of %u bytes, %u ids, and is %s", case_name(item), stripe_index, stripe.data_shards,
                stripe.parity_shards, stripe.shard_length, stripe.id_count, hex_text(stripe.id, 32));
            cJSON_ArrayForEach(blob_item, member(stripe_item, "blobs"))
            {
                bytes_t key = bytes_member(blob_item, "key");
                mt_stripe_blob_t blob = { sizeof blob, 77, 77, 77, 77, { 0 }, { 77 } };
                int has_key = with_keys && key.length > 0;
                must(
                    mt_manifest_get_blob(manifest, &blob, stream_index, stripe_index, blob_index), "%s, blob %u", case_name(item),
                    blob_index);
                EXPECT(
                    blob.length == number_member(blob_item, "length") && same(blob.id, fixed_member(blob_item, "id", 32), 32) &&
                        blob.plaintext_length == (with_keys ? number_member(blob_item, "plaintextLength") : 0),
                    "%s, blob %u has %u bytes, %llu behind it, and is %s", case_name(item), blob_index, blob.length,
                    (unsigned long long)blob.plaintext_length, hex_text(blob.id, 32));
                EXPECT(
                    blob.has_key == (uint32_t)has_key && (has_key ? same(blob.key, key.data, 32) : is_all(blob.key, 0, 32)),
                    "%s, blob %u has another key", case_name(item), blob_index);
                blob_index++;
            }

            stripe_index++;
        }

        stream_index++;
    }
}

static void show_manifests(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("manifests.json", "manifests"))
    {
        bytes_t blob = bytes_member(each, "blob");
        mt_manifest_t *manifest = NULL;
        must(mt_manifest_open(&manifest, blob.data, blob.length, fixed_member(each, "key", 32)), "%s", case_name(each));
        expect_manifest(manifest, each, 1);
        mt_manifest_destroy(manifest);
    }
}

static void show_public_manifests(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("manifests.json", "manifests"))
    {
        bytes_t blob = bytes_member(each, "blob");
        mt_manifest_t *manifest = NULL;
        must(mt_manifest_open(&manifest, blob.data, blob.length, NULL), "%s", case_name(each));
        expect_manifest(manifest, each, 0);
        mt_manifest_destroy(manifest);
    }
}

/* A manifest made anew from a case. */
static mt_manifest_t *make_manifest(const cJSON *item)
{
    const cJSON *stream, *stripe, *blob;
    mt_manifest_info_t info;
    mt_manifest_t *manifest = NULL;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    info.kind = (uint32_t)number_member(item, "kind");
    info.mode = (uint32_t)number_member(item, "mode");
    info.modified_unix_ns = integer_member(item, "modifiedUnixNs");
    must(mt_manifest_create(&manifest, &info, text_member(item, "objectName")), "%s", case_name(item));
    cJSON_ArrayForEach(stream, member(item, "streams"))
    {
        must(mt_manifest_add_stream(manifest, (uint32_t)number_member(stream, "depth")), "%s, a stream", case_name(item));
        cJSON_ArrayForEach(stripe, member(stream, "stripes"))
        {
            const cJSON *blobs = member(stripe, "blobs");
            uint32_t k = (uint32_t)number_member(stripe, "dataShards"), i = 0;
            uint8_t *ids = allocate(32u * (size_t)cJSON_GetArraySize(blobs)), *keys = allocate(32u * k);
            uint32_t *lengths = (uint32_t *)(void *)allocate(k * sizeof *lengths);
            uint64_t *plaintext_lengths = (uint64_t *)(void *)allocate(k * sizeof *plaintext_lengths);
            cJSON_ArrayForEach(blob, blobs)
            {
                memcpy(ids + 32 * i, fixed_member(blob, "id", 32), 32);
                if (i < k)
                {
                    memcpy(keys + 32 * i, fixed_member(blob, "key", 32), 32);
                    lengths[i] = (uint32_t)number_member(blob, "length");
                    plaintext_lengths[i] = number_member(blob, "plaintextLength");
                }

                i++;
            }

            must(
                mt_manifest_add_stripe(
                    manifest, k, (uint32_t)number_member(stripe, "parityShards"), ids, lengths, keys, plaintext_lengths),
                "%s, a stripe", case_name(item));
        }
    }

    return manifest;
}

static void show_sealed_manifests(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("manifests.json", "manifests"))
    {
        bytes_t expected = bytes_member(each, "blob"), blob = new_bytes(MT_MANIFEST_LENGTH_MAX);
        uint8_t id[32], key[32];
        mt_blob_options_t options = { sizeof options, 0, 0, 0, NULL };
        mt_manifest_t *manifest = make_manifest(each);
        expect_manifest(manifest, each, 1);
        options.suite = (uint32_t)number_member(each, "suite");
        options.tenant_secret32 = fixed_member(each, "tenantSecret", 32);
        must(mt_manifest_seal(manifest, blob.data, blob.length, &blob.length, id, key, &options), "%s", case_name(each));
        EXPECT(
            blob.length == expected.length && same(blob.data, expected.data, blob.length), "%s is sealed to other bytes", case_name(each));
        EXPECT(
            same(id, fixed_member(each, "id", 32), 32) && same(key, fixed_member(each, "key", 32), 32), "%s has another id or key",
            case_name(each));
        mt_manifest_destroy(manifest);
    }
}

static void show_bad_manifests(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("manifests.json", "bad"))
    {
        bytes_t blob = bytes_member(each, "blob"), key = bytes_member(each, "key");
        mt_manifest_t *manifest = NULL;
        expect_status(
            mt_manifest_open(&manifest, blob.data, blob.length, key.length == 0 ? NULL : key.data), status_member(each, "status"), "%s",
            case_name(each));
    }
}

static mt_manifest_t *begin(uint32_t kind)
{
    mt_manifest_info_t info = { sizeof info, 0, 0644, 0, 0, 0, 0 };
    mt_manifest_t *manifest = NULL;
    info.kind = kind;
    must(mt_manifest_create(&manifest, &info, kind == MT_MANIFEST_NODE ? NULL : "name"), "a manifest of kind %u", kind);
    return manifest;
}

static void show_refused_manifests(void)
{
    const cJSON *item = cJSON_GetArrayItem(vectors("manifests.json", "manifests"), 0);
    bytes_t blob = bytes_member(item, "blob");
    uint8_t id[32] = { 1 }, key[32] = { 2 }, *dst = allocate(MT_MANIFEST_LENGTH_MAX);
    uint32_t length = 100;
    uint64_t plaintext_length = 68;
    size_t dst_length;
    char name[257];
    mt_manifest_info_t info = { sizeof info, MT_MANIFEST_FILE, 0644, 0, 0, 0, 0 };
    mt_manifest_stream_t stream = { sizeof stream, 0, 0, 0, 0 };
    mt_stripe_info_t stripe = { sizeof stripe, 0, 0, 0, 0, 0, { 0 } };
    mt_stripe_blob_t part = { sizeof part, 0, 0, 0, 0, { 0 }, { 0 } };
    mt_manifest_t *manifest = NULL;

    must(mt_manifest_open(&manifest, blob.data, blob.length, fixed_member(item, "key", 32)), "opening");
    expect_status(mt_manifest_add_stream(manifest, 0), MT_ERROR_STATE, "a stream for one that was opened");
    expect_status(
        mt_manifest_add_stripe(manifest, 1, 2, id, &length, key, &plaintext_length), MT_ERROR_STATE, "a stripe for one that was opened");
    expect_status(mt_manifest_get_stream(manifest, &stream, 99), MT_ERROR_INVALID_ARGUMENT, "stream 99");
    expect_status(mt_manifest_get_stripe(manifest, &stripe, 0, 99), MT_ERROR_INVALID_ARGUMENT, "stripe 99");
    expect_status(mt_manifest_get_stripe(manifest, &stripe, UINT32_MAX, 0), MT_ERROR_INVALID_ARGUMENT, "a stripe of stream 2^32-1");
    expect_status(mt_manifest_get_blob(manifest, &part, 0, 0, UINT32_MAX), MT_ERROR_INVALID_ARGUMENT, "blob 2^32-1");
    mt_manifest_destroy(manifest);

    manifest = begin(MT_MANIFEST_FILE);
    expect_status(
        mt_manifest_add_stripe(manifest, 1, 2, id, &length, key, &plaintext_length), MT_ERROR_STATE, "a stripe before any stream");
    expect_status(
        mt_manifest_seal(manifest, dst, MT_MANIFEST_LENGTH_MAX, &dst_length, id, key, NULL), MT_ERROR_STATE, "a file without a stream");
    must(mt_manifest_add_stream(manifest, 0), "a stream");
    expect_status(
        mt_manifest_add_stripe(manifest, 0, 2, id, &length, key, &plaintext_length), MT_ERROR_INVALID_ARGUMENT, "a stripe with k = 0");
    mt_manifest_destroy(manifest);

    manifest = begin(MT_MANIFEST_DIRECTORY);
    must(mt_manifest_add_stream(manifest, 0), "a stream");
    expect_status(
        mt_manifest_seal(manifest, dst, MT_MANIFEST_LENGTH_MAX, &dst_length, id, key, NULL), MT_ERROR_STATE, "a directory with one stream");
    mt_manifest_destroy(manifest);

    memset(name, 'n', sizeof name);
    name[256] = 0;
    expect_status(mt_manifest_create(&manifest, &info, name), MT_ERROR_INVALID_ARGUMENT, "a name of 256 bytes");
    expect_status(mt_manifest_create(&manifest, &info, "a/b"), MT_ERROR_INVALID_ARGUMENT, "the name a/b");
    info.kind = 3;
    expect_status(mt_manifest_create(&manifest, &info, "name"), MT_ERROR_INVALID_ARGUMENT, "a kind of 3");
}

const behaviour_t manifest_behaviours[] = {
    { "capability.good", show_good_capabilities, 0 },
    { "capability.verify", show_verify_capabilities, 0 },
    { "capability.bad", show_bad_capabilities, 0 },
    { "manifest.open", show_manifests, 0 },
    { "manifest.public", show_public_manifests, 0 },
    { "manifest.seal", show_sealed_manifests, 0 },
    { "manifest.bad", show_bad_manifests, 0 },
    { "manifest.refused", show_refused_manifests, 0 },
    { NULL, NULL, 0 },
};
