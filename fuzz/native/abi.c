/*
 * The C interface under libFuzzer: an input is a sequence of calls, with handles that are right, destroyed, of another kind or made up, and
 * with sizes, NULLs and overlaps as the input says. Compiled with AddressSanitizer and UndefinedBehaviorSanitizer, linked to the library as
 * it is published.
 *
 * The library is not instrumented, so memory that it is given lies at the end of pages before which and behind which nothing may be
 * touched, with a canary in front. What must hold after every call:
 *
 *   the status is one of the header's, and not MT_ERROR_INTERNAL
 *   inputs are as they were, and after a failure so are outputs
 *   a length that comes back fits the capacity, and a handle that comes back is none that is live
 *
 * The parts of the interface that need a cluster are called with handles that are none: tests/abi does the rest.
 */
#define _GNU_SOURCE
#include <megatorrent.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
#define SMALL_COUNT 800u
#define LARGE_COUNT 8u
#define LARGE_LENGTH 65536u
#define CANARY_LENGTH 32u
#define CANARY 0xc3
#define CALLS_MAX 48u
#define KEPT_MAX LARGE_LENGTH
#define SLOTS 4u

/* ---------------------------------------------------------------------------------------------------------- memory with guards -- */

enum use
{
    INPUT,
    OUTPUT,
    WIPED /* an output that a failure may leave in any state, as the header says */
};

struct block
{
    uint8_t *start, *copy;
    size_t length;
    enum use use;
};

static uint8_t *small_pages, *large_pages;
static struct block blocks[SMALL_COUNT + LARGE_COUNT];
static size_t block_count, small_used, large_used;

static void fail(const char *what)
{
    fprintf(stderr, "== abi: %s\n", what);
    abort();
}

static uint8_t *map(size_t count, size_t length)
{
    size_t stride = length + PAGE;
    uint8_t *pages = mmap(NULL, count * stride + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        fail("no memory");
    for (size_t i = 0; i < count; i++)
        if (mprotect(pages + PAGE + i * stride, length, PROT_READ | PROT_WRITE) != 0)
            fail("no memory");
    return pages;
}

/* Bytes that end where nothing may be touched. */
static uint8_t *take(size_t length, enum use use)
{
    size_t room = length <= PAGE ? PAGE : LARGE_LENGTH;
    uint8_t *end;
    if (length > LARGE_LENGTH || (length <= PAGE ? small_used == SMALL_COUNT : large_used == LARGE_COUNT))
        fail("the harness asks for too much memory");
    if (length <= PAGE)
        end = small_pages + PAGE + small_used++ * 2 * PAGE + PAGE;
    else
        end = large_pages + PAGE + large_used++ * (LARGE_LENGTH + PAGE) + LARGE_LENGTH;
    uint8_t *start = end - length;
    if (length + CANARY_LENGTH <= room)
        memset(start - CANARY_LENGTH, CANARY, CANARY_LENGTH);
    memset(start, 0xa5, length);
    blocks[block_count++] = (struct block){ start, NULL, length, use };
    return start;
}

/* What the blocks hold now is what they must hold afterwards. */
static void snapshot(void)
{
    for (size_t i = 0; i < block_count; i++)
    {
        if (blocks[i].copy == NULL)
            blocks[i].copy = malloc(blocks[i].length + 1);
        memcpy(blocks[i].copy, blocks[i].start, blocks[i].length);
    }
}

static void after_call(const char *call, int has_failed)
{
    for (size_t i = 0; i < block_count; i++)
    {
        const struct block *block = &blocks[i];
        size_t room = block->length <= PAGE ? PAGE : LARGE_LENGTH;
        const char *broken = NULL;
        if (block->length + CANARY_LENGTH <= room)
            for (size_t j = 1; j <= CANARY_LENGTH; j++)
                if (block->start[-(ptrdiff_t)j] != CANARY)
                    broken = "wrote before a buffer";
        if ((block->use == INPUT || (block->use == OUTPUT && has_failed)) && memcmp(block->start, block->copy, block->length) != 0)
            broken = block->use == INPUT ? "changed an input" : "failed and changed an output";
        if (broken != NULL)
        {
            fprintf(stderr, "== abi: %s %s of %zu bytes\n", call, broken, block->length);
            abort();
        }
        free(block->copy);
    }
    block_count = small_used = large_used = 0;
}

static mt_status_t checked(const char *call, mt_status_t status)
{
    static const mt_status_t known[] = {
        MT_OK, MT_ERROR_INVALID_ARGUMENT, MT_ERROR_NULL_POINTER, MT_ERROR_INVALID_HANDLE, MT_ERROR_LENGTH, MT_ERROR_STRUCT_SIZE,
        MT_ERROR_UNSUPPORTED, MT_ERROR_BUFFER_TOO_SMALL, MT_ERROR_OVERLAP, MT_ERROR_STATE, MT_ERROR_MALFORMED, MT_ERROR_INTEGRITY,
        MT_ERROR_NOT_ENOUGH_SHARDS, MT_ERROR_NOT_FOUND, MT_ERROR_INCOMPLETE, MT_ERROR_UNAUTHORIZED, MT_ERROR_PROTOCOL_VIOLATION,
        MT_ERROR_LIMIT_EXCEEDED,
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (status == known[i])
        {
            after_call(call, status != MT_OK);
            return status;
        }
    char text[512];
    mt_last_error(text, sizeof text);
    fprintf(stderr, "== abi: %s gives %s: %s\n", call, mt_status_name(status), text);
    abort();
}

/* Arguments that take memory do so after this snapshot, and make their own. */
#define CALL(function, ...) (snapshot(), checked(#function, function(__VA_ARGS__)))
#define CALL_VOID(function, ...) (snapshot(), function(__VA_ARGS__), after_call(#function, 0))

/* ------------------------------------------------------------------------------------------------------------ the fuzzer's bytes -- */

static const uint8_t *fuzz;
static size_t fuzz_length;

static uint8_t next_byte(void)
{
    if (fuzz_length == 0)
        return 0;
    fuzz_length--;
    return *fuzz++;
}

static uint32_t next_u32(void)
{
    uint32_t value = next_byte();
    return value < 240 ? value : value << 24 | (uint32_t)next_byte() << 16 | (uint32_t)next_byte() << 8 | next_byte();
}

static uint64_t next_u64(void)
{
    return (uint64_t)next_u32() << 32 | next_u32();
}

/* Around the lengths at which something changes, and beyond what memory can hold. */
static size_t next_length(size_t max)
{
    static const size_t edges[] = { 15, 16, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 255, 256, 1023, 4095, 4096, 16383, 16384, 16385 };
    uint8_t choice = next_byte();
    size_t length = choice < 128 ? choice : choice < 224 ? edges[choice % (sizeof edges / sizeof edges[0])] : (size_t)next_u32() % LARGE_LENGTH;
    return length > max ? max : length;
}

/* Now and then a length that nothing can have, for bytes that are fewer. */
static size_t told_length(size_t length)
{
    uint8_t choice = next_byte();
    return choice == 255 ? SIZE_MAX : choice == 254 ? (size_t)PTRDIFF_MAX + 1 : length;
}

/* The last thing that the library wrote, for calls that read such a thing. */
static uint8_t kept[KEPT_MAX], kept_key[32], kept_id[32];
static size_t kept_length;

static void keep(const void *bytes, size_t length)
{
    kept_length = length < KEPT_MAX ? length : KEPT_MAX;
    memcpy(kept, bytes, kept_length);
}

/* Bytes to be read: NULL, the fuzzer's, or what was kept, with a change. */
static uint8_t *input_of(size_t max, size_t *length)
{
    uint8_t choice = next_byte();
    uint8_t *bytes;
    *length = 0;
    if (choice == 255)
        return NULL;
    if (choice % 2 == 1 && kept_length > 0)
    {
        *length = kept_length < max ? kept_length : max;
        bytes = take(*length, INPUT);
        memcpy(bytes, kept, *length);
        if (choice > 128)
            bytes[next_u32() % *length] ^= next_byte();
        snapshot();
        return bytes;
    }

    *length = next_length(max);
    bytes = take(*length, INPUT);
    for (size_t i = 0; i < *length; i++)
        bytes[i] = fuzz_length > 0 ? fuzz[i % fuzz_length] : (uint8_t)i;
    snapshot();
    return bytes;
}

/* Exactly so many bytes to be read; seldom NULL. */
static uint8_t *fixed_input(size_t length, const uint8_t *usual)
{
    uint8_t choice = next_byte();
    if (choice == 255)
        return NULL;
    uint8_t *bytes = take(length, INPUT);
    for (size_t i = 0; i < length; i++)
        bytes[i] = choice < 192 && usual != NULL ? usual[i] : (uint8_t)(choice * (i + 1));
    snapshot();
    return bytes;
}

/* Room for what is written; seldom NULL, seldom where an input lies. */
static uint8_t *output_of(size_t length)
{
    uint8_t choice = next_byte();
    if (choice == 255)
        return NULL;
    if (choice == 254 && block_count > 0 && blocks[block_count - 1].length >= length)
    {
        blocks[block_count - 1].use = OUTPUT; /* it may be refused, or be allowed: then an input changes */
        return blocks[block_count - 1].start;
    }
    uint8_t *bytes = take(length, OUTPUT);
    snapshot();
    return bytes;
}

/* Room for plaintext: nothing of it stays after a failure. */
static uint8_t *plaintext_of(size_t length)
{
    uint8_t *bytes = output_of(length);
    for (size_t i = 0; bytes != NULL && i < block_count; i++)
        if (blocks[i].start == bytes)
            blocks[i].use = WIPED;
    return bytes;
}

/* A text that ends with NUL. */
static char *text_of(size_t max)
{
    size_t length = 0;
    uint8_t *bytes = input_of(max, &length);
    if (bytes == NULL)
        return NULL;
    uint8_t *text = take(length + 1, INPUT);
    memcpy(text, bytes, length);
    text[length] = 0;
    snapshot();
    return (char *)text;
}

/* A struct with struct_size in front: right, or what the fuzzer wants; never more memory than it says. */
static void *struct_of(size_t size, enum use use, int may_be_null)
{
    uint8_t choice = next_byte();
    if (choice == 255 && may_be_null)
        return NULL;
    uint32_t told = (uint32_t)size;
    if (choice > 240)
        told = next_u32();
    size_t length = told < sizeof told ? sizeof told : told > PAGE ? PAGE : told;
    if (length < size)
        length = size;           /* the harness sets members of today's struct */
    length = (length + 7) & ~(size_t)7; /* at their places */
    uint8_t *bytes = take(length, use);
    memset(bytes, 0, length);
    memcpy(bytes, &told, sizeof told);
    snapshot();
    return bytes;
}

/* ---------------------------------------------------------------------------------------------------------------------- handles -- */

enum kind
{
    RS,
    READER,
    WRITER,
    MANIFEST,
    NOISE,
    KINDS
};

static void *slots[KINDS][SLOTS];
static void *live[CALLS_MAX];
static enum kind live_kind[CALLS_MAX];
static size_t live_count;

static void *handle_of(enum kind kind)
{
    uint8_t choice = next_byte();
    if (choice < 200)
        return slots[kind][choice % SLOTS];
    if (choice < 232)
        return slots[choice % KINDS][choice % SLOTS];
    return choice < 240 ? NULL : (void *)(uintptr_t)next_u64();
}

static void add_handle(enum kind kind, void *handle)
{
    if (handle == NULL)
        fail("a create succeeds without a handle");
    for (size_t i = 0; i < live_count; i++)
        if (live[i] == handle)
            fail("a create gives a handle that is live");
    live[live_count] = handle;
    live_kind[live_count++] = kind;
    slots[kind][next_byte() % SLOTS] = handle;
}

static void forget_handle(void *handle)
{
    for (size_t i = 0; i < live_count; i++)
        if (live[i] == handle)
        {
            live[i] = live[--live_count];
            live_kind[i] = live_kind[live_count];
            return;
        }
}

static int is_live(enum kind kind, const void *handle)
{
    for (size_t i = 0; i < live_count; i++)
        if (live[i] == handle)
            return live_kind[i] == kind;
    return 0;
}

static void destroy(enum kind kind, void *handle)
{
    switch (kind)
    {
        case RS: CALL_VOID(mt_rs_destroy, handle); break;
        case READER: CALL_VOID(mt_bencode_reader_destroy, handle); break;
        case WRITER: CALL_VOID(mt_bencode_writer_destroy, handle); break;
        case MANIFEST: CALL_VOID(mt_manifest_destroy, handle); break;
        default: CALL_VOID(mt_noise_destroy, handle); break;
    }
    if (is_live(kind, handle))
        forget_handle(handle);
}

/* A call with a handle that is not a live one of its kind must fail. */
static mt_status_t with_handle(enum kind kind, const void *handle, mt_status_t status)
{
    if (status == MT_OK && !is_live(kind, handle))
        fail("a call succeeds with a handle that is none");
    return status;
}

/* ------------------------------------------------------------------------------------------------------------------------ calls -- */

static void hashes(void)
{
    size_t length = 0, count, written = 0;
    uint8_t *data, *out;
    const uint8_t *many[64];
    size_t lengths[64];
    switch (next_byte() % 6)
    {
        case 0:
            data = input_of(LARGE_LENGTH, &length);
            out = output_of(32);
            CALL(mt_sha256, out, data, told_length(length));
            break;
        case 1:
            data = input_of(LARGE_LENGTH, &length);
            out = output_of(32);
            CALL(mt_merkle_root, out, data, told_length(length));
            break;
        case 2:
            count = next_byte() % 65;
            for (size_t i = 0; i < count; i++)
            {
                many[i] = input_of(PAGE, &lengths[i]);
                lengths[i] = i == 7 ? told_length(lengths[i]) : lengths[i];
            }
            out = output_of(32 * count);
            CALL(mt_sha256_many, out, next_byte() == 255 ? NULL : many, next_byte() == 255 ? NULL : lengths, count);
            break;
        case 3:
            data = fixed_input(32, kept_id);
            length = next_length(100);
            out = output_of(length);
            if (CALL(mt_cid_format, (char *)out, length, next_byte() == 255 ? NULL : &written, data) == MT_OK && written > length)
                fail("mt_cid_format writes more than fits");
            break;
        case 4:
            out = output_of(32);
            CALL(mt_cid_parse, out, text_of(200));
            break;
        default:
            length = next_length(200);
            data = take(length, OUTPUT);
            snapshot();
            mt_last_error((char *)data, length);
            after_call("mt_last_error", 0);
            if (mt_status_name((mt_status_t)next_u32()) == NULL)
                fail("a status without a name");
            break;
    }
}

/* Shards of one length, some of them NULL. */
static uint8_t **shards_of(size_t count, size_t length, enum use use)
{
    static uint8_t *lists[4][256];
    static size_t turn;
    uint8_t **list = lists[turn++ % 4];
    uint8_t null_at = next_byte();
    for (size_t i = 0; i < count && i < 256; i++)
        list[i] = null_at == i + 1 ? NULL : take(length, use);
    return list;
}

static void erasure(void)
{
    static uint32_t k = 4, m = 2; /* of the last code: the harness gives as many shards as the largest can ask for */
    mt_rs_t *rs = NULL;
    mt_rs_options_t *options;
    uint8_t **data, **parity, *present;
    int32_t ok = 0;
    size_t length;
    switch (next_byte() % 6)
    {
        case 0:
            k = next_u32();
            m = next_u32();
            options = struct_of(sizeof *options, INPUT, 1);
            if (options != NULL && next_byte() > 240)
                options->matrix = next_u32();
            if (CALL(mt_rs_create, next_byte() == 255 ? NULL : &rs, k, m, options) == MT_OK)
                add_handle(RS, rs);
            break;
        case 1:
            rs = handle_of(RS);
            length = next_byte() % 70;
            data = shards_of(255, length, INPUT);
            parity = shards_of(255, length, OUTPUT);
            if (next_byte() == 255)
                parity[0] = data[0];
            with_handle(RS, rs, CALL(mt_rs_encode, rs, next_byte() == 255 ? NULL : parity, (const uint8_t *const *)data, told_length(length)));
            break;
        case 2:
            rs = handle_of(RS);
            length = next_byte() % 70;
            data = shards_of(255, length, INPUT);
            with_handle(RS, rs, CALL(mt_rs_verify, rs, next_byte() == 255 ? NULL : &ok, (const uint8_t *const *)data, told_length(length)));
            break;
        case 3:
            rs = handle_of(RS);
            length = next_byte() % 70;
            data = shards_of(255, length, OUTPUT);
            present = take(255, INPUT);
            for (size_t i = 0; i < 255; i++)
                present[i] = (uint8_t)(i < 8 ? next_byte() & 1 : 1);
            with_handle(RS, rs, CALL(mt_rs_reconstruct, rs, data, next_byte() == 255 ? NULL : present, told_length(length)));
            break;
        case 4:
            rs = handle_of(RS);
            length = next_byte() % 70;
            parity = shards_of(255, length, OUTPUT);
            data = shards_of(2, length, INPUT);
            with_handle(RS, rs, CALL(mt_rs_update, rs, parity, next_u32(), data[0], data[1], told_length(length)));
            break;
        default: destroy(RS, handle_of(RS)); break;
    }
}

static void blobs(void)
{
    size_t length = 0, capacity, written = 0;
    uint8_t *out, *id, *key, *data;
    mt_blob_options_t *options;
    switch (next_byte() % 3)
    {
        case 0:
            data = input_of(LARGE_LENGTH - MT_BLOB_OVERHEAD, &length);
            capacity = next_byte() > 240 ? next_length(LARGE_LENGTH) : mt_blob_bound(length);
            options = struct_of(sizeof *options, INPUT, 1);
            if (options != NULL)
            {
                options->suite = next_byte() % 4;
                options->compression = next_byte() % 7;
                options->reserved = next_byte() == 255;
                options->tenant_secret32 = next_byte() < 128 ? NULL : fixed_input(32, kept_key);
            }
            id = output_of(32);
            key = output_of(32);
            out = output_of(capacity);
            if (CALL(mt_blob_seal, out, capacity, next_byte() == 255 ? NULL : &written, id, key, data, told_length(length), options) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_blob_seal writes more than fits");
                keep(out, written);
                memcpy(kept_id, id, 32);
                memcpy(kept_key, key, 32);
            }
            break;
        case 1:
            data = input_of(LARGE_LENGTH, &length);
            key = fixed_input(32, kept_key);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
            out = plaintext_of(capacity);
            if (CALL(mt_blob_open, out, capacity, &written, key, data, told_length(length)) == MT_OK && written > capacity)
                fail("mt_blob_open writes more than fits");
            break;
        default:
            data = input_of(LARGE_LENGTH, &length);
            CALL(mt_blob_inspect, struct_of(sizeof(mt_blob_info_t), OUTPUT, 1), data, told_length(length));
            break;
    }
}

static void keys(void)
{
    size_t length = 0;
    uint8_t *seed = fixed_input(32, kept_key), *data = input_of(PAGE, &length), *out = output_of(64), *other = output_of(32);
    int32_t ok = 0;
    switch (next_byte() % 6)
    {
        case 0: CALL(mt_ed25519_generate, out, other); break;
        case 1: CALL(mt_ed25519_public_key, out, seed); break;
        case 2:
            if (CALL(mt_ed25519_sign, out, seed, data, told_length(length)) == MT_OK)
                keep(out, 64);
            break;
        case 3: CALL(mt_ed25519_verify, &ok, seed, fixed_input(64, kept), data, told_length(length)); break;
        case 4: CALL(mt_x25519_generate, out, other); break;
        default: CALL(mt_x25519_public_key, out, seed); break;
    }
}

static void bencode(void)
{
    size_t length = 0, written = 0, capacity;
    uint8_t *data, *out;
    mt_bencode_reader_t *reader = NULL;
    mt_bencode_writer_t *writer = NULL;
    switch (next_byte() % 12)
    {
        case 0:
            data = input_of(PAGE, &length);
            if (CALL(mt_bencode_reader_create, next_byte() == 255 ? NULL : &reader, data, told_length(length)) == MT_OK)
                add_handle(READER, reader);
            break;
        case 1:
        case 2:
            reader = handle_of(READER);
            with_handle(READER, reader, CALL(mt_bencode_reader_next, reader, struct_of(sizeof(mt_bencode_token_t), OUTPUT, 1)));
            break;
        case 3:
            reader = handle_of(READER);
            with_handle(READER, reader, CALL(mt_bencode_reader_skip, reader));
            break;
        case 4: destroy(READER, handle_of(READER)); break;
        case 5:
            if (CALL(mt_bencode_writer_create, next_byte() == 255 ? NULL : &writer) == MT_OK)
                add_handle(WRITER, writer);
            break;
        case 6:
            writer = handle_of(WRITER);
            with_handle(WRITER, writer, CALL(mt_bencode_writer_integer, writer, (int64_t)next_u64()));
            break;
        case 7:
            writer = handle_of(WRITER);
            data = input_of(PAGE, &length);
            with_handle(WRITER, writer, CALL(mt_bencode_writer_bytes, writer, data, told_length(length)));
            break;
        case 8:
            writer = handle_of(WRITER);
            data = input_of(PAGE, &length);
            with_handle(WRITER, writer, CALL(mt_bencode_writer_key, writer, data, told_length(length)));
            break;
        case 9:
            writer = handle_of(WRITER);
            if (next_byte() % 3 == 0)
                with_handle(WRITER, writer, CALL(mt_bencode_writer_begin_list, writer));
            else if (next_byte() % 2 == 0)
                with_handle(WRITER, writer, CALL(mt_bencode_writer_begin_dictionary, writer));
            else
                with_handle(WRITER, writer, CALL(mt_bencode_writer_end, writer));
            break;
        case 10:
            writer = handle_of(WRITER);
            capacity = next_length(LARGE_LENGTH);
            out = output_of(capacity);
            if (with_handle(WRITER, writer, CALL(mt_bencode_writer_finish, writer, out, capacity, &written)) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_bencode_writer_finish writes more than fits");
                keep(out, written);
                snapshot();
                if (checked("mt_bencode_reader_create", mt_bencode_reader_create(&reader, kept, kept_length)) != MT_OK)
                    fail("what the writer finished is not read");
                CALL_VOID(mt_bencode_reader_destroy, reader);
            }
            break;
        default: destroy(WRITER, handle_of(WRITER)); break;
    }
}

static void capabilities(void)
{
    size_t capacity = next_byte() > 200 ? next_length(200) : MT_CAPABILITY_CAPACITY, written = 0;
    mt_capability_info_t *info;
    char *out;
    switch (next_byte() % 3)
    {
        case 0: CALL(mt_capability_parse, struct_of(sizeof *info, OUTPUT, 1), text_of(200)); break;
        case 1:
            info = struct_of(sizeof *info, INPUT, 1);
            if (info != NULL)
            {
                info->can_read = next_byte() % 3;
                memcpy(info->root_id, kept_id, 32);
                memcpy(info->key, info->can_read == 1 ? kept_key : (const uint8_t[32]){ 0 }, 32);
                info->root_length = next_u32();
                info->parity_shards = next_u32();
            }
            out = (char *)output_of(capacity);
            if (CALL(mt_capability_format, out, capacity, &written, info) == MT_OK)
            {
                if (written >= capacity || out[written] != 0)
                    fail("mt_capability_format does not end its text");
                keep(out, written);
            }
            break;
        default:
            out = (char *)output_of(capacity);
            if (CALL(mt_capability_to_verify, out, capacity, &written, text_of(200)) == MT_OK && (written >= capacity || out[written] != 0))
                fail("mt_capability_to_verify does not end its text");
            break;
    }
}

static void manifests(void)
{
    size_t length = 0, written = 0, capacity;
    uint8_t *data, *out, *id, *key;
    mt_manifest_t *manifest = NULL;
    mt_manifest_info_t *info;
    uint32_t k, m;
    switch (next_byte() % 11)
    {
        case 0:
            data = input_of(LARGE_LENGTH, &length);
            if (CALL(mt_manifest_open, next_byte() == 255 ? NULL : &manifest, data, told_length(length), next_byte() < 64 ? NULL : fixed_input(32, kept_key)) == MT_OK)
                add_handle(MANIFEST, manifest);
            break;
        case 1:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_get_info, manifest, struct_of(sizeof *info, OUTPUT, 1)));
            break;
        case 2:
            manifest = handle_of(MANIFEST);
            capacity = next_length(PAGE);
            out = output_of(capacity);
            if (with_handle(MANIFEST, manifest, CALL(mt_manifest_get_name, manifest, (char *)out, capacity, &written)) == MT_OK && written >= capacity)
                fail("mt_manifest_get_name writes more than fits");
            break;
        case 3:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_get_stream, manifest, struct_of(sizeof(mt_manifest_stream_t), OUTPUT, 1), next_u32()));
            break;
        case 4:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_get_stripe, manifest, struct_of(sizeof(mt_stripe_info_t), OUTPUT, 1), next_u32(), next_u32()));
            break;
        case 5:
            manifest = handle_of(MANIFEST);
            with_handle(
                MANIFEST, manifest,
                CALL(mt_manifest_get_blob, manifest, struct_of(sizeof(mt_stripe_blob_t), OUTPUT, 1), next_u32(), next_u32(), next_u32()));
            break;
        case 6:
            info = struct_of(sizeof *info, INPUT, 1);
            if (info != NULL)
            {
                info->kind = next_byte() % 4;
                info->mode = next_u32();
                info->modified_unix_ns = (int64_t)next_u64();
                info->stream_count = next_byte() == 255;
                info->has_keys = next_byte() == 255;
                info->reserved = next_byte() == 255;
            }
            if (CALL(mt_manifest_create, next_byte() == 255 ? NULL : &manifest, info, text_of(100)) == MT_OK)
                add_handle(MANIFEST, manifest);
            break;
        case 7:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_add_stream, manifest, next_u32()));
            break;
        case 8:
            manifest = handle_of(MANIFEST);
            k = next_u32();
            m = next_u32();
            {
                /* As many as a stripe can have; more must be refused before they are read. */
                uint8_t *ids = take(255 * 32, INPUT);
                uint32_t *lengths = (uint32_t *)(void *)take(255 * sizeof *lengths, INPUT);
                uint8_t *blob_keys = next_byte() < 64 ? NULL : take(255 * 32, INPUT);
                uint64_t *plain = next_byte() < 64 ? NULL : (uint64_t *)(void *)take(255 * sizeof *plain, INPUT);
                uint32_t each = next_u32();
                for (size_t i = 0; i < 255; i++)
                {
                    lengths[i] = each;
                    ids[i * 32] = (uint8_t)i;
                    if (plain != NULL)
                        plain[i] = each > 32 ? each - 32 : each;
                }
                with_handle(
                    MANIFEST, manifest,
                    CALL(mt_manifest_add_stripe, manifest, k, m, next_byte() == 255 ? NULL : ids, next_byte() == 255 ? NULL : lengths, blob_keys, plain));
            }
            break;
        case 9:
            manifest = handle_of(MANIFEST);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
            out = output_of(capacity);
            id = output_of(32);
            key = output_of(32);
            if (with_handle(MANIFEST, manifest, CALL(mt_manifest_seal, manifest, out, capacity, &written, id, key, NULL)) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_manifest_seal writes more than fits");
                keep(out, written);
                memcpy(kept_id, id, 32);
                memcpy(kept_key, key, 32);
            }
            break;
        default: destroy(MANIFEST, handle_of(MANIFEST)); break;
    }
}

static void noise(void)
{
    size_t length = 0, written = 0, capacity;
    uint8_t *data, *out;
    mt_noise_t *session = NULL;
    mt_noise_options_t *options;
    uint32_t state = 0;
    switch (next_byte() % 8)
    {
        case 0:
            options = struct_of(sizeof *options, INPUT, 1);
            if (options != NULL)
            {
                options->initiator = next_byte() % 3;
                options->suite = next_byte() % 4;
                options->reserved = next_byte() == 255;
                options->static_secret32 = fixed_input(32, kept_key);
                options->prologue = next_byte() < 128 ? NULL : input_of(64, &options->prologue_length);
                options->ephemeral_secret32 = next_byte() < 128 ? NULL : fixed_input(32, kept_id);
            }
            if (CALL(mt_noise_create, next_byte() == 255 ? NULL : &session, options) == MT_OK)
                add_handle(NOISE, session);
            break;
        case 1:
            session = handle_of(NOISE);
            with_handle(NOISE, session, CALL(mt_noise_state, session, next_byte() == 255 ? NULL : &state));
            break;
        case 2:
        case 3:
            session = handle_of(NOISE);
            data = input_of(next_byte() > 200 ? LARGE_LENGTH : 200, &length);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : mt_noise_write_bound(session, length);
            if (capacity > LARGE_LENGTH)
                capacity = LARGE_LENGTH;
            out = output_of(capacity);
            if (with_handle(NOISE, session, CALL(mt_noise_write, session, out, capacity, &written, data, told_length(length))) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_noise_write writes more than fits");
                keep(out, written);
            }
            break;
        case 4:
        case 5:
            session = handle_of(NOISE);
            data = input_of(LARGE_LENGTH, &length);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
            out = plaintext_of(capacity);
            if (with_handle(NOISE, session, CALL(mt_noise_read, session, out, capacity, &written, data, told_length(length))) == MT_OK && written > capacity)
                fail("mt_noise_read writes more than fits");
            break;
        case 6:
            session = handle_of(NOISE);
            out = output_of(32);
            if (next_byte() % 2 == 0)
                with_handle(NOISE, session, CALL(mt_noise_remote_key, session, out));
            else
                with_handle(NOISE, session, CALL(mt_noise_handshake_hash, session, out));
            break;
        default: destroy(NOISE, handle_of(NOISE)); break;
    }
}

static void messages(void)
{
    size_t length = 0, written = 0, capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
    uint8_t *data, *out;
    mt_wire_message_t *message;
    switch (next_byte() % 4)
    {
        case 0:
            message = struct_of(sizeof *message, INPUT, 1);
            if (message != NULL)
            {
                message->type = next_byte() % 26;
                message->flags = next_byte() % 5;
                message->request_number = next_u32();
                memcpy(message->id, kept_id, 32);
                message->offset = next_u64();
                message->length = next_u32();
                message->code = next_u32();
                message->count = next_u32();
                message->version_min = next_byte() % 3;
                message->version_max = next_byte() % 3;
                message->blob_length_max = next_u32();
                message->bytes = next_byte() < 100 ? NULL : input_of(PAGE, &message->bytes_length);
                message->items = next_byte() < 100 ? NULL : input_of(PAGE, &message->items_length);
            }
            out = output_of(capacity);
            if (CALL(mt_wire_encode, out, capacity, &written, message) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_wire_encode writes more than fits");
                keep(out, written);
            }
            break;
        case 1:
            data = input_of(LARGE_LENGTH, &length);
            message = struct_of(sizeof *message, OUTPUT, 1);
            if (CALL(mt_wire_decode, message, &written, data, told_length(length)) == MT_OK && written > length)
                fail("mt_wire_decode reads more than there is");
            break;
        case 2:
            data = fixed_input(32, kept_key);
            out = output_of(capacity);
            if (CALL(mt_peer_payload_create, out, capacity, &written, text_of(300), data, output_of(32)) == MT_OK && written > capacity)
                fail("mt_peer_payload_create writes more than fits");
            break;
        default:
            data = input_of(LARGE_LENGTH, &length);
            CALL(
                mt_peer_payload_check, struct_of(sizeof(mt_peer_info_t), OUTPUT, 1), data, told_length(length), fixed_input(32, kept_id),
                next_byte() < 64 ? NULL : fixed_input(32, kept_key));
            break;
    }
}

/* No client is ever open here: whatever the handle, the call must fail. */
static void clients(void)
{
    void *handle = handle_of((enum kind)(next_byte() % KINDS)), *out = NULL;
    size_t length = 0, written = 0;
    uint8_t *data, *room;
    mt_client_options_t *options;
    mt_status_t status;
    switch (next_byte() % 12)
    {
        case 0:
            options = struct_of(sizeof *options, INPUT, 0);
            options->request_timeout_ms = next_u32();
            options->memory_bytes_max = next_u64();
            options->credential = text_of(300);
            if (options->credential == NULL)
                options->credential = "";
            status = CALL(mt_client_open, (mt_client_t **)&out, "127.0.0.1:1", options);
            break;
        case 1:
            data = input_of(PAGE, &length);
            room = output_of(MT_CAPABILITY_CAPACITY);
            status = CALL(mt_client_put, handle, (char *)room, MT_CAPABILITY_CAPACITY, &written, data, told_length(length), NULL);
            break;
        case 2:
            room = output_of(PAGE);
            status = CALL(mt_client_read, handle, room, PAGE, &written, text_of(200), next_u64());
            break;
        case 3: status = CALL(mt_client_verify, handle, struct_of(sizeof(mt_verify_report_t), OUTPUT, 1), text_of(200), NULL); break;
        case 4: status = CALL(mt_client_status, handle, struct_of(sizeof(mt_client_status_t), OUTPUT, 1)); break;
        case 5: status = CALL(mt_object_open, handle, (mt_object_t **)&out, text_of(200)); break;
        case 6:
            room = output_of(PAGE);
            status = CALL(mt_object_read, handle, room, PAGE, &written, next_u64());
            break;
        case 7: status = CALL(mt_download_create, handle, (mt_download_t **)&out, next_u64(), next_u64()); break;
        case 8:
            data = input_of(PAGE, &length);
            status = CALL(mt_upload_write, handle, data, told_length(length));
            break;
        case 9: status = CALL(mt_operation_status, handle); break;
        case 10: status = CALL(mt_client_read_start, handle, (mt_operation_t **)&out, NULL, 0, text_of(200), 0, NULL, NULL); break;
        default:
            CALL_VOID(mt_client_close, handle);
            CALL_VOID(mt_operation_destroy, handle);
            CALL_VOID(mt_object_destroy, handle);
            CALL_VOID(mt_download_destroy, handle);
            CALL_VOID(mt_upload_destroy, handle);
            return;
    }
    if (status == MT_OK || out != NULL)
        fail("a call of the client succeeds without one");
}

/* ----------------------------------------------------------------------------------------------------------------------- driver -- */

const char *__asan_default_options(void);

/* As in tests/abi/c/sanitizers.c, where it says why; leaks are looked for there. */
const char *__asan_default_options(void)
{
    return "handle_segv=0:allow_user_segv_handler=1:use_sigaltstack=0:detect_leaks=0";
}

/* A fault outside managed code: .NET hands it on to the handler that was there before its own. libFuzzer keeps the input on SIGABRT. */
static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info, (void)context;
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    (void)argc, (void)argv;
    sigaction(SIGSEGV, &fault, NULL);
    sigaction(SIGBUS, &fault, NULL);
    small_pages = map(SMALL_COUNT, PAGE);
    large_pages = map(LARGE_COUNT, LARGE_LENGTH);
    unsetenv("HOME"); /* no credential of whoever runs this */
    unsetenv("MEGATORRENT_CREDENTIAL");
    unsetenv("MEGATORRENT_CLUSTER");
    mt_processor_kernels(); /* the runtime starts, and puts its handlers before ours */
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    static void (*const parts[])(void) = { hashes, erasure, blobs, keys, bencode, bencode, capabilities, manifests, manifests, noise, messages, clients };
    fuzz = data;
    fuzz_length = length;
    memset(slots, 0, sizeof slots);
    memset(kept_key, 7, sizeof kept_key);
    memset(kept_id, 9, sizeof kept_id);
    kept_length = live_count = 0;
    for (unsigned call = 0; call < CALLS_MAX && fuzz_length > 0; call++)
        parts[next_byte() % (sizeof parts / sizeof parts[0])]();
    while (live_count > 0)
    {
        void *handle = live[live_count - 1];
        enum kind kind = live_kind[live_count - 1];
        destroy(kind, handle);
        if (live_count > 0 && live[live_count - 1] == handle)
            fail("the harness cannot forget a handle");
    }
    return 0;
}
