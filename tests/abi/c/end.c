/* The end of the process while something is under way, and at last the end of the cluster. */
#include "suite.h"

#include <pthread.h>

#define MIB 1048576u

/* It stays reachable to the end: what is under way reads it. */
static uint8_t *exit_data;
static mt_operation_t *exit_operation;

static void *leave(void *context)
{
    (void)context;
    exit(0);
}

int exit_under_way(int from_thread)
{
    mt_client_t *client = NULL;
    pthread_t thread;
    int32_t done;
    exit_data = malloc(64 * MIB);
    if (exit_data == NULL || mt_client_open(&client, NULL, NULL) != MT_OK)
        return 3;
    fill_pattern(exit_data, 64 * MIB, 1);
    if (mt_client_put_start(client, &exit_operation, exit_data, 64 * MIB, NULL, NULL, NULL) != MT_OK)
        return 4;
    if (!from_thread)
        return 0;
    if (pthread_create(&thread, NULL, leave, NULL) != 0)
        return 5;
    mt_operation_wait(exit_operation, &done, UINT32_MAX);
    pthread_join(thread, NULL); /* never returns: the process ends in it */
    return 6;
}

static void show_exit(void)
{
    static const char *const ways[][3] = { { "exit-under-way", "main", NULL }, { "exit-under-way", "thread", NULL } };
    size_t i;
    for (i = 0; i < 2; i++)
    {
        int code = run_program("/proc/self/exe", ways[i], 60);
        EXPECT(code == 0, "the end in %s gives %d", ways[i][1], code);
    }
}

/* What is said when nobody answers any more. */
static void expect_gone(mt_operation_t *operation, const char *what)
{
    int32_t done = 0;
    mt_status_t status;
    must(mt_operation_wait(operation, &done, 120000), "waiting for %s", what);
    EXPECT(done == 1, "%s takes longer than 120 s", what);
    status = mt_operation_status(operation);
    EXPECT(
        status == MT_ERROR_UNREACHABLE || status == MT_ERROR_NOT_ENOUGH_SHARDS || status == MT_ERROR_TIMEOUT, "%s gives %s", what,
        mt_status_name(status));
    EXPECT(mt_last_error(NULL, 0) > 0, "%s does not say why", what);
    mt_operation_destroy(operation);
}

static void show_cluster_gone(void)
{
    const char *program = getenv("MEGATORRENT_BIN"), *folder = getenv("MT_CLUSTER_DATA");
    const char *down[5] = { "cluster", "down", "--data", NULL, NULL };
    bytes_t data = pattern(5000000, 1), got = new_bytes(1000000);
    mt_client_t *client = NULL, *other = NULL;
    mt_object_t *object = NULL;
    mt_operation_t *operation = NULL;
    capability_t capability;
    if (program == NULL || *program == 0 || folder == NULL || *folder == 0)
        skip("no cluster of its own");

    must(mt_client_open(&client, NULL, NULL), "a client");
    capability = put(data.data, data.length);
    must(mt_object_open(client, &object, capability.text), "an object");
    down[3] = folder;
    EXPECT(run_program(program, down, 120) == 0, "the cluster cannot be taken down");

    must(mt_client_put_start(client, &operation, data.data, data.length, NULL, NULL, NULL), "starting a put");
    expect_gone(operation, "a put");
    must(mt_object_read_start(object, &operation, got.data, got.length, 2000000, NULL, NULL), "starting a read");
    expect_gone(operation, "a read of an object");
    must(mt_client_read_start(client, &operation, got.data, got.length, capability.text, 0, NULL, NULL), "starting a read");
    expect_gone(operation, "a read");
    expect_status(mt_client_open(&other, NULL, NULL), MT_ERROR_UNREACHABLE, "opening another client");
    mt_object_destroy(object);
    mt_client_close(client);
}

const behaviour_t end_behaviours[] = {
    { "misuse.exit-under-way", show_exit, 1 },
    { "client.cluster-gone", show_cluster_gone, 1 },
    { NULL, NULL, 0 },
};
