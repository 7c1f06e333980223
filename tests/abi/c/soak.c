/*
 * Works under load for a while, and sees that memory stays flat. Threads put, get and compare, open and close clients, cancel, give up
 * halfway, and call with everything that is wrong.
 */
#include "suite.h"

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

enum { WORKERS = 3, OBJECT_LENGTH_MAX = 3000000, REPORT_MS = 10000 };

typedef struct
{
    uint32_t state;
    uint64_t until, operations;
    uint8_t *data, *got;
    sem_t *over;
    char wrong[256];
} worker_t;

static uint64_t resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Keeps the first thing that went wrong. Returns whether the call went right. */
static int right(worker_t *worker, mt_status_t status, const char *what)
{
    char detail[160] = "";
    if (status == MT_OK)
        return 1;
    mt_last_error(detail, sizeof detail);
    if (worker->wrong[0] == 0)
        snprintf(worker->wrong, sizeof worker->wrong, "%s: %s, %s", what, mt_status_name(status), detail);
    return 0;
}

static void expect(worker_t *worker, int holds, const char *what)
{
    if (!holds && worker->wrong[0] == 0)
        snprintf(worker->wrong, sizeof worker->wrong, "%s", what);
}

static void put_get(worker_t *worker, mt_client_t *client)
{
    size_t length = next_number(&worker->state) % OBJECT_LENGTH_MAX, done = 0, text_length;
    char capability[MT_CAPABILITY_CAPACITY];
    mt_verify_report_t report = { sizeof report, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    mt_operation_t *operation = NULL;
    mt_download_t *download = NULL;
    mt_object_t *object = NULL;
    int32_t over;
    fill_pattern(worker->data, length, next_number(&worker->state));
    if (!right(worker, mt_client_put(client, capability, sizeof capability, &text_length, worker->data, length, NULL), "put"))
        return;
    if (right(worker, mt_client_read(client, worker->got, OBJECT_LENGTH_MAX, &done, capability, 0), "read"))
        expect(worker, done == length && same(worker->got, worker->data, length), "a read gives other bytes");
    if (right(worker, mt_client_verify(client, &report, capability, NULL), "verify"))
        expect(worker, report.recoverable == 1, "an object cannot be recovered");

    /* The same piece by piece, given up halfway. */
    if (right(worker, mt_object_open(client, &object, capability), "open") &&
        right(worker, mt_download_create(object, &download, 0, MT_LENGTH_UNKNOWN), "download") &&
        right(worker, mt_download_read(download, worker->got, 1000, &done), "download"))
        expect(worker, same(worker->got, worker->data, done), "a download gives other bytes");
    mt_download_destroy(download);
    mt_object_destroy(object);

    /* Cancelled, and given up. */
    if (right(worker, mt_client_read_start(client, &operation, worker->got, length, capability, 0, NULL, NULL), "start"))
    {
        right(worker, mt_operation_cancel(operation), "cancel");
        right(worker, mt_operation_wait(operation, &over, UINT32_MAX), "wait");
    }

    mt_operation_destroy(operation);
    operation = NULL;
    right(worker, mt_client_put_start(client, &operation, worker->data, length, NULL, NULL, NULL), "start");
    mt_operation_destroy(operation);
    worker->operations += 7;
}

/* What does not need a cluster, and what must be refused. */
static void work_alone(worker_t *worker)
{
    uint8_t id[32], key[32], *shards[6];
    const uint8_t present[6] = { 0, 1, 1, 1, 0, 1 };
    size_t length = next_number(&worker->state) % 500000, blob_length = 0, done = 0, i;
    mt_bencode_reader_t *reader = NULL;
    mt_rs_t *rs = NULL;
    fill_pattern(worker->data, length, next_number(&worker->state));
    if (right(worker, mt_blob_seal(worker->got, 600000, &blob_length, id, key, worker->data, length, NULL), "seal") &&
        right(worker, mt_blob_open(worker->got + 1000000, 600000, &done, key, worker->got, blob_length), "open"))
        expect(worker, done == length && same(worker->got + 1000000, worker->data, length), "a blob gives other bytes");
    for (i = 0; i < 6; i++)
        shards[i] = worker->got + i * 100000;
    right(worker, mt_rs_create(&rs, 4, 2, NULL), "create");
    right(worker, mt_rs_encode(rs, shards + 4, (const uint8_t *const *)shards, 100000), "encode");
    right(worker, mt_rs_reconstruct(rs, shards, present, 100000), "reconstruct");
    mt_rs_destroy(rs);
    expect(worker, mt_rs_encode(rs, shards, NULL, 1) == MT_ERROR_INVALID_HANDLE, "a destroyed handle is taken");
    expect(worker, mt_sha256(NULL, worker->data, 1) == MT_ERROR_NULL_POINTER, "NULL is taken");
    expect(worker, mt_bencode_reader_create(&reader, worker->data, length) != MT_OK || length == 2, "anything is bencode");
    mt_bencode_reader_destroy(reader);
    worker->operations += 8;
}

static void *work(void *context)
{
    worker_t *worker = context;
    mt_client_t *client = NULL;
    unsigned round = 0;
    while (now_ms() < worker->until && worker->wrong[0] == 0)
    {
        if (client == NULL && have_cluster())
            right(worker, mt_client_open(&client, NULL, NULL), "open");
        if (client != NULL)
            put_get(worker, client);
        work_alone(worker);
        if (++round % 20 == 0)
        {
            mt_client_close(client);
            client = NULL;
        }
    }

    mt_client_close(client);
    sem_post(worker->over);
    return NULL;
}

static unsigned soak_seconds;

static void soak_all(void)
{
    worker_t *workers = (worker_t *)(void *)allocate(WORKERS * sizeof *workers);
    pthread_t threads[WORKERS];
    uint64_t start = now_ms(), until = start + 1000u * (uint64_t)soak_seconds, next = start + REPORT_MS, early = 0, resident, operations;
    sem_t over;
    int running = WORKERS, i;
    memset(workers, 0, WORKERS * sizeof *workers);
    sem_init(&over, 0, 0);
    for (i = 0; i < WORKERS; i++)
    {
        workers[i].state = (uint32_t)i + 1;
        workers[i].until = until;
        workers[i].over = &over;
        workers[i].data = allocate(OBJECT_LENGTH_MAX);
        workers[i].got = allocate(OBJECT_LENGTH_MAX);
        EXPECT(pthread_create(&threads[i], NULL, work, &workers[i]) == 0, "no thread");
    }

    while (running > 0)
    {
        struct timespec limit;
        uint64_t now = now_ms(), wait = next > now ? next - now : 0;
        clock_gettime(CLOCK_REALTIME, &limit);
        limit.tv_sec += (time_t)(wait / 1000);
        limit.tv_nsec += (long)(wait % 1000) * 1000000;
        if (limit.tv_nsec >= 1000000000)
        {
            limit.tv_sec++;
            limit.tv_nsec -= 1000000000;
        }

        if (sem_timedwait(&over, &limit) == 0)
            running--;
        if (now_ms() < next && running > 0)
            continue;
        resident = resident_bytes();
        for (i = 0, operations = 0; i < WORKERS; i++)
            operations += __atomic_load_n(&workers[i].operations, __ATOMIC_RELAXED);
        printf(
            "soak %llu %llu %llu\n", (unsigned long long)((now_ms() - start) / 1000), (unsigned long long)resident,
            (unsigned long long)operations);
        fflush(stdout);
        if (early == 0 && (now_ms() - start) * 5 >= 1000u * (uint64_t)soak_seconds)
            early = resident;
        next += REPORT_MS;
    }

    for (i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    sem_destroy(&over);
    for (i = 0; i < WORKERS; i++)
        EXPECT(workers[i].wrong[0] == 0, "worker %d: %s", i, workers[i].wrong);
    resident = resident_bytes();
    EXPECT(
        resident <= early + early * 15 / 100 + 33554432u, "%llu bytes are resident, %llu were after a fifth of the time",
        (unsigned long long)resident, (unsigned long long)early);
}

int soak(unsigned seconds)
{
    static const behaviour_t behaviour = { "soak", soak_all, 0 };
    soak_seconds = seconds;
    return run_behaviour(&behaviour) ? 0 : 1;
}
