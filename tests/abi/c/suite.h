/*
 * suite.h - what every group of the behaviour suite in C uses; ../README.md says what the suite is.
 *
 * A behaviour is a function. It returns when what it shows holds, and leaves by fail or skip when it does not, which is why every
 * memory comes from allocate: it is freed when the behaviour is over, however it ended.
 */
#ifndef SUITE_H
#define SUITE_H

#define _GNU_SOURCE 1

#include <megatorrent.h>

#include <cjson/cJSON.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes with their number. */
typedef struct
{
    uint8_t *data;
    size_t length;
} bytes_t;

typedef struct
{
    const char *id;
    void (*show)(void);
    int needs_cluster;
} behaviour_t;

/* A group ends with an element whose id is NULL. */
extern const behaviour_t hash_behaviours[], erasure_behaviours[], blob_behaviours[], key_behaviours[], bencode_behaviours[],
    manifest_behaviours[], noise_behaviours[], wire_behaviours[], client_behaviours[], damage_behaviours[], busy_behaviours[],
    stream_behaviours[], operation_behaviours[], handle_behaviours[], argument_behaviours[], memory_behaviours[], struct_behaviours[],
    thread_behaviours[], end_behaviours[];

/* ----------------------------------------------------------------------------------------------------------------- verdicts -- */

#if defined(__GNUC__)
#define SUITE_PRINTF(format_index) __attribute__((format(printf, format_index, format_index + 1)))
#else
#define SUITE_PRINTF(format_index)
#endif

/* Ends the behaviour. Only on the thread that runs it. */
_Noreturn void fail(const char *format, ...) SUITE_PRINTF(1);
_Noreturn void skip(const char *format, ...) SUITE_PRINTF(1);

#define EXPECT(condition, ...)       \
    do                               \
    {                                \
        if (!(condition))            \
            fail(__VA_ARGS__);       \
    } while (0)

/* A call must end so; one that fails must say why. */
void expect_status(mt_status_t actual, mt_status_t expected, const char *format, ...) SUITE_PRINTF(3);

/* A call must succeed. */
void must(mt_status_t actual, const char *format, ...) SUITE_PRINTF(2);

/* Runs one behaviour and prints its line; returns whether it did not fail. */
int run_behaviour(const behaviour_t *behaviour);

/* Runs what is no behaviour but may fail like one; why goes to standard error. Returns whether it did not fail. */
int run_guarded(void (*body)(void));

/* ------------------------------------------------------------------------------------------------------------------- memory -- */

/* Memory of exactly this length, so that a sanitizer sees the byte past it. Never NULL. Only on the thread that runs the behaviour. */
uint8_t *allocate(size_t length);
bytes_t new_bytes(size_t length);
bytes_t copy_bytes(const void *data, size_t length);
char *copy_text(const char *text);

/* A text that is formatted into memory of its own. */
char *text_of(const char *format, ...) SUITE_PRINTF(1);

int same(const void *left, const void *right, size_t length);
int is_all(const void *data, int value, size_t length);

/* Length bytes of the generator of erasure.json with this seed. */
void fill_pattern(uint8_t *data, size_t length, uint32_t seed);
bytes_t pattern(size_t length, uint32_t seed);

/* The next number of that generator, all 32 bits of it. */
uint32_t next_number(uint32_t *state);

/* SHA-256 in hex, in memory of its own. */
char *hash_text(const void *data, size_t length);
char *hex_text(const void *data, size_t length);

/* ------------------------------------------------------------------------------------------------------------------ vectors -- */

/* Where the vectors lie; set before the first behaviour. */
extern const char *vectors_folder;

/* A member of a file of vectors: vectors("cid.json", "good"). */
const cJSON *vectors(const char *file, const char *member);

/* The name of a case, for messages. */
const char *case_name(const cJSON *item);

const cJSON *member(const cJSON *item, const char *name);
const char *text_member(const cJSON *item, const char *name);

/* Whether a text of a case has a NUL inside, which no text has in C: such a case has no meaning here. */
int has_nul(const char *text);

/* A number, or a decimal text. */
uint64_t number_member(const cJSON *item, const char *name);
int64_t integer_member(const cJSON *item, const char *name);
int flag_member(const cJSON *item, const char *name);

/* Hex, or a pattern. */
bytes_t bytes_of(const cJSON *item);
bytes_t bytes_member(const cJSON *item, const char *name);

/* Exactly so many bytes. */
const uint8_t *fixed_member(const cJSON *item, const char *name, size_t length);

/* The number of a status that is named, in the member "status" or another. */
mt_status_t status_member(const cJSON *item, const char *name);

/* ----------------------------------------------------------------------------------------------------------- cluster, files -- */

/* Whether the cluster of the build tool is there. */
int have_cluster(void);

/* The client that the behaviours share: opened when it is first needed. */
mt_client_t *shared_client(void);
void close_shared_client(void);

/* A capability of MT_CAPABILITY_CAPACITY bytes. */
typedef struct
{
    char text[MT_CAPABILITY_CAPACITY];
} capability_t;

/* Puts bytes with the defaults. */
capability_t put(const uint8_t *data, size_t length);

/* Puts a folder with one file, "one". */
capability_t put_folder(void);

/* Reads a whole object through its capability and compares it. */
void expect_content(const char *capability, const uint8_t *data, size_t length);

/* A path below the temporary folder of this process, which is removed at the end. */
char *temp_path(const char *name);
void remove_temp_folder(void);
void write_file(const char *path, const void *data, size_t length);
bytes_t read_file(const char *path);
int exists(const char *path);

/* Starts a program with arguments (a list that ends with NULL), and waits: the exit code, or minus the signal. */
int run_program(const char *path, const char *const *arguments, unsigned limit_seconds);

/* Milliseconds of a clock that only goes forward. */
uint64_t now_ms(void);

/* ------------------------------------------------------------------------------------------------------------- other verbs -- */

int bench(const char *capability);
int soak(unsigned seconds);
int abuse(uint64_t seed);

/* The functions of the header one by one, NULL after the last; and a call of one of them with NULL and 0 for every argument. */
const char *call_name(size_t call_index);
int make_call(const char *name);

/* The same for those that take a handle. */
const char *handle_call_name(size_t call_index);
void make_handle_call(size_t call_index);

/* Called before anything else. */
void prepare_sanitizers(void);

/* What the child process of misuse.exit-under-way does: leaves by exit in another thread, or returns what main is to return. */
int exit_under_way(int from_thread);

#endif
