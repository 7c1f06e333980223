/*
 * Two puts at once in an event loop, here of poll(2): no thread waits, progress is shown, and what takes too long is cancelled.
 *
 *      cc -std=c11 async_poll.c $(pkg-config --cflags --libs megatorrent) -o async_poll
 */
#define _POSIX_C_SOURCE 200809L

#include <megatorrent.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 2, LENGTH = 8 * 1024 * 1024, LIMIT_MS = 60000 };

static void must(mt_status_t status, const char *what)
{
    char detail[512];
    if (status == MT_OK)
        return;
    mt_last_error(detail, sizeof detail);
    printf("not ok %s: %s: %s\n", what, mt_status_name(status), detail);
    exit(1);
}

/* Called on a thread of the library, never twice at once for one operation. Another result than 0 would cancel it. */
static int32_t show(void *context, uint64_t bytes_done, uint64_t bytes_total)
{
    if (bytes_total != MT_LENGTH_UNKNOWN)
        printf("put %d: %llu of %llu bytes\n", *(const int *)context, (unsigned long long)bytes_done, (unsigned long long)bytes_total);
    return 0;
}

int main(void)
{
    static const int numbers[COUNT] = { 1, 2 };
    static uint8_t data[COUNT][LENGTH]; /* must stay until the operations are complete */
    mt_operation_t *operations[COUNT];
    struct pollfd waiting[COUNT];
    mt_client_t *client;
    int i, left = COUNT, right = 1;
    mt_status_t status = mt_client_open(&client, NULL, NULL);
    if (status == MT_ERROR_UNREACHABLE && getenv("MEGATORRENT_CLUSTER") == NULL)
    {
        printf("skip two puts at once: no cluster runs here; start one with `megatorrent cluster up`\n");
        return 0;
    }

    must(status, "open");
    for (i = 0; i < COUNT; i++)
    {
        mt_put_options_t options;
        memset(&options, 0, sizeof options);
        options.struct_size = sizeof options;
        options.progress = show;
        options.progress_context = (void *)&numbers[i];
        memset(data[i], numbers[i], LENGTH);
        must(mt_client_put_start(client, &operations[i], data[i], LENGTH, &options, NULL, NULL), "start");
        must(mt_operation_get_descriptor(operations[i], &waiting[i].fd), "descriptor");
        waiting[i].events = POLLIN;
    }

    /* The loop of a program that has sockets and timers too. */
    while (left > 0)
    {
        if (poll(waiting, COUNT, LIMIT_MS) == 0)
            for (i = 0; i < COUNT; i++)
                if (waiting[i].fd >= 0)
                    must(mt_operation_cancel(operations[i]), "cancel"); /* it completes soon, and the loop goes on */
        for (i = 0; i < COUNT; i++)
        {
            char capability[MT_CAPABILITY_CAPACITY];
            size_t length;
            if (waiting[i].fd < 0 || waiting[i].revents == 0)
                continue;
            status = mt_operation_status(operations[i]);
            if (status == MT_OK)
                must(mt_operation_get_capability(operations[i], capability, sizeof capability, &length), "capability");
            printf("%s put %d in an event loop: %s\n", status == MT_OK ? "ok" : "not ok", numbers[i], mt_status_name(status));
            right &= status == MT_OK;
            mt_operation_destroy(operations[i]); /* closes the descriptor */
            waiting[i].fd = -1;
            left--;
        }
    }

    mt_client_close(client);
    return right ? 0 : 1;
}
