/* Many threads at once, and a handle that is destroyed while they use it. */
#include "suite.h"

#include <pthread.h>
#include <semaphore.h>

enum { THREADS = 8, SHARD_LENGTH = 4099, WORK_MS = 2000 };

typedef struct
{
    mt_rs_t *rs;
    uint8_t shards[6][SHARD_LENGTH], hash[MT_SHA256_LENGTH], blob[SHARD_LENGTH + MT_BLOB_OVERHEAD], chunk[SHARD_LENGTH];
    uint64_t until;
    unsigned rounds;
    const char *wrong;
    sem_t *begun;
    mt_status_t last;
} worker_t;

static void *work(void *context)
{
    worker_t *worker = context;
    uint8_t *shards[6], hash[MT_SHA256_LENGTH], id[32], key[32];
    const uint8_t present[6] = { 1, 0, 1, 1, 0, 1 };
    const uint8_t *const *inputs = (const uint8_t *const *)shards;
    size_t length;
    int32_t ok;
    int i;
    for (i = 0; i < 6; i++)
        shards[i] = worker->shards[i];
    if (mt_last_error(NULL, 0) != 0)
        worker->wrong = "a new thread has an error already";
    while (worker->wrong == NULL && now_ms() < worker->until)
    {
        mt_rs_t *own = NULL;
        const char *call = "mt_rs_create";
        mt_status_t status = mt_rs_create(&own, 4, 2, NULL);
        ok = 0;
        if (status == MT_OK && (call = "mt_rs_encode", status = mt_rs_encode(worker->rs, shards + 4, inputs, SHARD_LENGTH)) == MT_OK &&
            (call = "mt_rs_verify", status = mt_rs_verify(own, &ok, inputs, SHARD_LENGTH)) == MT_OK &&
            (call = "mt_rs_reconstruct", memset(shards[1], 0, SHARD_LENGTH), memset(shards[4], 0, SHARD_LENGTH),
             status = mt_rs_reconstruct(worker->rs, shards, present, SHARD_LENGTH)) == MT_OK &&
            (call = "mt_sha256", status = mt_sha256(hash, worker->shards[0], sizeof worker->shards)) == MT_OK &&
            (call = "mt_blob_seal",
             status = mt_blob_seal(worker->blob, sizeof worker->blob, &length, id, key, shards[0], SHARD_LENGTH, NULL)) == MT_OK &&
            (call = "mt_blob_open", status = mt_blob_open(worker->chunk, SHARD_LENGTH, &length, key, worker->blob, length)) == MT_OK)
            call = NULL;
        if (call != NULL)
            worker->wrong = call;
        else if (ok != 1 || length != SHARD_LENGTH || memcmp(worker->chunk, shards[0], SHARD_LENGTH) != 0)
            worker->wrong = "another result";
        else if (worker->rounds > 0 && memcmp(hash, worker->hash, sizeof hash) != 0)
            worker->wrong = "another hash";
        memcpy(worker->hash, hash, sizeof hash);
        mt_rs_destroy(own);
        if (mt_rs_verify(own, &ok, inputs, 1) != MT_ERROR_INVALID_HANDLE)
            worker->wrong = "a handle that was destroyed";
        worker->rounds++;
    }

    return NULL;
}

static void show_many_threads(void)
{
    worker_t *workers = (worker_t *)(void *)allocate(THREADS * sizeof *workers);
    pthread_t threads[THREADS];
    mt_rs_t *rs = NULL;
    uint64_t until;
    size_t before;
    int i;
    must(mt_rs_create(&rs, 4, 2, NULL), "a code");
    expect_status(mt_sha256(NULL, NULL, 0), MT_ERROR_NULL_POINTER, "hashing into NULL");
    before = mt_last_error(NULL, 0);
    memset(workers, 0, THREADS * sizeof *workers);
    until = now_ms() + WORK_MS;
    for (i = 0; i < THREADS; i++)
    {
        workers[i].rs = rs;
        workers[i].until = until;
        fill_pattern(workers[i].shards[0], 4 * SHARD_LENGTH, (uint32_t)i);
        EXPECT(pthread_create(&threads[i], NULL, work, &workers[i]) == 0, "no thread");
    }

    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (i = 0; i < THREADS; i++)
        EXPECT(workers[i].wrong == NULL && workers[i].rounds > 0, "thread %d: %s in round %u", i, workers[i].wrong, workers[i].rounds);
    EXPECT(mt_last_error(NULL, 0) == before, "an error of another thread became ours");
    mt_rs_destroy(rs);
}

/* Encodes until the handle is refused. */
static void *encode_until_refused(void *context)
{
    worker_t *worker = context;
    uint8_t *shards[6];
    int i;
    for (i = 0; i < 6; i++)
        shards[i] = worker->shards[i];
    do
    {
        worker->last = mt_rs_encode(worker->rs, shards + 4, (const uint8_t *const *)shards, SHARD_LENGTH);
        if (worker->rounds++ == 0)
            sem_post(worker->begun);
    } while (worker->last == MT_OK && now_ms() < worker->until);
    return NULL;
}

static void show_destroy_while_used(void)
{
    enum { COUNT = 4, ROUNDS = 50 };
    worker_t *workers = (worker_t *)(void *)allocate(COUNT * sizeof *workers);
    pthread_t threads[COUNT];
    sem_t begun;
    int round, i;
    sem_init(&begun, 0, 0);
    for (round = 0; round < ROUNDS; round++)
    {
        mt_rs_t *rs = NULL;
        must(mt_rs_create(&rs, 4, 2, NULL), "a code");
        memset(workers, 0, COUNT * sizeof *workers);
        for (i = 0; i < COUNT; i++)
        {
            workers[i].rs = rs;
            workers[i].begun = &begun;
            workers[i].until = now_ms() + 30000;
            EXPECT(pthread_create(&threads[i], NULL, encode_until_refused, &workers[i]) == 0, "no thread");
        }

        for (i = 0; i < COUNT; i++)
            sem_wait(&begun);
        mt_rs_destroy(rs);
        for (i = 0; i < COUNT; i++)
            pthread_join(threads[i], NULL);
        for (i = 0; i < COUNT; i++)
            EXPECT(
                workers[i].last == MT_ERROR_INVALID_HANDLE, "round %d, thread %d ends with %s after %u calls", round, i,
                mt_status_name(workers[i].last), workers[i].rounds);
    }

    sem_destroy(&begun);
}

const behaviour_t thread_behaviours[] = {
    { "misuse.many-threads", show_many_threads, 0 },
    { "misuse.destroy-while-used", show_destroy_while_used, 0 },
    { NULL, NULL, 0 },
};
