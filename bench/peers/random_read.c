// Reads pieces of files at random with pread(2), as fast as the system gives them: what a store's random reads are measured beside.
//
//   random_read LIST sum               reads every piece once, and prints the sum of the 64-bit words in all of them
//   random_read LIST READS THREADS     reads READS pieces at random on each of THREADS threads, and prints the seconds that took
//
// LIST: a line "LENGTH FILES PIECES", then a line with the path of each file, then a line "FILE OFFSET" for each piece; LENGTH is the bytes
// of a piece, a multiple of 8.

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct piece {
    int file;
    off_t offset;
};

static size_t length;
static size_t piece_count;
static struct piece *pieces;
static long reads;
static pthread_barrier_t start;

static void fail(const char *what)
{
    fprintf(stderr, "random_read: %s\n", what);
    exit(1);
}

static void load(const char *path)
{
    FILE *list = fopen(path, "r");
    size_t file_count;
    if (list == NULL || fscanf(list, "%zu %zu %zu\n", &length, &file_count, &piece_count) != 3 || piece_count == 0 || length % 8 != 0)
        fail("the list cannot be read");
    int *files = calloc(file_count, sizeof *files);
    pieces = calloc(piece_count, sizeof *pieces);
    if (files == NULL || pieces == NULL)
        fail("out of memory");
    for (size_t i = 0; i < file_count; i++) {
        char name[4096];
        if (fgets(name, sizeof name, list) == NULL)
            fail("the list ends before its files");
        name[strcspn(name, "\n")] = 0;
        files[i] = open(name, O_RDONLY);
        if (files[i] < 0)
            fail("a file cannot be opened");
    }
    for (size_t i = 0; i < piece_count; i++) {
        size_t file;
        intmax_t offset;
        if (fscanf(list, "%zu %jd", &file, &offset) != 2 || file >= file_count)
            fail("the list ends before its pieces");
        pieces[i] = (struct piece){files[file], (off_t)offset};
    }
    fclose(list);
    free(files);
}

static void *new_buffer(void)
{
    void *buffer = NULL;
    if (posix_memalign(&buffer, 4096, length) != 0)
        fail("out of memory");
    return buffer;
}

static void read_piece(const struct piece *piece, void *buffer)
{
    if (pread(piece->file, buffer, length, piece->offset) != (ssize_t)length)
        fail("a piece cannot be read");
}

static uint64_t sum_all(void)
{
    uint64_t *buffer = new_buffer();
    uint64_t sum = 0;
    for (size_t i = 0; i < piece_count; i++) {
        read_piece(&pieces[i], buffer);
        for (size_t word = 0; word < length / 8; word++)
            sum += buffer[word];
    }
    free(buffer);
    return sum;
}

// What to read is chosen before: whoever asks a store for something knows what.
static void *read_at_random(void *seed)
{
    void *buffer = new_buffer();
    struct piece *chosen = calloc((size_t)reads, sizeof *chosen);
    if (chosen == NULL)
        fail("out of memory");
    uint64_t state = (uint64_t)(uintptr_t)seed * 0x9E3779B97F4A7C15u;
    for (long i = 0; i < reads; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chosen[i] = pieces[state % piece_count];
    }
    pthread_barrier_wait(&start);
    for (long i = 0; i < reads; i++)
        read_piece(&chosen[i], buffer);
    pthread_barrier_wait(&start);
    free(chosen);
    free(buffer);
    return NULL;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[2], "sum") == 0) {
        load(argv[1]);
        printf("%" PRIu64 "\n", sum_all());
        return 0;
    }
    int threads = argc == 4 ? atoi(argv[3]) : 0;
    if (threads < 1 || threads > 1024 || (reads = atol(argv[2])) < 1)
        fail("usage: random_read LIST sum, or random_read LIST READS THREADS");
    load(argv[1]);
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, read_at_random, (void *)(uintptr_t)(i + 1)) != 0)
            fail("a thread cannot be started");
    }
    pthread_barrier_wait(&start);
    double began = now();
    pthread_barrier_wait(&start);
    printf("%.9f\n", now() - began);
    return 0;
}
