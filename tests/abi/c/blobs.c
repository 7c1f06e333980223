/* Blobs, and keys and signatures: parts 5 and 6 of the header. */
#include "suite.h"

/* A sealed chunk. */
typedef struct
{
    bytes_t blob;
    uint8_t id[MT_ID_LENGTH], key[MT_KEY_LENGTH];
} sealed_t;

static sealed_t seal(bytes_t chunk, uint32_t suite, uint32_t compression, const uint8_t *secret32)
{
    mt_blob_options_t options = { sizeof options, suite, compression, 0, secret32 };
    sealed_t sealed;
    size_t capacity = mt_blob_bound(chunk.length);
    sealed.blob = new_bytes(capacity);
    must(
        mt_blob_seal(sealed.blob.data, capacity, &sealed.blob.length, sealed.id, sealed.key, chunk.data, chunk.length, &options),
        "sealing %zu bytes with suite %u, compression %u", chunk.length, suite, compression);
    EXPECT(sealed.blob.length <= capacity, "the blob is longer than the bound");
    return sealed;
}

static void expect_opens(const uint8_t *key, bytes_t blob, bytes_t chunk)
{
    bytes_t opened = new_bytes(chunk.length);
    must(mt_blob_open(opened.data, opened.length, &opened.length, key, blob.data, blob.length), "opening %zu bytes", blob.length);
    EXPECT(
        opened.length == chunk.length && same(opened.data, chunk.data, chunk.length), "%zu bytes do not come back from a blob",
        chunk.length);
}

static void show_seal(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("blobs.json", "sealed"))
    {
        sealed_t sealed = seal(
            bytes_member(each, "plaintext"), (uint32_t)number_member(each, "suite"), MT_COMPRESSION_NONE,
            fixed_member(each, "tenantSecret", 32));
        bytes_t blob = bytes_member(each, "blob");
        EXPECT(sealed.blob.length == number_member(each, "blobLength"), "%s has %zu bytes", case_name(each), sealed.blob.length);
        EXPECT(same(sealed.id, fixed_member(each, "id", 32), 32), "%s has the id %s", case_name(each), hex_text(sealed.id, 32));
        EXPECT(same(sealed.key, fixed_member(each, "key", 32), 32), "%s has another key", case_name(each));
        EXPECT(
            strcmp(hash_text(sealed.blob.data, sealed.blob.length), hex_text(sealed.id, 32)) == 0, "the id of %s is not its hash",
            case_name(each));
        EXPECT(
            blob.length == 0 || (blob.length == sealed.blob.length && same(blob.data, sealed.blob.data, blob.length)),
            "%s has other bytes", case_name(each));
    }
}

static void show_open(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("blobs.json", "opened"))
    {
        bytes_t blob = bytes_member(each, "blob"), chunk = new_bytes((size_t)number_member(each, "plaintextLength"));
        mt_blob_info_t info = { sizeof info, 0, 0, 0 };
        must(mt_blob_inspect(&info, blob.data, blob.length), "%s", case_name(each));
        EXPECT(
            info.suite == number_member(each, "suite") && info.compression == number_member(each, "compression") &&
                info.plaintext_length == chunk.length,
            "%s is said to be of suite %u, compression %u, length %u", case_name(each), info.suite, info.compression,
            info.plaintext_length);
        must(
            mt_blob_open(chunk.data, chunk.length, &chunk.length, fixed_member(each, "key", 32), blob.data, blob.length), "%s",
            case_name(each));
        EXPECT(chunk.length == info.plaintext_length, "%s gives %zu bytes", case_name(each), chunk.length);
        EXPECT(
            strcmp(hash_text(chunk.data, chunk.length), text_member(each, "plaintextSha256")) == 0, "%s gives other bytes",
            case_name(each));
    }
}

static void show_round_trip(void)
{
    static const size_t lengths[] = { 0, 1, 1000, 70000 };
    uint32_t suite, compression;
    size_t i, j;
    for (suite = 1; suite <= 2; suite++)
        for (compression = 1; compression <= 5; compression++)
            for (i = 0; i < 2 * sizeof lengths / sizeof lengths[0]; i++)
            {
                bytes_t chunk = pattern(lengths[i / 2], 9);
                sealed_t sealed;
                for (j = 0; i % 2 == 0 && j < chunk.length; j++)
                    chunk.data[j] = (uint8_t)(j % 7);
                sealed = seal(chunk, suite, compression, NULL);
                expect_opens(sealed.key, sealed.blob, chunk);
                EXPECT(
                    strcmp(hash_text(sealed.blob.data, sealed.blob.length), hex_text(sealed.id, 32)) == 0, "the id is not the hash");
            }
}

static void show_fresh_keys(void)
{
    sealed_t first = seal(pattern(1000, 1), 0, 0, NULL), second = seal(pattern(1000, 1), 0, 0, NULL);
    EXPECT(!same(first.key, second.key, 32), "the same key twice");
    EXPECT(!same(first.id, second.id, 32), "the same id twice");
}

static void show_same_secret(void)
{
    uint8_t secret[32], other[32];
    bytes_t chunk = new_bytes(5000);
    uint32_t compression;
    size_t i;
    memset(secret, 1, sizeof secret);
    memset(other, 2, sizeof other);
    for (i = 0; i < chunk.length; i++)
        chunk.data[i] = (uint8_t)(i % 7);
    for (compression = 1; compression <= 5; compression++)
    {
        sealed_t first = seal(chunk, 1, compression, secret), second = seal(chunk, 1, compression, secret), third;
        EXPECT(
            first.blob.length == second.blob.length && same(first.blob.data, second.blob.data, first.blob.length) &&
                same(first.id, second.id, 32) && same(first.key, second.key, 32),
            "compression %u, one secret: two blobs", compression);
        third = seal(chunk, 1, compression, other);
        EXPECT(!same(first.key, third.key, 32), "compression %u, two secrets: one key", compression);
        third = seal(chunk, 2, compression, secret);
        EXPECT(!same(first.key, third.key, 32), "compression %u, two suites: one key", compression);
    }
}

static void show_bad_blobs(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("blobs.json", "bad"))
    {
        bytes_t blob = bytes_member(each, "blob"), chunk = new_bytes(MT_BLOB_PLAINTEXT_LENGTH_MAX);
        mt_blob_info_t info = { sizeof info, 77, 77, 77 };
        size_t length = 77, i;
        mt_status_t expected = status_member(each, "inspectStatus");
        expect_status(mt_blob_inspect(&info, blob.data, blob.length), expected, "inspecting %s", case_name(each));
        EXPECT(expected == MT_OK || info.suite == 77, "inspecting %s wrote something", case_name(each));
        expected = status_member(each, "status");
        expect_status(
            mt_blob_open(chunk.data, chunk.length, &length, fixed_member(each, "key", 32), blob.data, blob.length), expected, "opening %s",
            case_name(each));
        for (i = 0; i < chunk.length && (chunk.data[i] == 0xcd || chunk.data[i] == 0); i++)
            continue;
        EXPECT(i == chunk.length, "opening %s left something in the output", case_name(each));
    }
}

static void show_blob_limits(void)
{
    bytes_t chunk = pattern(MT_BLOB_PLAINTEXT_LENGTH_MAX + 1, 3), blob = new_bytes(MT_BLOB_PLAINTEXT_LENGTH_MAX + 1 + MT_BLOB_OVERHEAD);
    uint8_t id[32], key[32];
    sealed_t sealed;
    EXPECT(mt_blob_bound(0) == MT_BLOB_OVERHEAD, "the bound of nothing is %zu", mt_blob_bound(0));
    EXPECT(mt_blob_bound(chunk.length) == 0, "the bound of 16 MiB + 1 is %zu", mt_blob_bound(chunk.length));
    EXPECT(mt_blob_bound(SIZE_MAX) == 0, "the bound of SIZE_MAX is %zu", mt_blob_bound(SIZE_MAX));
    expect_status(
        mt_blob_seal(blob.data, blob.length, &blob.length, id, key, chunk.data, chunk.length, NULL), MT_ERROR_LIMIT_EXCEEDED,
        "sealing 16 MiB + 1");
    chunk.length--;
    sealed = seal(chunk, 0, 0, NULL);
    expect_opens(sealed.key, sealed.blob, chunk);
}

const behaviour_t blob_behaviours[] = {
    { "blob.seal", show_seal, 0 },
    { "blob.open", show_open, 0 },
    { "blob.round-trip", show_round_trip, 0 },
    { "blob.fresh-keys", show_fresh_keys, 0 },
    { "blob.same-secret", show_same_secret, 0 },
    { "blob.bad", show_bad_blobs, 0 },
    { "blob.limits", show_blob_limits, 0 },
    { NULL, NULL, 0 },
};

static void show_ed25519(void)
{
    uint8_t *signature = allocate(64), *public_key = allocate(32);
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("ed25519.json", "signatures"))
    {
        const uint8_t *seed = fixed_member(each, "seed", 32);
        bytes_t data = bytes_member(each, "data");
        int32_t ok = -1;
        must(mt_ed25519_public_key(public_key, seed), "%s", case_name(each));
        EXPECT(same(public_key, fixed_member(each, "public", 32), 32), "%s has the key %s", case_name(each), hex_text(public_key, 32));
        must(mt_ed25519_sign(signature, seed, data.data, data.length), "%s", case_name(each));
        EXPECT(
            same(signature, fixed_member(each, "signature", 64), 64), "%s has the signature %s", case_name(each), hex_text(signature, 64));
        must(mt_ed25519_verify(&ok, public_key, signature, data.data, data.length), "%s", case_name(each));
        EXPECT(ok == 1, "%s does not verify", case_name(each));
    }
}

static void show_bad_ed25519(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("ed25519.json", "bad"))
    {
        bytes_t data = bytes_member(each, "data");
        int32_t ok = -1;
        must(
            mt_ed25519_verify(&ok, fixed_member(each, "public", 32), fixed_member(each, "signature", 64), data.data, data.length), "%s",
            case_name(each));
        EXPECT(ok == 0, "%s verifies", case_name(each));
    }
}

static void show_x25519(void)
{
    uint8_t *public_key = allocate(32);
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("x25519.json", "publicKeys"))
    {
        must(mt_x25519_public_key(public_key, fixed_member(each, "secret", 32)), "%s", case_name(each));
        EXPECT(same(public_key, fixed_member(each, "public", 32), 32), "%s gives %s", case_name(each), hex_text(public_key, 32));
    }
}

static void show_generate(void)
{
    uint8_t *seeds[2], *keys[2], *derived = allocate(32), *signature = allocate(64);
    int32_t ok = -1;
    int i;
    for (i = 0; i < 2; i++)
    {
        seeds[i] = allocate(32);
        keys[i] = allocate(32);
        must(mt_ed25519_generate(seeds[i], keys[i]), "generating");
        must(mt_ed25519_public_key(derived, seeds[i]), "deriving");
        EXPECT(same(derived, keys[i], 32), "the public key is not that of the seed");
    }

    EXPECT(!same(seeds[0], seeds[1], 32) && !same(keys[0], keys[1], 32), "one Ed25519 pair twice");
    must(mt_ed25519_sign(signature, seeds[0], (const uint8_t *)"text", 4), "signing");
    must(mt_ed25519_verify(&ok, keys[0], signature, (const uint8_t *)"text", 4), "verifying");
    EXPECT(ok == 1, "a signature does not verify");
    must(mt_ed25519_verify(&ok, keys[1], signature, (const uint8_t *)"text", 4), "verifying");
    EXPECT(ok == 0, "a signature verifies with another's key");

    for (i = 0; i < 2; i++)
    {
        must(mt_x25519_generate(seeds[i], keys[i]), "generating");
        must(mt_x25519_public_key(derived, seeds[i]), "deriving");
        EXPECT(same(derived, keys[i], 32), "the public key is not that of the secret");
    }

    EXPECT(!same(seeds[0], seeds[1], 32) && !same(keys[0], keys[1], 32), "one X25519 pair twice");
}

const behaviour_t key_behaviours[] = {
    { "key.ed25519", show_ed25519, 0 },
    { "key.ed25519-bad", show_bad_ed25519, 0 },
    { "key.x25519", show_x25519, 0 },
    { "key.generate", show_generate, 0 },
    { NULL, NULL, 0 },
};
