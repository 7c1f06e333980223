/*
 * The behaviour suite of libmegatorrent in C.
 *
 *      suite behaviours VECTORS     shows every behaviour of VECTORS/behaviours.json that C has
 *      suite put FILE               puts a file and prints its capability
 *      suite get CAPABILITY PATH    gets a file
 *      suite bench [CAPABILITY]     what it costs to cross the boundary
 *      suite soak SECONDS           works under load, and sees that memory stays flat
 *      suite abuse [SEED]           what no reasonable program does, beyond the behaviours; one line a check
 */
#include "suite.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* ----------------------------------------------------------------------------------------------------------------- verdicts -- */

enum { FAILED = 1, SKIPPED = 2 };

static jmp_buf behaviour_end;
static char verdict[1024];

/* One line, whatever is in the text. */
static void keep_verdict(const char *format, va_list arguments)
{
    char *c;
    vsnprintf(verdict, sizeof verdict, format, arguments);
    for (c = verdict; *c != 0; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
}

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep_verdict(format, arguments);
    va_end(arguments);
    longjmp(behaviour_end, FAILED);
}

void skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep_verdict(format, arguments);
    va_end(arguments);
    longjmp(behaviour_end, SKIPPED);
}

void expect_status(mt_status_t actual, mt_status_t expected, const char *format, ...)
{
    char what[256], detail[512] = "";
    va_list arguments;
    size_t length;
    if (actual == expected && actual == MT_OK)
        return;

    length = mt_last_error(detail, sizeof detail);
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (actual != expected && actual == MT_OK)
        fail("%s succeeded, expected %s", what, mt_status_name(expected));
    if (actual != expected)
        fail("%s: %s, \"%s\", expected %s", what, mt_status_name(actual), detail, mt_status_name(expected));
    if (length == 0)
        fail("%s: %s without a detail", what, mt_status_name(actual));
}

void must(mt_status_t actual, const char *format, ...)
{
    char what[256];
    va_list arguments;
    if (actual == MT_OK)
        return;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    expect_status(actual, MT_OK, "%s", what);
}

/* ------------------------------------------------------------------------------------------------------------------- memory -- */

static void **allocated;
static size_t allocated_count, allocated_capacity;

static void free_all(void)
{
    while (allocated_count > 0)
        free(allocated[--allocated_count]);
}

uint8_t *allocate(size_t length)
{
    uint8_t *memory = malloc(length == 0 ? 1 : length);
    if (allocated_count == allocated_capacity)
    {
        allocated_capacity = allocated_capacity * 2 + 64;
        allocated = realloc(allocated, allocated_capacity * sizeof *allocated);
    }

    if (memory == NULL || allocated == NULL)
    {
        fprintf(stderr, "out of memory\n");
        abort();
    }

    allocated[allocated_count++] = memory;
    memset(memory, 0xcd, length);
    return memory;
}

bytes_t new_bytes(size_t length)
{
    bytes_t bytes;
    bytes.data = allocate(length);
    bytes.length = length;
    return bytes;
}

bytes_t copy_bytes(const void *data, size_t length)
{
    bytes_t bytes = new_bytes(length);
    if (length > 0)
        memcpy(bytes.data, data, length);
    return bytes;
}

char *copy_text(const char *text)
{
    return (char *)copy_bytes(text, strlen(text) + 1).data;
}

char *text_of(const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;
    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = (char *)allocate((size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

int same(const void *left, const void *right, size_t length)
{
    return length == 0 || memcmp(left, right, length) == 0;
}

int is_all(const void *data, int value, size_t length)
{
    const uint8_t *byte = data;
    size_t i;
    for (i = 0; i < length; i++)
        if (byte[i] != (uint8_t)value)
            return 0;
    return 1;
}

uint32_t next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state;
}

void fill_pattern(uint8_t *data, size_t length, uint32_t seed)
{
    size_t i;
    for (i = 0; i < length; i++)
        data[i] = (uint8_t)(next_number(&seed) >> 24);
}

bytes_t pattern(size_t length, uint32_t seed)
{
    bytes_t bytes = new_bytes(length);
    fill_pattern(bytes.data, length, seed);
    return bytes;
}

char *hex_text(const void *data, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    char *text = (char *)allocate(2 * length + 1);
    size_t i;
    for (i = 0; i < length; i++)
    {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }

    text[2 * length] = 0;
    return text;
}

char *hash_text(const void *data, size_t length)
{
    uint8_t hash[MT_SHA256_LENGTH];
    must(mt_sha256(hash, data, length), "hashing %zu bytes", length);
    return hex_text(hash, sizeof hash);
}

/* --------------------------------------------------------------------------------------------------------------------- files -- */

static char temp_folder[256];

char *temp_path(const char *name)
{
    if (temp_folder[0] == 0)
    {
        const char *parent = getenv("TMPDIR");
        snprintf(temp_folder, sizeof temp_folder, "%s/megatorrent-suite-XXXXXX", parent != NULL && *parent != 0 ? parent : "/tmp");
        if (mkdtemp(temp_folder) == NULL)
        {
            fprintf(stderr, "%s cannot be made\n", temp_folder);
            abort();
        }
    }

    return text_of("%s/%s", temp_folder, name);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void remove_temp_folder(void)
{
    if (temp_folder[0] != 0)
        nftw(temp_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    temp_folder[0] = 0;
}

void write_file(const char *path, const void *data, size_t length)
{
    FILE *file = fopen(path, "wb");
    int written = file != NULL && (length == 0 || fwrite(data, 1, length, file) == length);
    if (file == NULL || fclose(file) != 0 || !written)
        fail("%s cannot be written", path);
}

bytes_t read_file(const char *path)
{
    bytes_t bytes = { NULL, 0 };
    FILE *file = fopen(path, "rb");
    long length = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0)
        length = ftell(file);
    if (length >= 0 && fseek(file, 0, SEEK_SET) == 0)
    {
        bytes = new_bytes((size_t)length);
        if (fread(bytes.data, 1, bytes.length, file) != bytes.length)
            length = -1;
    }

    if (file != NULL)
        fclose(file);
    EXPECT(length >= 0, "%s cannot be read", path);
    return bytes;
}

int exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

/* ------------------------------------------------------------------------------------------------------- processes and time -- */

uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

int run_program(const char *path, const char *const *arguments, unsigned limit_seconds)
{
    char *list[8];
    struct pollfd end;
    pid_t process;
    int count = 0, status = 0, ends[2], started, ended;

    list[count++] = copy_text(path);
    for (; *arguments != NULL; arguments++)
        list[count++] = copy_text(*arguments);
    list[count] = NULL;

    /* The child holds the writing end as long as it lives, so the reading end says when it is gone. */
    EXPECT(pipe(ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0, "no pipe");
    started = posix_spawn(&process, path, NULL, NULL, list, environ) == 0;
    close(ends[1]);
    end.fd = ends[0];
    end.events = POLLIN;
    ended = started && poll(&end, 1, (int)(limit_seconds * 1000u)) == 1;
    close(ends[0]);
    EXPECT(started, "%s cannot be started", path);
    if (!ended)
        kill(process, SIGKILL);
    waitpid(process, &status, 0);
    EXPECT(ended, "'%s %s' had not ended after %u s", path, list[1], limit_seconds);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ------------------------------------------------------------------------------------------------------------------- cluster -- */

static mt_client_t *client;

int have_cluster(void)
{
    const char *cluster = getenv("MEGATORRENT_CLUSTER"), *credential = getenv("MEGATORRENT_CREDENTIAL");
    return cluster != NULL && *cluster != 0 && credential != NULL && *credential != 0;
}

mt_client_t *shared_client(void)
{
    if (client == NULL)
        must(mt_client_open(&client, NULL, NULL), "opening a client");
    return client;
}

void close_shared_client(void)
{
    mt_client_close(client);
    client = NULL;
}

capability_t put(const uint8_t *data, size_t length)
{
    capability_t capability;
    size_t text_length = 0;
    must(
        mt_client_put(shared_client(), capability.text, sizeof capability.text, &text_length, data, length, NULL), "putting %zu bytes",
        length);
    EXPECT(strlen(capability.text) == text_length, "the capability has another length than was said");
    return capability;
}

capability_t put_folder(void)
{
    char *folder = temp_path("folder");
    capability_t capability;
    size_t length;
    EXPECT(exists(folder) || mkdir(folder, 0755) == 0, "%s cannot be made", folder);
    write_file(text_of("%s/one", folder), "1", 1);
    must(mt_client_put_file(shared_client(), capability.text, sizeof capability.text, &length, folder, NULL), "putting a folder");
    return capability;
}

void expect_content(const char *capability, const uint8_t *data, size_t length)
{
    bytes_t got = new_bytes(length + 1); /* one more, so that a longer object is seen */
    size_t got_length = 0;
    must(mt_client_read(shared_client(), got.data, got.length, &got_length, capability, 0), "reading %zu bytes", length);
    EXPECT(got_length == length, "%zu bytes came back of %zu", got_length, length);
    EXPECT(same(got.data, data, length), "other bytes came back, %zu of them", length);
}

/* ------------------------------------------------------------------------------------------------------------------- verbs -- */

int run_behaviour(const behaviour_t *behaviour)
{
    int end = setjmp(behaviour_end);
    if (end == 0 && behaviour->needs_cluster && !have_cluster())
        skip("no cluster");
    if (end == 0)
    {
        behaviour->show();
        printf("ok %s\n", behaviour->id);
    }
    else
        printf("%s %s: %s\n", end == FAILED ? "not ok" : "skip", behaviour->id, verdict);
    fflush(stdout);
    free_all();
    return end != FAILED;
}

int run_guarded(void (*body)(void))
{
    int end = setjmp(behaviour_end);
    if (end == 0)
        body();
    else
        fprintf(stderr, "%s\n", verdict);
    fflush(stdout);
    free_all();
    return end == 0;
}

static int behaviours(const char *folder)
{
    static const behaviour_t *const groups[] = {
        hash_behaviours, erasure_behaviours, blob_behaviours, key_behaviours, bencode_behaviours, manifest_behaviours, noise_behaviours,
        wire_behaviours, client_behaviours, damage_behaviours, busy_behaviours, stream_behaviours, operation_behaviours, handle_behaviours,
        argument_behaviours, memory_behaviours, struct_behaviours, first_behaviours,
        thread_behaviours, end_behaviours,
    };
    const behaviour_t *each;
    size_t i;
    int failures = 0;
    vectors_folder = folder;
    for (i = 0; i < sizeof groups / sizeof groups[0]; i++)
        for (each = groups[i]; each->id != NULL; each++)
            failures += !run_behaviour(each);
    return failures == 0 ? 0 : 1;
}

static int report(mt_status_t status, const char *what)
{
    char detail[512] = "";
    mt_last_error(detail, sizeof detail);
    fprintf(stderr, "%s: %s: %s\n", what, mt_status_name(status), detail);
    return 1;
}

static int put_one(const char *path)
{
    char capability[MT_CAPABILITY_CAPACITY];
    size_t length = 0;
    mt_client_t *opened = NULL;
    mt_status_t status = mt_client_open(&opened, NULL, NULL);
    if (status == MT_OK)
        status = mt_client_put_file(opened, capability, sizeof capability, &length, path, NULL);
    if (status != MT_OK)
        report(status, path);
    else
        printf("%s\n", capability);
    mt_client_close(opened);
    return status == MT_OK ? 0 : 1;
}

static int get_one(const char *capability, const char *path)
{
    mt_client_t *opened = NULL;
    mt_status_t status = mt_client_open(&opened, NULL, NULL);
    if (status == MT_OK)
        status = mt_client_get_file(opened, path, capability, NULL);
    if (status != MT_OK)
        report(status, path);
    mt_client_close(opened);
    return status == MT_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    int code = 2;
    prepare_sanitizers();
    if (strcmp(verb, "behaviours") == 0 && argc == 3)
        code = behaviours(argv[2]);
    else if (strcmp(verb, "put") == 0 && argc == 3)
        code = put_one(argv[2]);
    else if (strcmp(verb, "get") == 0 && argc == 4)
        code = get_one(argv[2], argv[3]);
    else if (strcmp(verb, "bench") == 0 && argc <= 3)
        code = bench(argc == 3 ? argv[2] : NULL);
    else if (strcmp(verb, "soak") == 0 && argc == 3)
        code = soak((unsigned)strtoul(argv[2], NULL, 10));
    else if (strcmp(verb, "abuse") == 0 && argc <= 3)
        code = abuse(argc == 3 ? strtoull(argv[2], NULL, 0) : 20260101);
    else if (strcmp(verb, "first-call") == 0 && argc == 3)
        code = first_call(argv[2]);
    else if (strcmp(verb, "exit-under-way") == 0 && argc == 3)
        return exit_under_way(strcmp(argv[2], "thread") == 0); /* nothing is closed: that is the point */
    else
        fprintf(
            stderr, "usage: suite behaviours VECTORS | put FILE | get CAPABILITY PATH | bench [CAPABILITY] | soak SECONDS |\n"
                    "             abuse [SEED]\n");

    close_shared_client();
    remove_temp_folder();
    free_all();
    free(allocated);
    return code;
}
