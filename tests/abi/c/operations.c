/* Operations, and the log: parts 13 and 14 of the header. */
#include "suite.h"

#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB 1048576u

/* How long an operation may take here before the behaviour fails. */
#define LIMIT_SECONDS 60

/* What a completion callback saw. It outlives the operation, so that a second call would be seen. */
typedef struct
{
    pthread_mutex_t mutex;
    pthread_cond_t called;
    unsigned calls;
    mt_status_t status, status_inside;
    mt_operation_t *operation;
    int destroy;
} completion_t;

static completion_t *new_completion(void)
{
    completion_t *completion = (completion_t *)(void *)allocate(sizeof *completion);
    memset(completion, 0, sizeof *completion);
    pthread_mutex_init(&completion->mutex, NULL);
    pthread_cond_init(&completion->called, NULL);
    return completion;
}

static void completed(void *context, mt_operation_t *operation, mt_status_t status)
{
    completion_t *completion = context;
    mt_status_t inside = mt_operation_status(operation);
    if (completion->destroy)
        mt_operation_destroy(operation);
    pthread_mutex_lock(&completion->mutex);
    completion->calls++;
    completion->status = status;
    completion->status_inside = inside;
    completion->operation = operation;
    pthread_cond_signal(&completion->called);
    pthread_mutex_unlock(&completion->mutex);
}

/* Waits until the callback was called; returns how often. */
static unsigned wait_for_call(completion_t *completion)
{
    struct timespec until;
    unsigned calls;
    int result = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LIMIT_SECONDS;
    pthread_mutex_lock(&completion->mutex);
    while (completion->calls == 0 && result == 0)
        result = pthread_cond_timedwait(&completion->called, &completion->mutex, &until);
    calls = completion->calls;
    pthread_mutex_unlock(&completion->mutex);
    return calls;
}

static void wait_done(mt_operation_t *operation, const char *what)
{
    int32_t done = 77;
    must(mt_operation_wait(operation, &done, LIMIT_SECONDS * 1000u), "waiting for %s", what);
    EXPECT(done == 1, "%s took longer than %d s", what, LIMIT_SECONDS);
}

/* An operation must have succeeded, and its callback must have said so, once. */
static void expect_completed(mt_operation_t *operation, completion_t *completion, const char *what)
{
    unsigned calls = wait_for_call(completion);
    EXPECT(calls == 1, "%s: the callback was called %u times", what, calls);
    must(mt_operation_status(operation), "%s", what);
    EXPECT(
        completion->status == MT_OK && completion->status_inside == MT_OK && completion->operation == operation,
        "%s: the callback was told %s, of %s operation", what, mt_status_name(completion->status),
        completion->operation == operation ? "this" : "another");
    wait_done(operation, what);
}

static void show_completion(void)
{
    bytes_t data = pattern(3000000, 1), got = new_bytes(3000000);
    mt_put_result_t put_result = { sizeof put_result, 77, 77, 77, 77, 77, 77, 77 };
    mt_get_result_t get_result = { sizeof get_result, 77, 77, 77, 77, 77 };
    mt_verify_report_t report = { sizeof report, 77, 77, 77, 77, 77, 77, 77, 77, 77 };
    mt_object_info_t info = { sizeof info, 77, 77, 77, 77, 77 };
    mt_put_options_t putting;
    mt_get_options_t getting = { sizeof getting, 0, NULL, NULL, NULL };
    completion_t *completions[6];
    mt_operation_t *operation = NULL;
    mt_client_t *client = NULL;
    mt_object_t *object = NULL;
    capability_t capability;
    char *path = temp_path("operation"), *copy;
    size_t length = 77;
    int i;
    memset(&putting, 0, sizeof putting);
    putting.struct_size = sizeof putting;
    putting.result = &put_result;
    getting.result = &get_result;
    for (i = 0; i < 6; i++)
        completions[i] = new_completion();

    must(mt_client_put_start(shared_client(), &operation, data.data, data.length, &putting, completed, completions[0]), "starting a put");
    memset(&putting, 0, sizeof putting); /* options were copied */
    expect_completed(operation, completions[0], "put");
    must(mt_operation_get_capability(operation, capability.text, sizeof capability.text, &length), "the capability");
    EXPECT(length == strlen(capability.text) && put_result.bytes == data.length, "the result of the put is another");
    expect_status(mt_operation_get_length(operation, &length), MT_ERROR_STATE, "the length of a put");
    expect_status(mt_operation_take_object(operation, &object), MT_ERROR_STATE, "the object of a put");
    mt_operation_destroy(operation);
    expect_content(capability.text, data.data, data.length);

    copy = copy_text(capability.text);
    must(mt_client_read_start(shared_client(), &operation, got.data, got.length, copy, 0, completed, completions[1]), "starting a read");
    memset(copy, 'x', strlen(copy)); /* texts were copied */
    expect_completed(operation, completions[1], "read");
    must(mt_operation_get_length(operation, &length), "the length");
    EXPECT(length == data.length && same(got.data, data.data, length), "other bytes came");
    mt_operation_destroy(operation);

    must(
        mt_client_verify_start(shared_client(), &operation, &report, capability.text, NULL, completed, completions[2]),
        "starting to verify");
    expect_completed(operation, completions[2], "verify");
    EXPECT(report.healthy == 1 && report.lowest_margin == 2, "healthy %u, margin %d", report.healthy, report.lowest_margin);
    mt_operation_destroy(operation);

    copy = copy_text(path);
    must(
        mt_client_get_file_start(shared_client(), &operation, copy, capability.text, &getting, completed, completions[3]),
        "starting a get");
    memset(copy, 'x', strlen(copy));
    expect_completed(operation, completions[3], "get");
    mt_operation_destroy(operation);
    got = read_file(path);
    EXPECT(
        got.length == data.length && same(got.data, data.data, got.length) && get_result.bytes == data.length, "another file came back");

    must(mt_object_open_start(shared_client(), &operation, capability.text, completed, completions[4]), "starting to open");
    expect_completed(operation, completions[4], "open");
    must(mt_operation_take_object(operation, &object), "the object");
    mt_operation_destroy(operation);
    must(mt_object_get_info(object, &info), "what it is");
    EXPECT(info.length == data.length, "it has %llu bytes", (unsigned long long)info.length);
    mt_object_destroy(object);

    must(mt_client_open_start(&operation, NULL, NULL, completed, completions[5]), "starting to open a client");
    expect_completed(operation, completions[5], "client");
    must(mt_operation_take_client(operation, &client), "the client");
    mt_operation_destroy(operation);
    must(mt_client_put(client, capability.text, sizeof capability.text, &length, data.data, 10, NULL), "putting with it");
    mt_client_close(client);

    for (i = 0; i < 6; i++)
        EXPECT(completions[i]->calls == 1, "a callback was called %u times", completions[i]->calls);
    unlink(path);
}

static void show_descriptor(void)
{
    bytes_t data = pattern(8 * MIB, 1);
    mt_operation_t *operation = NULL;
    struct pollfd poller = { -1, POLLIN, 0 };
    mt_status_t status;
    int ready;
    must(mt_client_put_start(shared_client(), &operation, data.data, data.length, NULL, NULL, NULL), "starting a put");
    status = mt_operation_get_descriptor(operation, &poller.fd);
    if (status == MT_ERROR_UNSUPPORTED)
    {
        mt_operation_destroy(operation);
        skip("this system has no such descriptor");
    }

    must(status, "the descriptor");
    ready = poll(&poller, 1, 0);
    EXPECT(ready == 0 || (ready == 1 && poller.revents == POLLIN), "polling gives %d, events 0x%x", ready, poller.revents);
    ready = poll(&poller, 1, LIMIT_SECONDS * 1000);
    EXPECT(ready == 1 && poller.revents == POLLIN, "polling gives %d, events 0x%x", ready, poller.revents);
    must(mt_operation_status(operation), "the put, whose descriptor is readable");
    ready = poll(&poller, 1, 0);
    EXPECT(ready == 1, "it is not readable any more");
    mt_operation_destroy(operation);
}

static void show_wait(void)
{
    bytes_t data = pattern(32 * MIB, 1);
    mt_operation_t *operation = NULL;
    int32_t done = 77;
    mt_status_t status;
    must(mt_client_put_start(shared_client(), &operation, data.data, data.length, NULL, NULL, NULL), "starting a put");
    must(mt_operation_wait(operation, &done, 0), "waiting for no time");
    EXPECT(done == 0 || done == 1, "done is %d", done);
    if (done == 0)
    {
        status = mt_operation_status(operation);
        EXPECT(status == MT_ERROR_STATE || status == MT_OK, "the status under way is %s", mt_status_name(status));
    }

    must(mt_operation_wait(operation, &done, UINT32_MAX), "waiting for ever");
    EXPECT(done == 1, "done is %d", done);
    must(mt_operation_status(operation), "the put");
    mt_operation_destroy(operation);
}

static void show_cancel(void)
{
    bytes_t data = pattern(64 * MIB, 1);
    mt_operation_t *operation = NULL;
    capability_t capability;
    size_t length;
    mt_status_t status;
    must(mt_client_put_start(shared_client(), &operation, data.data, data.length, NULL, NULL, NULL), "starting a put");
    must(mt_operation_cancel(operation), "cancelling");
    must(mt_operation_cancel(operation), "cancelling twice");
    wait_done(operation, "a put that was cancelled");
    status = mt_operation_status(operation);
    EXPECT(status == MT_ERROR_CANCELED || status == MT_OK, "a put that was cancelled ends with %s", mt_status_name(status));
    if (status != MT_OK)
        expect_status(
            mt_operation_get_capability(operation, capability.text, sizeof capability.text, &length), MT_ERROR_STATE,
            "the capability of a put that was cancelled");
    must(mt_operation_cancel(operation), "cancelling after the end");
    mt_operation_destroy(operation);
    expect_content(put(data.data, 1000).text, data.data, 1000);
}

static void show_destroy(void)
{
    size_t length = 32 * MIB;
    uint8_t *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bytes_t data = pattern(1000, 1);
    completion_t *completion = new_completion();
    mt_operation_t *operation = NULL;
    EXPECT(memory != MAP_FAILED, "no memory");
    fill_pattern(memory, length, 1);
    must(mt_client_put_start(shared_client(), &operation, memory, length, NULL, completed, completion), "starting a put");
    mt_operation_destroy(operation);
    munmap(memory, length); /* whoever reads it now dies */
    EXPECT(wait_for_call(completion) == 1, "the callback was called %u times", completion->calls);
    expect_status(mt_operation_status(operation), MT_ERROR_INVALID_HANDLE, "the status of a destroyed operation");

    completion = new_completion();
    completion->destroy = 1;
    must(mt_client_put_start(shared_client(), &operation, data.data, data.length, NULL, completed, completion), "starting a put");
    EXPECT(wait_for_call(completion) == 1, "the callback was called %u times", completion->calls);
    EXPECT(completion->status == MT_OK, "the put ended with %s", mt_status_name(completion->status));
    expect_status(mt_operation_status(operation), MT_ERROR_INVALID_HANDLE, "the status after it was destroyed inside");
    expect_content(put(data.data, data.length).text, data.data, data.length);
}

/* ---------------------------------------------------------------------------------------------------------------------- log -- */

typedef struct
{
    unsigned lines, wrong, late;
    volatile int over;
} log_t;

static void take_line(void *context, int32_t level, const char *message)
{
    log_t *log = context;
    size_t length = strlen(message);
    log->lines++;
    log->late += (unsigned)log->over;
    log->wrong += level < MT_LOG_ERROR || level > MT_LOG_DEBUG || length == 0 || message[length - 1] == '\n';
}

static void show_log(void)
{
    static log_t log; /* it stays, so that a late line is seen */
    mt_client_t *client = NULL;
    capability_t capability;
    size_t length;
    memset(&log, 0, sizeof log);
    expect_status(mt_log_set(take_line, &log, 0), MT_ERROR_INVALID_ARGUMENT, "level 0");
    expect_status(mt_log_set(take_line, &log, 5), MT_ERROR_INVALID_ARGUMENT, "level 5");
    must(mt_log_set(take_line, &log, MT_LOG_DEBUG), "setting the log");
    must(mt_client_open(&client, NULL, NULL), "opening a client");
    must(mt_client_put(client, capability.text, sizeof capability.text, &length, (const uint8_t *)"text", 4, NULL), "putting");
    must(mt_log_set(NULL, NULL, MT_LOG_ERROR), "ending the log");
    log.over = 1;
    EXPECT(log.lines >= 1 && log.wrong == 0, "%u lines, %u wrong", log.lines, log.wrong);
    must(mt_client_put(client, capability.text, sizeof capability.text, &length, (const uint8_t *)"text", 4, NULL), "putting");
    mt_client_close(client);
    EXPECT(log.late == 0, "%u lines after the log was ended", log.late);
}

const behaviour_t operation_behaviours[] = {
    { "operation.completion", show_completion, 1 },
    { "operation.descriptor", show_descriptor, 1 },
    { "operation.wait", show_wait, 1 },
    { "operation.cancel", show_cancel, 1 },
    { "operation.destroy", show_destroy, 1 },
    { "log.lines", show_log, 1 },
    { NULL, NULL, 0 },
};
