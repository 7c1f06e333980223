/* The client where all goes well: part 11 of the header. */
#include "suite.h"

#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB 1048576u

static mt_put_options_t put_options(void)
{
    mt_put_options_t options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    return options;
}

static mt_get_options_t get_options(void)
{
    mt_get_options_t options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    return options;
}

static capability_t put_with(bytes_t data, const mt_put_options_t *options)
{
    capability_t capability;
    size_t length = 0;
    must(
        mt_client_put(shared_client(), capability.text, sizeof capability.text, &length, data.data, data.length, options),
        "putting %zu bytes", data.length);
    return capability;
}

static void show_open(void)
{
    mt_client_options_t options = { sizeof options, 0, 0, NULL, NULL };
    mt_client_status_t status = { sizeof status, 0, 0, 0 };
    mt_client_t *client = NULL;
    const char *credential = getenv("MEGATORRENT_CREDENTIAL");
    int explicit_one;
    for (explicit_one = 0; explicit_one < 2; explicit_one++)
    {
        if (strncmp(credential, "mtcred1:", 8) == 0)
            options.credential = credential;
        else
            options.credential_path = credential;
        must(
            mt_client_open(&client, explicit_one ? getenv("MEGATORRENT_CLUSTER") : NULL, explicit_one ? &options : NULL), "opening by %s",
            explicit_one ? "address" : "environment");
        must(mt_client_status(client, &status), "the status");
        EXPECT(
            status.members >= 6 && status.living_members == status.members && status.failure_domains >= 6,
            "%u members, %u living, in %u domains", status.members, status.living_members, status.failure_domains);
        mt_client_close(client);
    }
}

static void show_put_get(void)
{
    static const size_t lengths[] = { 1, 1000, 65536, 1048576, 5000001 };
    size_t i;
    for (i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
    {
        bytes_t data = pattern(lengths[i], 1);
        mt_put_result_t result = { sizeof result, 77, 77, 77, 77, 77, 77, 77 };
        mt_put_options_t options = put_options();
        capability_t capability;
        options.result = &result;
        capability = put_with(data, &options);
        EXPECT(
            result.bytes == lengths[i] && result.incomplete_stripes == 0 && result.missing_blobs == 0 && result.stripes >= 1 &&
                result.blobs_stored >= 1 && result.stored_bytes >= result.bytes,
            "%zu bytes: the result has %llu bytes, %u stripes, %u incomplete", lengths[i], (unsigned long long)result.bytes, result.stripes,
            result.incomplete_stripes);
        expect_content(capability.text, data.data, data.length);
    }
}

static void show_files(void)
{
    bytes_t data = pattern(3000000, 2), got;
    char *from = temp_path("from.bin"), *to = temp_path("to.bin"), name[256];
    mt_get_result_t result = { sizeof result, 77, 77, 77, 77, 77 };
    mt_get_options_t options = get_options();
    mt_object_t *object = NULL;
    capability_t capability;
    size_t length;
    options.result = &result;
    write_file(from, data.data, data.length);
    must(mt_client_put_file(shared_client(), capability.text, sizeof capability.text, &length, from, NULL), "putting a file");
    must(mt_client_get_file(shared_client(), to, capability.text, &options), "getting it");
    got = read_file(to);
    EXPECT(got.length == data.length && same(got.data, data.data, data.length), "another file came back");
    EXPECT(result.bytes == data.length && result.bad_blobs == 0, "the result has %llu bytes", (unsigned long long)result.bytes);
    EXPECT(!exists(temp_path("to.bin.mtpart")), "the unfinished file is still there");
    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    must(mt_object_get_name(object, name, sizeof name, &length), "its name");
    EXPECT(strcmp(name, "from.bin") == 0, "its name is \"%s\"", name);
    mt_object_destroy(object);
    unlink(from);
    unlink(to);
}

static void show_empty(void)
{
    char *from = temp_path("empty"), *to = temp_path("empty.copy");
    capability_t capability = put(NULL, 0);
    size_t length = 77;
    expect_content(capability.text, NULL, 0);
    write_file(from, NULL, 0);
    must(mt_client_put_file(shared_client(), capability.text, sizeof capability.text, &length, from, NULL), "putting an empty file");
    must(mt_client_get_file(shared_client(), to, capability.text, NULL), "getting it");
    EXPECT(read_file(to).length == 0, "it is not empty");
    expect_content(capability.text, NULL, 0);
    unlink(from);
    unlink(to);
}

static void expect_file(const char *folder, const char *name, bytes_t expected)
{
    bytes_t got = read_file(text_of("%s/%s", folder, name));
    EXPECT(got.length == expected.length && same(got.data, expected.data, got.length), "%s is another file", name);
}

static int names_in(const char *folder)
{
    DIR *directory = opendir(folder);
    int count = 0;
    EXPECT(directory != NULL, "%s cannot be read", folder);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2; /* . and .. */
}

static void show_directory(void)
{
    static const struct
    {
        const char *path;
        uint32_t kind;
    } expected[] = {
        { "link", MT_ENTRY_LINK },           { "one", MT_ENTRY_FILE },           { "sub", MT_ENTRY_DIRECTORY },
        { "sub/empty", MT_ENTRY_FILE }, { "sub/none", MT_ENTRY_DIRECTORY }, { "sub/two", MT_ENTRY_FILE },
    };
    char *from = temp_path("a"), *to = temp_path("b"), link[64] = "", path[4096], last[4096] = "";
    bytes_t one = copy_bytes("1", 1), two = pattern(100000, 3), nothing = { NULL, 0 };
    mt_object_info_t info = { sizeof info, 77, 77, 77, 77, 77 };
    mt_object_t *object = NULL;
    capability_t capability;
    size_t length, found = 0, j;
    uint32_t i;

    EXPECT(
        mkdir(from, 0755) == 0 && mkdir(text_of("%s/sub", from), 0755) == 0 && mkdir(text_of("%s/sub/none", from), 0755) == 0 &&
            symlink("one", text_of("%s/link", from)) == 0,
        "the directory cannot be made");
    write_file(text_of("%s/one", from), one.data, one.length);
    write_file(text_of("%s/sub/two", from), two.data, two.length);
    write_file(text_of("%s/sub/empty", from), NULL, 0);
    must(mt_client_put_file(shared_client(), capability.text, sizeof capability.text, &length, from, NULL), "putting a directory");
    must(mt_client_get_file(shared_client(), to, capability.text, NULL), "getting it");
    expect_file(to, "one", one);
    expect_file(to, "sub/two", two);
    expect_file(to, "sub/empty", nothing);
    EXPECT(names_in(to) == 3 && names_in(text_of("%s/sub", to)) == 3 && names_in(text_of("%s/sub/none", to)) == 0, "other names came back");
    EXPECT(readlink(text_of("%s/link", to), link, sizeof link - 1) == 3 && strcmp(link, "one") == 0, "the link leads to \"%s\"", link);

    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    must(mt_object_get_info(object, &info), "what it is");
    EXPECT(info.kind == MT_MANIFEST_DIRECTORY && info.length == 100001, "kind %u, %llu bytes", info.kind, (unsigned long long)info.length);
    must(mt_object_get_name(object, path, sizeof path, &length), "its name");
    EXPECT(strcmp(path, "a") == 0, "its name is \"%s\"", path);
    for (i = 0; i < info.entry_count; i++)
    {
        mt_entry_info_t entry = { sizeof entry, 77, 77, 77, 77, 77, 77 };
        must(mt_object_get_entry(object, &entry, i), "entry %u", i);
        must(mt_object_get_entry_path(object, path, sizeof path, &length, i), "the path of entry %u", i);
        EXPECT(i == 0 || strcmp(last, path) < 0, "%s comes before %s", last, path);
        memcpy(last, path, sizeof last);
        for (j = 0; j < sizeof expected / sizeof expected[0]; j++)
            if (strcmp(path, expected[j].path) == 0)
            {
                EXPECT(entry.kind == expected[j].kind, "%s is of kind %u", path, entry.kind);
                found++;
            }

        EXPECT(
            entry.length == (strcmp(path, "one") == 0 ? 1u : strcmp(path, "sub/two") == 0 ? 100000u : 0u), "%s has %llu bytes", path,
            (unsigned long long)entry.length);
        if (strcmp(path, "sub/two") == 0)
        {
            bytes_t got = new_bytes((size_t)entry.length);
            must(mt_object_read(object, got.data, got.length, &length, entry.offset), "reading %s", path);
            EXPECT(length == two.length && same(got.data, two.data, length), "%s is not at its offset", path);
        }
    }

    EXPECT(
        found == sizeof expected / sizeof expected[0] && info.entry_count == found, "%zu of 6 entries, %u in all", found,
        info.entry_count);
    {
        mt_entry_info_t entry = { sizeof entry, 0, 0, 0, 0, 0, 0 };
        expect_status(mt_object_get_entry(object, &entry, info.entry_count), MT_ERROR_INVALID_ARGUMENT, "an entry past the last");
    }

    mt_object_destroy(object);
}

static void show_object(void)
{
    mt_put_options_t options = put_options();
    mt_object_info_t info = { sizeof info, 77, 77, 77, 77, 77 };
    mt_object_t *object = NULL;
    capability_t capability;
    char name[256];
    size_t length;
    options.name = "photo.jpg";
    capability = put_with(pattern(3000000, 1), &options);
    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    must(mt_object_get_info(object, &info), "what it is");
    EXPECT(
        info.kind == MT_MANIFEST_FILE && info.length == 3000000 && info.entry_count == 0, "kind %u, %llu bytes, %u entries", info.kind,
        (unsigned long long)info.length, info.entry_count);
    must(mt_object_get_name(object, name, sizeof name, &length), "its name");
    EXPECT(strcmp(name, "photo.jpg") == 0 && length == 9, "its name is \"%s\"", name);
    mt_object_destroy(object);
}

static void expect_range(mt_object_t *object, const char *capability, bytes_t data, size_t offset, size_t length)
{
    bytes_t got = new_bytes(length);
    size_t done = 0;
    must(mt_client_read(shared_client(), got.data, length, &done, capability, offset), "reading %zu at %zu", length, offset);
    EXPECT(done == length && same(got.data, data.data + offset, length), "%zu bytes at %zu are others", length, offset);
    memset(got.data, 0, length);
    must(mt_object_read(object, got.data, length, &done, offset), "reading %zu at %zu", length, offset);
    EXPECT(done == length && same(got.data, data.data + offset, length), "%zu bytes at %zu of the object are others", length, offset);
}

static void show_ranges(void)
{
    static const size_t ranges[][2] = { { 0, 1 }, { 1048575, 2 }, { 999999, 1000003 }, { 2999999, 1 }, { 0, 3000000 } };
    bytes_t data = pattern(3000000, 4);
    capability_t capability = put(data.data, data.length);
    mt_object_t *object = NULL;
    uint32_t state = 5;
    size_t i;
    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    for (i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        expect_range(object, capability.text, data, ranges[i][0], ranges[i][1]);
    for (i = 0; i < 20; i++)
    {
        size_t offset = next_number(&state) % data.length, length = next_number(&state) % (data.length - offset) + 1;
        expect_range(object, capability.text, data, offset, length);
    }

    mt_object_destroy(object);
}

static void show_past_end(void)
{
    bytes_t data = pattern(100000, 4), got = new_bytes(1000);
    capability_t capability = put(data.data, data.length);
    mt_object_t *object = NULL;
    size_t length = 77;
    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    must(mt_client_read(shared_client(), got.data, got.length, &length, capability.text, 99900), "reading past the end");
    EXPECT(length == 100 && same(got.data, data.data + 99900, 100), "%zu bytes came back of 100", length);
    must(mt_object_read(object, got.data, got.length, &length, 99900), "reading past the end");
    EXPECT(length == 100 && same(got.data, data.data + 99900, 100), "%zu bytes of the object came back of 100", length);
    must(mt_client_read(shared_client(), got.data, got.length, &length, capability.text, 100000), "reading at the end");
    EXPECT(length == 0, "%zu bytes came back at the end", length);
    must(mt_object_read(object, got.data, got.length, &length, 100000), "reading at the end");
    EXPECT(length == 0, "%zu bytes of the object came back at the end", length);
    expect_status(
        mt_client_read(shared_client(), got.data, got.length, &length, capability.text, 100001), MT_ERROR_INVALID_ARGUMENT,
        "reading beyond the end");
    expect_status(mt_object_read(object, got.data, got.length, &length, UINT64_MAX), MT_ERROR_INVALID_ARGUMENT, "reading at 2^64-1");
    mt_object_destroy(object);

    capability = put_folder();
    expect_status(
        mt_client_read(shared_client(), got.data, got.length, &length, capability.text, 0), MT_ERROR_INVALID_ARGUMENT,
        "reading a directory");
}

static void show_deduplicate(void)
{
    bytes_t data = pattern(3000000, 6);
    mt_put_options_t options = put_options();
    mt_put_result_t result = { sizeof result, 77, 77, 77, 77, 77, 77, 77 };
    capability_t first, second;
    options.deduplicate = 1;
    options.result = &result;
    first = put_with(data, &options);
    second = put_with(data, &options);
    expect_content(first.text, data.data, data.length);
    expect_content(second.text, data.data, data.length);
    EXPECT(result.blobs_reused > result.blobs_stored, "%u blobs stored, %u reused", result.blobs_stored, result.blobs_reused);
    first = put(data.data, data.length);
    second = put(data.data, data.length);
    EXPECT(strcmp(first.text, second.text) != 0, "one capability without deduplication");
}

static void show_schemes(void)
{
    static const uint32_t schemes[][2] = { { 2, 1 }, { 4, 2 }, { 1, 2 } };
    static const uint32_t refused[][2] = { { 0, 2 }, { 200, 100 } };
    bytes_t data = pattern(300000, 7);
    mt_put_options_t options = put_options();
    capability_t capability;
    size_t i, length;
    for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
    {
        mt_verify_report_t report = { sizeof report, 77, 77, 77, 77, 77, 77, 77, 77, 77 };
        options.data_shards = schemes[i][0];
        options.parity_shards = schemes[i][1];
        capability = put_with(data, &options);
        expect_content(capability.text, data.data, data.length);
        must(mt_client_verify(shared_client(), &report, capability.text, NULL), "verifying");
        EXPECT(
            report.healthy == 1 && report.lowest_margin == (int32_t)schemes[i][1], "%u+%u: healthy %u, margin %d", schemes[i][0],
            schemes[i][1], report.healthy, report.lowest_margin);
    }

    for (i = 0; i < sizeof refused / sizeof refused[0]; i++)
    {
        options.data_shards = refused[i][0];
        options.parity_shards = refused[i][1];
        expect_status(
            mt_client_put(shared_client(), capability.text, sizeof capability.text, &length, data.data, data.length, &options),
            MT_ERROR_INVALID_ARGUMENT, "%u+%u", refused[i][0], refused[i][1]);
    }
}

static void show_suites(void)
{
    bytes_t data = new_bytes(300000);
    mt_put_options_t options = put_options();
    size_t i;
    for (i = 0; i < data.length; i++)
        data.data[i] = (uint8_t)(i % 251);
    for (options.suite = 1; options.suite <= 2; options.suite++)
        for (options.compression = 1; options.compression <= 5; options.compression++)
        {
            capability_t capability = put_with(data, &options);
            expect_content(capability.text, data.data, data.length);
        }
}

/* ----------------------------------------------------------------------------------------------------------------- progress -- */

typedef struct
{
    uint64_t most, total;
    unsigned calls, late;
    int over, cancel;
} watcher_t;

static int32_t watch(void *context, uint64_t bytes_done, uint64_t bytes_total)
{
    watcher_t *watcher = context;
    watcher->late += (unsigned)watcher->over;
    watcher->most = bytes_done > watcher->most ? bytes_done : watcher->most;
    watcher->total = bytes_total;
    watcher->calls++;
    return watcher->cancel;
}

/* Of a verify neither the total nor the most that was done is known exactly: it reads parity and manifests too. */
static void expect_watched(watcher_t *watcher, uint64_t length, int exact, const char *what)
{
    watcher->over = 1;
    EXPECT(watcher->calls >= 1, "%s: no call", what);
    EXPECT(
        exact ? watcher->most == length && watcher->total == length : watcher->most >= length, "%s: at most %llu of %llu", what,
        (unsigned long long)watcher->most, (unsigned long long)watcher->total);
}

static void show_progress(void)
{
    bytes_t data = pattern(8 * MIB, 1);
    mt_put_options_t putting = put_options();
    mt_get_options_t getting = get_options();
    mt_check_options_t checking = { sizeof checking, 0, watch, NULL };
    mt_verify_report_t report = { sizeof report, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    char *path = temp_path("progress");
    watcher_t watchers[3]; /* they stay to the end, so that a late call is seen */
    capability_t capability;
    int i;
    memset(watchers, 0, sizeof watchers);
    putting.progress = getting.progress = watch;
    putting.progress_context = &watchers[0];
    getting.progress_context = &watchers[1];
    checking.progress_context = &watchers[2];
    capability = put_with(data, &putting);
    expect_watched(&watchers[0], data.length, 1, "put");
    must(mt_client_get_file(shared_client(), path, capability.text, &getting), "getting");
    expect_watched(&watchers[1], data.length, 1, "get");
    must(mt_client_verify(shared_client(), &report, capability.text, &checking), "verifying");
    expect_watched(&watchers[2], data.length, 0, "verify");
    expect_content(capability.text, data.data, data.length); /* something else, while which a late call would come */
    for (i = 0; i < 3; i++)
        EXPECT(watchers[i].late == 0, "%u calls after the end", watchers[i].late);
    unlink(path);
}

static void show_cancel_by_progress(void)
{
    bytes_t data = pattern(32 * MIB, 1);
    capability_t capability = put(data.data, data.length), unused;
    mt_put_options_t putting = put_options();
    mt_get_options_t getting = get_options();
    char *path = temp_path("canceled");
    watcher_t watcher;
    size_t length = 77;
    memset(&watcher, 0, sizeof watcher);
    watcher.cancel = 1;
    putting.progress = getting.progress = watch;
    putting.progress_context = getting.progress_context = &watcher;
    expect_status(
        mt_client_put(shared_client(), unused.text, sizeof unused.text, &length, data.data, data.length, &putting), MT_ERROR_CANCELED,
        "a put whose callback asks for it");
    EXPECT(length == 77, "a put that was cancelled gave a capability");
    expect_status(
        mt_client_get_file(shared_client(), path, capability.text, &getting), MT_ERROR_CANCELED, "a get whose callback asks for it");
    EXPECT(!exists(path), "a get that was cancelled left a file");
    expect_content(put(data.data, 1000).text, data.data, 1000);
}

static int32_t call_back(void *context, uint64_t bytes_done, uint64_t bytes_total)
{
    uint8_t hash[MT_SHA256_LENGTH];
    mt_client_status_t status = { sizeof status, 0, 0, 0 };
    int *right = context;
    (void)bytes_done;
    (void)bytes_total;
    *right = mt_sha256(hash, hash + 32, 0) == MT_OK && mt_client_status(shared_client(), &status) == MT_OK && status.members >= 6;
    return 0;
}

static void show_calls_inside(void)
{
    bytes_t data = pattern(MIB, 1);
    mt_put_options_t options = put_options();
    int right = 0;
    options.progress = call_back;
    options.progress_context = &right;
    put_with(data, &options);
    EXPECT(right, "a call inside a callback failed");
}

/* ------------------------------------------------------------------------------------------------------------------ threads -- */

typedef struct
{
    mt_client_t *client;
    bytes_t data, got;
    capability_t capability;
    mt_status_t status;
    size_t length;
    sem_t begun;
} worker_t;

static void *put_in_thread(void *context)
{
    worker_t *worker = context;
    worker->status = mt_client_put(
        worker->client, worker->capability.text, sizeof worker->capability.text, &worker->length, worker->data.data, worker->data.length,
        NULL);
    return NULL;
}

static void *get_in_thread(void *context)
{
    worker_t *worker = context;
    worker->status = mt_client_read(worker->client, worker->got.data, worker->got.length, &worker->length, worker->capability.text, 0);
    return NULL;
}

static void show_many_at_once(void)
{
    enum { COUNT = 8 };
    worker_t workers[COUNT];
    pthread_t threads[COUNT];
    int i, round;
    for (i = 0; i < COUNT; i++)
    {
        workers[i].client = shared_client();
        workers[i].data = pattern(MIB, (uint32_t)i + 1);
        workers[i].got = new_bytes(MIB);
    }

    for (round = 0; round < 2; round++)
    {
        for (i = 0; i < COUNT; i++)
            EXPECT(pthread_create(&threads[i], NULL, round == 0 ? put_in_thread : get_in_thread, &workers[i]) == 0, "no thread");
        for (i = 0; i < COUNT; i++)
            pthread_join(threads[i], NULL);
        for (i = 0; i < COUNT; i++)
            EXPECT(workers[i].status == MT_OK, "%s %d: %s", round == 0 ? "put" : "get", i, mt_status_name(workers[i].status));
    }

    for (i = 0; i < COUNT; i++)
        EXPECT(workers[i].length == MIB && same(workers[i].data.data, workers[i].got.data, MIB), "object %d is another", i);
}

static int32_t tell_begun(void *context, uint64_t bytes_done, uint64_t bytes_total)
{
    (void)bytes_done;
    (void)bytes_total;
    sem_post(context);
    return 0;
}

static void *put_until_closed(void *context)
{
    worker_t *worker = context;
    mt_put_options_t options = put_options();
    options.progress = tell_begun;
    options.progress_context = &worker->begun;
    worker->status = mt_client_put(
        worker->client, worker->capability.text, sizeof worker->capability.text, &worker->length, worker->data.data, worker->data.length,
        &options);
    sem_post(&worker->begun);
    return NULL;
}

static void show_close_while_busy(void)
{
    worker_t worker;
    pthread_t thread;
    mt_client_status_t status = { sizeof status, 0, 0, 0 };
    worker.client = NULL;
    worker.data = pattern(64 * MIB, 1);
    sem_init(&worker.begun, 0, 0);
    must(mt_client_open(&worker.client, NULL, NULL), "opening a client");
    EXPECT(pthread_create(&thread, NULL, put_until_closed, &worker) == 0, "no thread");
    sem_wait(&worker.begun);
    mt_client_close(worker.client);
    pthread_join(thread, NULL);
    sem_destroy(&worker.begun);
    EXPECT(worker.status == MT_ERROR_CANCELED || worker.status == MT_OK, "the put ended with %s", mt_status_name(worker.status));
    expect_status(mt_client_status(worker.client, &status), MT_ERROR_INVALID_HANDLE, "the status of a closed client");
}

const behaviour_t client_behaviours[] = {
    { "client.open", show_open, 1 },
    { "client.put-get", show_put_get, 1 },
    { "client.put-file-get-file", show_files, 1 },
    { "client.empty", show_empty, 1 },
    { "client.directory", show_directory, 1 },
    { "client.object", show_object, 1 },
    { "client.range-read", show_ranges, 1 },
    { "client.read-past-end", show_past_end, 1 },
    { "client.deduplicate", show_deduplicate, 1 },
    { "client.schemes", show_schemes, 1 },
    { "client.suites", show_suites, 1 },
    { "client.progress", show_progress, 1 },
    { "client.progress-cancels", show_cancel_by_progress, 1 },
    { "client.callback-calls-back", show_calls_inside, 1 },
    { NULL, NULL, 0 },
};

const behaviour_t busy_behaviours[] = {
    { "client.many-at-once", show_many_at_once, 1 },
    { "client.close-while-busy", show_close_while_busy, 1 },
    { NULL, NULL, 0 },
};
