/*
 * Calls every function of megatorrent.h from C, in every way that the header describes: what it computes against independent
 * results, and every failure. Prints one line a check ("ok NAME" or "not ok NAME") and exits with 1 if one failed.
 *
 *      checks [SEED]       the seed of everything random; printed at the start
 */
#include <megatorrent.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void check(int passed, const char *name)
{
    printf("%s %s\n", passed ? "ok" : "not ok", name);
    if (!passed)
        failures++;
}

/* A call must fail with this status, and say why. */
static void check_fails(mt_status_t actual, mt_status_t expected, const char *name)
{
    char detail[512] = "";
    size_t length = mt_last_error(detail, sizeof detail);
    int passed = actual == expected && length > 0 && strlen(detail) > 0;
    printf("%s %s: %s, \"%s\"\n", passed ? "ok" : "not ok", name, mt_status_name(actual), detail);
    if (!passed)
    {
        printf("   expected %s\n", mt_status_name(expected));
        failures++;
    }
}

/* ------------------------------------------------------------------------------------------------------- random, reproducible -- */

static uint64_t random_state;

static uint64_t next_random(void) /* splitmix64 */
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void fill(uint8_t *bytes, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++)
        bytes[i] = (uint8_t)next_random();
}

static uint8_t *allocate(size_t length)
{
    uint8_t *bytes = malloc(length + 1); /* never of length 0, so never NULL for lack of a length */
    if (bytes == NULL)
    {
        printf("not ok memory\n");
        exit(1);
    }

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

/* ---------------------------------------------------------------------------------------------------------- 1, 2: the library -- */

static void check_versions(void)
{
    check(mt_abi_version() == MT_ABI_VERSION, "the library has the interface of the header");
    check(strcmp(mt_version_string(), MT_VERSION_STRING) == 0, "the library has the version of the header");
    check(mt_rs_shards_max() == MT_RS_SHARDS_MAX, "mt_rs_shards_max is MT_RS_SHARDS_MAX");
    check(mt_sha256_length() == MT_SHA256_LENGTH, "mt_sha256_length is MT_SHA256_LENGTH");
}

static void check_status_names(void)
{
    static const struct { mt_status_t status; const char *name; } statuses[] = {
#define STATUS(name) { name, #name }
        STATUS(MT_OK), STATUS(MT_ERROR_INVALID_ARGUMENT), STATUS(MT_ERROR_NULL_POINTER), STATUS(MT_ERROR_INVALID_HANDLE),
        STATUS(MT_ERROR_LENGTH), STATUS(MT_ERROR_STRUCT_SIZE), STATUS(MT_ERROR_UNSUPPORTED), STATUS(MT_ERROR_MALFORMED),
        STATUS(MT_ERROR_INTEGRITY), STATUS(MT_ERROR_NOT_ENOUGH_SHARDS), STATUS(MT_ERROR_NOT_FOUND), STATUS(MT_ERROR_UNAUTHORIZED),
        STATUS(MT_ERROR_UNREACHABLE), STATUS(MT_ERROR_TIMEOUT), STATUS(MT_ERROR_PROTOCOL_VIOLATION), STATUS(MT_ERROR_OUT_OF_MEMORY),
        STATUS(MT_ERROR_LIMIT_EXCEEDED), STATUS(MT_ERROR_STORE_FULL), STATUS(MT_ERROR_INPUT_OUTPUT), STATUS(MT_ERROR_CANCELED),
        STATUS(MT_ERROR_INTERNAL),
#undef STATUS
    };
    size_t i;
    int right = 1;
    for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        right &= strcmp(mt_status_name(statuses[i].status), statuses[i].name) == 0;
    check(right, "every status has the name of its macro");
    check(
        strcmp(mt_status_name(1), "MT_ERROR_UNKNOWN") == 0 && strcmp(mt_status_name(INT32_MIN), "MT_ERROR_UNKNOWN") == 0,
        "a status that does not exist is MT_ERROR_UNKNOWN");
}

static void check_last_error(void)
{
    char whole[512], cut[8];
    size_t length;

    check(mt_last_error(NULL, 0) == 0 && mt_last_error(whole, sizeof whole) == 0 && whole[0] == 0, "no error before the first failure");
    check_fails(mt_sha256(NULL, NULL, 0), MT_ERROR_NULL_POINTER, "sha256 without an output");

    length = mt_last_error(whole, sizeof whole);
    memset(cut, 'x', sizeof cut);
    check(
        mt_last_error(cut, sizeof cut) == length && strlen(cut) == sizeof cut - 1 && memcmp(cut, whole, sizeof cut - 1) == 0,
        "a short buffer gets the start of the error and a NUL");
    memset(cut, 'x', sizeof cut);
    check(mt_last_error(cut, 0) == length && cut[0] == 'x', "a capacity of 0 writes nothing");
    check(mt_last_error(NULL, 100) == length, "no buffer, only the length");

    mt_sha256((uint8_t *)whole, NULL, 0);
    check(mt_last_error(NULL, 0) == length, "a success leaves the last error alone");
}

/* ---------------------------------------------------------------------------------------------------------------- 3: SHA-256 -- */

static int hash_is(const uint8_t *hash, const char *hexadecimal)
{
    char text[2 * MT_SHA256_LENGTH + 1];
    size_t i;
    for (i = 0; i < MT_SHA256_LENGTH; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return strcmp(text, hexadecimal) == 0;
}

static void check_sha256(void)
{
    /* The examples of FIPS 180 and of NIST's SHA page. */
    static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char alphabet_text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    static const char alphabet[] = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
    static const char million[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    enum { MILLION = 1000000, MANY = 600 };
    uint8_t hash[MT_SHA256_LENGTH], hashes[4 * MT_SHA256_LENGTH];
    uint8_t *letters = allocate(MILLION);
    const uint8_t *messages[4];
    size_t lengths[4] = { 0, 3, sizeof alphabet_text - 1, MILLION };
    static uint8_t many_hashes[MANY * MT_SHA256_LENGTH];
    static const uint8_t *many[MANY];
    static size_t many_lengths[MANY];
    size_t i;
    int right = 1;

    memset(letters, 'a', MILLION);
    messages[0] = NULL;
    messages[1] = (const uint8_t *)"abc";
    messages[2] = (const uint8_t *)alphabet_text;
    messages[3] = letters;

    check(mt_sha256(hash, NULL, 0) == MT_OK && hash_is(hash, empty), "sha256 of nothing");
    check(mt_sha256(hash, messages[1], 3) == MT_OK && hash_is(hash, abc), "sha256 of abc");
    check(mt_sha256(hash, messages[2], lengths[2]) == MT_OK && hash_is(hash, alphabet), "sha256 of 56 letters");
    check(mt_sha256(hash, letters, MILLION) == MT_OK && hash_is(hash, million), "sha256 of a million a");

    check(
        mt_sha256_many(hashes, messages, lengths, 4) == MT_OK && hash_is(hashes, empty) && hash_is(hashes + 32, abc) &&
            hash_is(hashes + 64, alphabet) && hash_is(hashes + 96, million),
        "sha256 of all four at once");
    check(mt_sha256_many(NULL, NULL, NULL, 0) == MT_OK, "sha256 of no message at all");

    fill(letters, MILLION);
    for (i = 0; i < MANY; i++)
    {
        many[i] = letters + next_random() % (MILLION / 2);
        many_lengths[i] = i < 200 ? i : next_random() % 5000;
    }

    right = mt_sha256_many(many_hashes, many, many_lengths, MANY) == MT_OK;
    for (i = 0; i < MANY; i++)
        right &= mt_sha256(hash, many[i], many_lengths[i]) == MT_OK && memcmp(hash, many_hashes + i * sizeof hash, sizeof hash) == 0;
    check(right, "sha256 of 600 messages of every length at once is that of each");

    check_fails(mt_sha256(NULL, letters, 1), MT_ERROR_NULL_POINTER, "sha256 into NULL");
    check_fails(mt_sha256(hash, NULL, 1), MT_ERROR_NULL_POINTER, "sha256 of NULL");
    check_fails(mt_sha256(hash, letters, SIZE_MAX), MT_ERROR_LENGTH, "sha256 of SIZE_MAX bytes");
    check_fails(mt_sha256_many(NULL, messages, lengths, 4), MT_ERROR_NULL_POINTER, "sha256_many into NULL");
    check_fails(mt_sha256_many(hashes, NULL, lengths, 4), MT_ERROR_NULL_POINTER, "sha256_many of NULL");
    check_fails(mt_sha256_many(hashes, messages, NULL, 4), MT_ERROR_NULL_POINTER, "sha256_many without lengths");
    check_fails(mt_sha256_many(hashes, messages, lengths, SIZE_MAX), MT_ERROR_LENGTH, "sha256_many of SIZE_MAX messages");

    memset(hashes, 0x55, sizeof hashes);
    lengths[0] = 1;
    check_fails(mt_sha256_many(hashes, messages, lengths, 4), MT_ERROR_NULL_POINTER, "sha256_many with a NULL message");
    lengths[0] = 0;
    lengths[3] = SIZE_MAX;
    check_fails(mt_sha256_many(hashes, messages, lengths, 4), MT_ERROR_LENGTH, "sha256_many with a message of SIZE_MAX bytes");
    for (i = 0, right = 1; i < sizeof hashes; i++)
        right &= hashes[i] == 0x55;
    check(right, "sha256_many that fails has written nothing");
    free(letters);
}

/* ----------------------------------------------------------------------------------------------------------- 4: Reed-Solomon -- */

/* k + m shards with their true contents beside them. */
typedef struct
{
    unsigned k, m;
    size_t length;
    uint8_t *shards[MT_RS_SHARDS_MAX], *truth[MT_RS_SHARDS_MAX];
} stripe_t;

static void stripe_make(stripe_t *stripe, unsigned k, unsigned m, size_t length)
{
    unsigned i;
    stripe->k = k;
    stripe->m = m;
    stripe->length = length;
    for (i = 0; i < k + m; i++)
    {
        stripe->shards[i] = allocate(length);
        stripe->truth[i] = allocate(length);
        fill(stripe->shards[i], length);
        stripe->shards[i][length] = 0xA5; /* must stay: nothing may be written past the end */
    }
}

static void stripe_free(stripe_t *stripe)
{
    unsigned i;
    for (i = 0; i < stripe->k + stripe->m; i++)
    {
        free(stripe->shards[i]);
        free(stripe->truth[i]);
    }
}

static void stripe_remember(stripe_t *stripe)
{
    unsigned i;
    for (i = 0; i < stripe->k + stripe->m; i++)
        memcpy(stripe->truth[i], stripe->shards[i], stripe->length);
}

static int stripe_is_true(const stripe_t *stripe)
{
    unsigned i;
    int right = 1;
    for (i = 0; i < stripe->k + stripe->m; i++)
        right &= memcmp(stripe->truth[i], stripe->shards[i], stripe->length) == 0 && stripe->shards[i][stripe->length] == 0xA5;
    return right;
}

/* Marks count shards of the stripe missing, at random, and overwrites them. */
static void stripe_lose(stripe_t *stripe, unsigned count, uint8_t *present)
{
    memset(present, 1, stripe->k + stripe->m);
    while (count > 0)
    {
        unsigned i = (unsigned)(next_random() % (stripe->k + stripe->m));
        if (present[i] == 0)
            continue;
        present[i] = 0;
        fill(stripe->shards[i], stripe->length);
        count--;
    }
}

static void check_scheme(unsigned k, unsigned m, size_t length)
{
    stripe_t stripe;
    uint8_t present[MT_RS_SHARDS_MAX];
    mt_rs_t *rs = NULL;
    int32_t ok = -1;
    char name[80];
    unsigned r, missing;
    int right = 1;

    stripe_make(&stripe, k, m, length);
    if (mt_rs_create(&rs, k, m, NULL) != MT_OK ||
        mt_rs_encode(rs, stripe.shards + k, (const uint8_t *const *)stripe.shards, length) != MT_OK)
        right = 0;
    for (r = 0; r < m; r++)
    {
        size_t position, step = length > 400 ? length / 97 : 1;
        for (position = 0; position < length; position += step)
            right &= stripe.shards[k + r][position] == expected_parity(stripe.shards, k, r, position);
        if (length > 0)
            right &= stripe.shards[k + r][length - 1] == expected_parity(stripe.shards, k, r, length - 1);
    }
    snprintf(name, sizeof name, "%u+%u of %zu bytes: the parity is that of the definition", k, m, length);
    check(right, name);

    stripe_remember(&stripe);
    right = mt_rs_verify(rs, &ok, (const uint8_t *const *)stripe.shards, length) == MT_OK && ok == 1;
    if (m > 0 && length > 0)
    {
        uint8_t *byte = &stripe.shards[next_random() % (k + m)][next_random() % length];
        *byte ^= 0x10;
        right &= mt_rs_verify(rs, &ok, (const uint8_t *const *)stripe.shards, length) == MT_OK && ok == 0;
        *byte ^= 0x10;
    }
    snprintf(name, sizeof name, "%u+%u of %zu bytes: verify sees one flipped bit", k, m, length);
    check(right, name);

    for (missing = 0, right = 1; missing <= m; missing++)
    {
        stripe_lose(&stripe, missing, present);
        right &= mt_rs_reconstruct(rs, stripe.shards, present, length) == MT_OK && stripe_is_true(&stripe);
    }
    snprintf(name, sizeof name, "%u+%u of %zu bytes: 0 to %u lost shards come back", k, m, length, m);
    check(right, name);

    {
        unsigned changed = (unsigned)(next_random() % k);
        fill(stripe.shards[changed], length);
        right = mt_rs_update(rs, stripe.shards + k, changed, stripe.truth[changed], stripe.shards[changed], length) == MT_OK &&
            mt_rs_verify(rs, &ok, (const uint8_t *const *)stripe.shards, length) == MT_OK && ok == 1;
        stripe_remember(&stripe);
        right &= mt_rs_encode(rs, stripe.shards + k, (const uint8_t *const *)stripe.shards, length) == MT_OK && stripe_is_true(&stripe);
        snprintf(name, sizeof name, "%u+%u of %zu bytes: update gives the parity that encode gives", k, m, length);
        check(right, name);
    }

    mt_rs_destroy(rs);
    stripe_free(&stripe);
}

static void check_skipped_shards(void)
{
    stripe_t stripe;
    uint8_t present[MT_RS_SHARDS_MAX];
    uint8_t *lost;
    mt_rs_t *rs = NULL;

    stripe_make(&stripe, 4, 2, 5000);
    mt_rs_create(&rs, 4, 2, NULL);
    mt_rs_encode(rs, stripe.shards + 4, (const uint8_t *const *)stripe.shards, 5000);
    stripe_remember(&stripe);
    memset(present, 1, sizeof present);
    present[0] = present[2] = 0;
    fill(stripe.shards[0], 5000);
    lost = stripe.shards[2];
    stripe.shards[2] = NULL;
    check(mt_rs_reconstruct(rs, stripe.shards, present, 5000) == MT_OK, "reconstruct one of two missing shards");
    stripe.shards[2] = lost;
    check(stripe_is_true(&stripe), "the one that was asked for is back, the other was left out");
    mt_rs_destroy(rs);
    stripe_free(&stripe);
}

static void check_create_failures(void)
{
    static const unsigned wrong[][2] = {
        { 0, 2 }, { 0, 0 }, { 200, 100 }, { 255, 1 }, { 1, 255 }, { UINT32_MAX, 0 }, { 1, UINT32_MAX }, { UINT32_MAX, 1 },
        { 0x80000000u, 0x80000000u }, { UINT32_MAX, UINT32_MAX },
    };
    mt_rs_t *rs;
    mt_rs_options_t options = { sizeof options, MT_RS_MATRIX_CAUCHY };
    struct { mt_rs_options_t known; uint32_t later[4]; } larger = { { sizeof larger, MT_RS_MATRIX_CAUCHY }, { 0, 0, 0, 0 } };
    char name[80];
    size_t i;

    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    {
        rs = (mt_rs_t *)&rs;
        snprintf(name, sizeof name, "create %u+%u", wrong[i][0], wrong[i][1]);
        check_fails(mt_rs_create(&rs, wrong[i][0], wrong[i][1], NULL), MT_ERROR_INVALID_ARGUMENT, name);
        if (rs != NULL)
            check(0, "out is NULL after a create that failed");
    }

    check_fails(mt_rs_create(NULL, 4, 2, NULL), MT_ERROR_NULL_POINTER, "create into NULL");

    check(mt_rs_create(&rs, 4, 2, &options) == MT_OK && rs != NULL, "create with options");
    mt_rs_destroy(rs);
    check(mt_rs_create(&rs, 4, 2, &larger.known) == MT_OK && rs != NULL, "create with the options of a later header, all 0");
    mt_rs_destroy(rs);

    larger.later[3] = 1;
    check_fails(mt_rs_create(&rs, 4, 2, &larger.known), MT_ERROR_UNSUPPORTED, "create with a later option set");
    options.matrix = 7;
    check_fails(mt_rs_create(&rs, 4, 2, &options), MT_ERROR_UNSUPPORTED, "create with an unknown matrix");
    options.matrix = MT_RS_MATRIX_CAUCHY;
    options.struct_size = 0;
    check_fails(mt_rs_create(&rs, 4, 2, &options), MT_ERROR_STRUCT_SIZE, "create with a struct_size of 0");
    options.struct_size = sizeof options - 1;
    check_fails(mt_rs_create(&rs, 4, 2, &options), MT_ERROR_STRUCT_SIZE, "create with a struct_size one too small");
    options.struct_size = UINT32_MAX;
    check_fails(mt_rs_create(&rs, 4, 2, &options), MT_ERROR_STRUCT_SIZE, "create with a struct_size of 4 GiB");
}

static void check_call_failures(void)
{
    enum { LENGTH = 64 };
    stripe_t stripe;
    uint8_t present[MT_RS_SHARDS_MAX];
    uint8_t **shards = stripe.shards, **parity = stripe.shards + 4;
    const uint8_t *const *inputs = (const uint8_t *const *)stripe.shards;
    uint8_t *kept;
    mt_rs_t *rs = NULL;
    int32_t ok = -1;

    stripe_make(&stripe, 4, 2, LENGTH);
    memset(present, 1, sizeof present);
    mt_rs_create(&rs, 4, 2, NULL);
    mt_rs_encode(rs, parity, inputs, LENGTH);
    stripe_remember(&stripe);

    check_fails(mt_rs_encode(rs, NULL, inputs, LENGTH), MT_ERROR_NULL_POINTER, "encode into NULL");
    check_fails(mt_rs_encode(rs, parity, NULL, LENGTH), MT_ERROR_NULL_POINTER, "encode of NULL");
    check_fails(mt_rs_encode(rs, parity, inputs, SIZE_MAX), MT_ERROR_LENGTH, "encode of SIZE_MAX bytes");
    check_fails(mt_rs_verify(rs, NULL, inputs, LENGTH), MT_ERROR_NULL_POINTER, "verify without a result");
    check_fails(mt_rs_verify(rs, &ok, NULL, LENGTH), MT_ERROR_NULL_POINTER, "verify of NULL");
    check_fails(mt_rs_verify(rs, &ok, inputs, SIZE_MAX), MT_ERROR_LENGTH, "verify of SIZE_MAX bytes");
    check_fails(mt_rs_reconstruct(rs, NULL, present, LENGTH), MT_ERROR_NULL_POINTER, "reconstruct of NULL");
    check_fails(mt_rs_reconstruct(rs, shards, NULL, LENGTH), MT_ERROR_NULL_POINTER, "reconstruct without flags");
    check_fails(mt_rs_reconstruct(rs, shards, present, SIZE_MAX), MT_ERROR_LENGTH, "reconstruct of SIZE_MAX bytes");
    check_fails(mt_rs_update(rs, NULL, 0, shards[0], shards[0], LENGTH), MT_ERROR_NULL_POINTER, "update of NULL");
    check_fails(mt_rs_update(rs, parity, 0, NULL, shards[0], LENGTH), MT_ERROR_NULL_POINTER, "update from NULL");
    check_fails(mt_rs_update(rs, parity, 0, shards[0], NULL, LENGTH), MT_ERROR_NULL_POINTER, "update to NULL");
    check_fails(mt_rs_update(rs, parity, 4, shards[0], shards[1], LENGTH), MT_ERROR_INVALID_ARGUMENT, "update of data shard 4 of 4");
    check_fails(
        mt_rs_update(rs, parity, UINT32_MAX, shards[0], shards[1], LENGTH), MT_ERROR_INVALID_ARGUMENT, "update of data shard 2^32-1");
    check_fails(mt_rs_update(rs, parity, 0, shards[0], shards[1], SIZE_MAX), MT_ERROR_LENGTH, "update of SIZE_MAX bytes");

    kept = shards[5];
    shards[5] = NULL;
    check_fails(mt_rs_encode(rs, parity, inputs, LENGTH), MT_ERROR_NULL_POINTER, "encode with a NULL parity shard");
    check_fails(mt_rs_verify(rs, &ok, inputs, LENGTH), MT_ERROR_NULL_POINTER, "verify with a NULL shard");
    check_fails(mt_rs_reconstruct(rs, shards, present, LENGTH), MT_ERROR_NULL_POINTER, "reconstruct with a present shard that is NULL");
    check_fails(mt_rs_update(rs, parity, 0, shards[0], shards[1], LENGTH), MT_ERROR_NULL_POINTER, "update with a NULL parity shard");
    shards[5] = kept;
    kept = shards[3];
    shards[3] = NULL;
    check_fails(mt_rs_encode(rs, parity, inputs, LENGTH), MT_ERROR_NULL_POINTER, "encode with a NULL data shard");
    shards[3] = kept;

    present[0] = present[1] = present[5] = 0;
    check_fails(mt_rs_reconstruct(rs, shards, present, LENGTH), MT_ERROR_NOT_ENOUGH_SHARDS, "reconstruct with 3 of 4");
    memset(present, 0, sizeof present);
    check_fails(mt_rs_reconstruct(rs, shards, present, LENGTH), MT_ERROR_NOT_ENOUGH_SHARDS, "reconstruct with nothing at all");

    check(ok == -1, "verify that fails leaves its result alone");
    check(stripe_is_true(&stripe), "none of these has written anything");
    check(mt_rs_encode(rs, parity, inputs, LENGTH) == MT_OK && stripe_is_true(&stripe), "the handle works after all of these");
    mt_rs_destroy(rs);
    stripe_free(&stripe);
}

/* Every function that takes a handle, with a wrong one. */
static void check_wrong_handle(mt_rs_t *rs, const char *what)
{
    static uint8_t bytes[6][16];
    uint8_t *shards[6], present[6] = { 1, 1, 1, 1, 1, 1 };
    const uint8_t *const *inputs = (const uint8_t *const *)shards;
    int32_t ok;
    char name[80];
    int i;
    for (i = 0; i < 6; i++)
        shards[i] = bytes[i];

    snprintf(name, sizeof name, "encode with %s", what);
    check_fails(mt_rs_encode(rs, shards + 4, inputs, 16), MT_ERROR_INVALID_HANDLE, name);
    snprintf(name, sizeof name, "verify with %s", what);
    check_fails(mt_rs_verify(rs, &ok, inputs, 16), MT_ERROR_INVALID_HANDLE, name);
    snprintf(name, sizeof name, "reconstruct with %s", what);
    check_fails(mt_rs_reconstruct(rs, shards, present, 16), MT_ERROR_INVALID_HANDLE, name);
    snprintf(name, sizeof name, "update with %s", what);
    check_fails(mt_rs_update(rs, shards + 4, 0, shards[0], shards[1], 16), MT_ERROR_INVALID_HANDLE, name);
}

static void check_handles(void)
{
    mt_rs_t *first = NULL, *second = NULL, *handles[1000];
    uint8_t on_the_stack[64] = { 0 }, *on_the_heap = allocate(64);
    size_t before, i, j;
    int right;

    check_wrong_handle(NULL, "NULL");
    check_wrong_handle((mt_rs_t *)(uintptr_t)1, "1");
    check_wrong_handle((mt_rs_t *)UINTPTR_MAX, "all bits set");
    check_wrong_handle((mt_rs_t *)on_the_stack, "an address on the stack");
    check_wrong_handle((mt_rs_t *)on_the_heap, "an address on the heap");
    free(on_the_heap);

    mt_rs_create(&first, 4, 2, NULL);
    mt_rs_destroy(first);
    check_wrong_handle(first, "a handle that was destroyed");
    mt_rs_create(&second, 4, 2, NULL);
    check(first != second, "a handle is not given out twice");
    check_wrong_handle(first, "a handle that was destroyed and whose place is used again");
    mt_rs_destroy(first);
    check(mt_rs_encode(second, NULL, NULL, 0) == MT_ERROR_NULL_POINTER, "destroying a stale handle leaves its successor alive");
    mt_rs_destroy(second);
    mt_rs_destroy(second);
    check_wrong_handle(second, "a handle that was destroyed twice");

    mt_sha256(NULL, NULL, 0); /* puts another text into the last error */
    before = mt_last_error(NULL, 0);
    mt_rs_destroy(NULL);
    check(mt_last_error(NULL, 0) == before, "destroying NULL is no error");
    mt_rs_destroy((mt_rs_t *)on_the_stack);
    check(mt_last_error(NULL, 0) != before, "destroying what is no handle does nothing but say so");

    for (i = 0, right = 1; i < 1000; i++)
        right &= mt_rs_create(&handles[i], 1 + (unsigned)i % 100, (unsigned)i % 50, NULL) == MT_OK;
    for (i = 0; i < 1000; i++)
        for (j = 0; j < i; j++)
            right &= handles[i] != handles[j];
    for (i = 0; i < 1000; i++)
        mt_rs_destroy(handles[i]);
    check(right, "1000 handles at once are all different");
}

/* ---------------------------------------------------------------------------------------------------------------- threads -- */

static mt_rs_t *shared_handle;

static void *encode_in_thread(void *result)
{
    stripe_t stripe;
    const uint8_t *const *inputs = (const uint8_t *const *)stripe.shards;
    int32_t ok = 0;
    int round, right = mt_last_error(NULL, 0) == 0; /* nothing has failed on this thread */
    unsigned i;

    stripe.k = 4;
    stripe.m = 2;
    stripe.length = 4099;
    for (i = 0; i < 6; i++)
    {
        stripe.shards[i] = allocate(stripe.length);
        stripe.truth[i] = allocate(0);
        memset(stripe.shards[i], (int)i + 1, stripe.length);
    }

    for (round = 0; round < 200; round++)
    {
        mt_rs_t *own = NULL;
        right &= mt_rs_create(&own, 4, 2, NULL) == MT_OK;
        right &= mt_rs_encode(round & 1 ? own : shared_handle, stripe.shards + 4, inputs, stripe.length) == MT_OK;
        right &= mt_rs_verify(shared_handle, &ok, inputs, stripe.length) == MT_OK && ok == 1;
        mt_rs_destroy(own);
        right &= mt_rs_encode(own, stripe.shards + 4, inputs, 1) == MT_ERROR_INVALID_HANDLE;
    }

    stripe_free(&stripe);
    *(int *)result = right;
    return NULL;
}

static void check_threads(void)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    int results[THREADS] = { 0 }, right = 1, i;
    size_t before = mt_last_error(NULL, 0);

    mt_rs_create(&shared_handle, 4, 2, NULL);
    for (i = 0; i < THREADS; i++)
        right &= pthread_create(&threads[i], NULL, encode_in_thread, &results[i]) == 0;
    for (i = 0; i < THREADS; i++)
        right &= pthread_join(threads[i], NULL) == 0 && results[i];
    check(right, "eight threads use one handle and make and destroy others");
    check(mt_last_error(NULL, 0) == before, "their errors are not ours");
    mt_rs_destroy(shared_handle);
}

int main(int argc, char **argv)
{
    static const unsigned schemes[][2] = {
        { 1, 0 }, { 1, 2 }, { 4, 2 }, { 6, 2 }, { 10, 4 }, { 29, 51 }, { 5, 0 }, { 254, 1 }, { 1, 254 },
    };
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000, 100003 };
    size_t i, j;

    random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : 20260101;
    printf("seed %llu\n", (unsigned long long)random_state);

    check_last_error(); /* first: it wants a thread on which nothing has failed */
    check_versions();
    check_status_names();
    check_sha256();
    for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        for (j = 0; j < sizeof lengths / sizeof lengths[0]; j++)
            if (schemes[i][0] + schemes[i][1] < 20 || lengths[j] < 1000)
                check_scheme(schemes[i][0], schemes[i][1], lengths[j]);
    check_skipped_shards();
    check_create_failures();
    check_call_failures();
    check_handles();
    check_threads();

    printf("%d failed\n", failures);
    return failures == 0 ? 0 : 1;
}
