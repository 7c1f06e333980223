/* The caller's side of the fuzz target abi: memory with guards, what the input says, and handles. */
#define _GNU_SOURCE
#include "abi.h"
#include "faults.h"

#include <stdio.h>
#include <sys/mman.h>

#define SMALL_COUNT 800u
#define LARGE_COUNT 8u
#define CANARY_LENGTH 32u
#define CANARY 0xc3
#define SLOTS 4u

/* ---------------------------------------------------------------------------------------------------------- memory with guards -- */

struct block
{
    uint8_t *start, *copy;
    size_t length;
    enum use use;
};

static uint8_t *small_pages, *large_pages;
static struct block blocks[SMALL_COUNT + LARGE_COUNT];
static size_t block_count, small_used, large_used;

void fail(const char *what)
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

uint8_t *take(size_t length, enum use use)
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

void snapshot(void)
{
    for (size_t i = 0; i < block_count; i++)
    {
        if (blocks[i].copy == NULL)
            blocks[i].copy = malloc(blocks[i].length + 1);
        memcpy(blocks[i].copy, blocks[i].start, blocks[i].length);
    }
}

void after_call(const char *call, int has_failed)
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

mt_status_t checked(const char *call, mt_status_t status)
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

/* ------------------------------------------------------------------------------------------------------------ the fuzzer's bytes -- */

static const uint8_t *fuzz;
size_t fuzz_length;

uint8_t next_byte(void)
{
    if (fuzz_length == 0)
        return 0;
    fuzz_length--;
    return *fuzz++;
}

uint32_t next_u32(void)
{
    uint32_t value = next_byte();
    return value < 240 ? value : value << 24 | (uint32_t)next_byte() << 16 | (uint32_t)next_byte() << 8 | next_byte();
}

uint64_t next_u64(void)
{
    return (uint64_t)next_u32() << 32 | next_u32();
}

size_t next_length(size_t max)
{
    static const size_t edges[] = { 15, 16, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 255, 256, 1023, 4095, 4096, 16383, 16384, 16385 };
    uint8_t choice = next_byte();
    size_t length = choice < 128 ? choice : choice < 224 ? edges[choice % (sizeof edges / sizeof edges[0])] : (size_t)next_u32() % LARGE_LENGTH;
    return length > max ? max : length;
}

size_t told_length(size_t length)
{
    uint8_t choice = next_byte();
    return choice == 255 ? SIZE_MAX : choice == 254 ? (size_t)PTRDIFF_MAX + 1 : length;
}

uint8_t kept[KEPT_MAX], kept_key[32], kept_id[32];
size_t kept_length;

void keep(const void *bytes, size_t length)
{
    kept_length = length < KEPT_MAX ? length : KEPT_MAX;
    memcpy(kept, bytes, kept_length);
}

uint8_t *input_of(size_t max, size_t *length)
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

uint8_t *fixed_input(size_t length, const uint8_t *usual)
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

uint8_t *output_of(size_t length)
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

uint8_t *plaintext_of(size_t length)
{
    uint8_t *bytes = output_of(length);
    for (size_t i = 0; bytes != NULL && i < block_count; i++)
        if (blocks[i].start == bytes)
            blocks[i].use = WIPED;
    return bytes;
}

char *text_of(size_t max)
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

void *struct_of(size_t size, enum use use, int may_be_null)
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

static void *slots[KINDS][SLOTS];
static void *live[CALLS_MAX];
static enum kind live_kind[CALLS_MAX];
static size_t live_count;

void *handle_of(enum kind kind)
{
    uint8_t choice = next_byte();
    if (choice < 200)
        return slots[kind][choice % SLOTS];
    if (choice < 232)
        return slots[choice % KINDS][choice % SLOTS];
    return choice < 240 ? NULL : (void *)(uintptr_t)next_u64();
}

void add_handle(enum kind kind, void *handle)
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

void destroy(enum kind kind, void *handle)
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

mt_status_t with_handle(enum kind kind, const void *handle, mt_status_t status)
{
    if (status == MT_OK && !is_live(kind, handle))
        fail("a call succeeds with a handle that is none");
    return status;
}

void begin_input(const uint8_t *data, size_t length)
{
    fuzz = data;
    fuzz_length = length;
    memset(slots, 0, sizeof slots);
    memset(kept_key, 7, sizeof kept_key);
    memset(kept_id, 9, sizeof kept_id);
    kept_length = live_count = 0;
}

void end_input(void)
{
    while (live_count > 0)
    {
        void *handle = live[live_count - 1];
        enum kind kind = live_kind[live_count - 1];
        destroy(kind, handle);
        if (live_count > 0 && live[live_count - 1] == handle)
            fail("the harness cannot forget a handle");
    }
}

/* ----------------------------------------------------------------------------------------------------------------------- start -- */

const char *__asan_default_options(void);

/* As in tests/abi/c/sanitizers.c, where it says why; leaks are looked for there. */
const char *__asan_default_options(void)
{
    return "handle_segv=0:allow_user_segv_handler=1:use_sigaltstack=0:detect_leaks=0";
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    abort_on_faults();
    small_pages = map(SMALL_COUNT, PAGE);
    large_pages = map(LARGE_COUNT, LARGE_LENGTH);
    unsetenv("HOME"); /* no credential of whoever runs this */
    unsetenv("MEGATORRENT_CREDENTIAL");
    unsetenv("MEGATORRENT_CLUSTER");
    mt_processor_kernels(); /* the runtime starts, and puts its handlers before ours */
    return 0;
}
