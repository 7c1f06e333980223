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
#ifndef FUZZ_ABI_H
#define FUZZ_ABI_H

#include <megatorrent.h>

#include <string.h>

#define PAGE 4096u
#define LARGE_LENGTH 65536u
#define CALLS_MAX 48u
#define KEPT_MAX LARGE_LENGTH

enum use
{
    INPUT,
    OUTPUT,
    WIPED /* an output that a failure may leave in any state, as the header says */
};

enum kind
{
    RS,
    READER,
    WRITER,
    MANIFEST,
    NOISE,
    KINDS
};

/* Bytes of the input that are left. */
extern size_t fuzz_length;

/* The last thing that the library wrote, for calls that read such a thing. */
extern uint8_t kept[KEPT_MAX], kept_key[32], kept_id[32];
extern size_t kept_length;

/* Arguments that take memory do so after this snapshot, and make their own. */
#define CALL(function, ...) (snapshot(), checked(#function, function(__VA_ARGS__)))
#define CALL_VOID(function, ...) (snapshot(), function(__VA_ARGS__), after_call(#function, 0))

void fail(const char *what);

/* Bytes that end where nothing may be touched. */
uint8_t *take(size_t length, enum use use);

/* What the blocks hold now is what they must hold afterwards. */
void snapshot(void);

void after_call(const char *call, int has_failed);

mt_status_t checked(const char *call, mt_status_t status);

uint8_t next_byte(void);

uint32_t next_u32(void);

uint64_t next_u64(void);

/* Around the lengths at which something changes, and beyond what memory can hold. */
size_t next_length(size_t max);

/* Now and then a length that nothing can have, for bytes that are fewer. */
size_t told_length(size_t length);

void keep(const void *bytes, size_t length);

/* Bytes to be read: NULL, the fuzzer's, or what was kept, with a change. */
uint8_t *input_of(size_t max, size_t *length);

/* Exactly so many bytes to be read; seldom NULL. */
uint8_t *fixed_input(size_t length, const uint8_t *usual);

/* Room for what is written; seldom NULL, seldom where an input lies. */
uint8_t *output_of(size_t length);

/* Room for plaintext: nothing of it stays after a failure. */
uint8_t *plaintext_of(size_t length);

/* A text that ends with NUL. */
char *text_of(size_t max);

/* A struct with struct_size in front: right, or what the fuzzer wants; never more memory than it says. */
void *struct_of(size_t size, enum use use, int may_be_null);

void *handle_of(enum kind kind);

void add_handle(enum kind kind, void *handle);

void destroy(enum kind kind, void *handle);

/* A call with a handle that is not a live one of its kind must fail. */
mt_status_t with_handle(enum kind kind, const void *handle, mt_status_t status);

/* Begins an input: nothing is kept, no handle is live. */
void begin_input(const uint8_t *data, size_t length);

/* Ends it: what is live is destroyed. */
void end_input(void);

/* The parts of the interface: each makes one call, as the input says. */
void hashes(void);
void erasure(void);
void blobs(void);
void keys(void);
void bencode(void);
void capabilities(void);
void manifests(void);
void noise(void);
void messages(void);
void clients(void);

#endif
