/*
 * The shortest useful program: puts a file into a cluster and gets it back.
 *
 *      megatorrent cluster up
 *      cc -std=c11 put_get.c $(pkg-config --cflags --libs megatorrent) -o put_get
 *      ./put_get [FILE]
 */
#include <megatorrent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every call that can fail returns a status; its name is for programs, the last error's text for people. */
static int fails(mt_status_t status, const char *what)
{
    char detail[512];
    if (status == MT_OK)
        return 0;
    mt_last_error(detail, sizeof detail);
    printf("not ok %s: %s: %s\n", what, mt_status_name(status), detail);
    return 1;
}

/* Without an argument: a file of a few bytes. */
static const char *make_file(void)
{
    FILE *file = fopen("put_get.txt", "w");
    if (file == NULL || fputs("any bytes\n", file) == EOF || fclose(file) == EOF)
        exit(1);
    return "put_get.txt";
}

int main(int argc, char **argv)
{
    char capability[MT_CAPABILITY_CAPACITY], copy[4096];
    const char *path = argc > 1 ? argv[1] : make_file();
    mt_get_options_t replace = { sizeof replace, 1, NULL, NULL, NULL };
    mt_client_t *client;
    size_t length;
    mt_status_t status = mt_client_open(&client, NULL, NULL); /* the cluster of `megatorrent cluster up` or MEGATORRENT_CLUSTER */
    if (status == MT_ERROR_UNREACHABLE && getenv("MEGATORRENT_CLUSTER") == NULL)
    {
        printf("skip put and get: no cluster runs here; start one with `megatorrent cluster up`\n");
        return 0;
    }

    snprintf(copy, sizeof copy, "%s.copy", path);
    if (fails(status, "open") ||
        fails(mt_client_put_file(client, capability, sizeof capability, &length, path, NULL), "put") ||
        fails(mt_client_get_file(client, copy, capability, &replace), "get"))
        return 1;
    printf("ok %s is stored, and came back as %s\n", path, copy);
    printf("who has this can read it: %.12s... (%zu characters)\n", capability, length);
    mt_client_close(client);
    return 0;
}
