// The published library's erasure code beside ISA-L's, in turn, in one process that holds no other .NET.
//
//   published_erasure ROUNDS BATCH_MS STRIPE_MIB_MAX SHARD_BYTES...
//
// prints a line of JSON for each scheme and shard length: the median gigabytes of data a second of both. Shards of a scheme are
// left out where all shards together would take more than STRIPE_MIB_MAX.

#include <isa-l.h>
#include <megatorrent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHARDS_MAX = 80, ROUNDS_MAX = 1000, ALIGNMENT = 4096 };

struct stripe {
    int k, m;
    size_t length;
    mt_rs_t *ours;
    uint8_t *tables;
    uint8_t *data[SHARDS_MAX], *our_parity[SHARDS_MAX], *their_parity[SHARDS_MAX];
};

static void fail(const char *what)
{
    fprintf(stderr, "published_erasure: %s\n", what);
    exit(1);
}

static void fail_with_last_error(void)
{
    char text[1024];
    mt_last_error(text, sizeof text);
    fail(text);
}

static double thread_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time); // of this thread: what else the machine does does not count
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static uint8_t *allocate(size_t length)
{
    uint8_t *memory = aligned_alloc(ALIGNMENT, (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (memory == NULL)
        fail("no memory");
    return memory;
}

static void encode(struct stripe *stripe, int ours)
{
    if (!ours)
        ec_encode_data((int)stripe->length, stripe->k, stripe->m, stripe->tables, stripe->data, stripe->their_parity);
    else if (mt_rs_encode(stripe->ours, stripe->our_parity, (const uint8_t *const *)stripe->data, stripe->length) != MT_OK)
        fail_with_last_error();
}

static double seconds(struct stripe *stripe, int ours, long repetitions)
{
    double start = thread_seconds();
    for (long i = 0; i < repetitions; i++)
        encode(stripe, ours);
    return (thread_seconds() - start) / (double)repetitions;
}

static int ascending(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double median(double *figures, int count)
{
    qsort(figures, (size_t)count, sizeof *figures, ascending);
    return (figures[(count - 1) / 2] + figures[count / 2]) / 2;
}

static void measure(struct stripe *stripe, int rounds, double batch_seconds)
{
    encode(stripe, 0);
    encode(stripe, 1);
    for (int i = 0; i < stripe->m; i++) {
        if (memcmp(stripe->our_parity[i], stripe->their_parity[i], stripe->length) != 0)
            fail("the library's parity is not that of ISA-L");
    }
    long repetitions = 1;
    while (seconds(stripe, 0, repetitions) * (double)repetitions < batch_seconds)
        repetitions *= 2;
    static double figures[2][ROUNDS_MAX];
    for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < 2; turn++) {
            int ours = (round + turn) & 1;
            figures[ours][round] = seconds(stripe, ours, repetitions);
        }
    }
    double gigabytes = 1e-9 * (double)stripe->k * (double)stripe->length;
    printf("{\"scheme\":\"%d+%d\",\"length\":%zu,\"ours\":%.4f,\"theirs\":%.4f,\"level\":\"%s\"}\n", stripe->k, stripe->m, stripe->length,
           gigabytes / median(figures[1], rounds), gigabytes / median(figures[0], rounds), mt_processor_level());
}

int main(int argc, char **argv)
{
    static const int schemes[][2] = { { 4, 2 }, { 6, 2 }, { 10, 4 }, { 29, 51 } };
    int rounds = argc > 4 ? atoi(argv[1]) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        fail("takes ROUNDS (1 to 1000), BATCH_MS, STRIPE_MIB_MAX and lengths of shards in bytes");
    for (size_t s = 0; s < sizeof schemes / sizeof *schemes; s++) {
        for (int argument = 4; argument < argc; argument++) {
            struct stripe stripe = { .k = schemes[s][0], .m = schemes[s][1], .length = strtoul(argv[argument], NULL, 10) };
            if ((stripe.length * (size_t)(stripe.k + stripe.m)) >> 20 > strtoul(argv[3], NULL, 10))
                continue;
            uint8_t matrix[SHARDS_MAX * SHARDS_MAX];
            gf_gen_cauchy1_matrix(matrix, stripe.k + stripe.m, stripe.k);
            stripe.tables = allocate((size_t)32 * stripe.k * stripe.m);
            ec_init_tables(stripe.k, stripe.m, matrix + stripe.k * stripe.k, stripe.tables);
            if (mt_rs_create(&stripe.ours, (uint32_t)stripe.k, (uint32_t)stripe.m, NULL) != MT_OK)
                fail_with_last_error();
            uint64_t state = 1;
            for (int i = 0; i < stripe.k; i++) {
                stripe.data[i] = allocate(stripe.length);
                for (size_t at = 0; at + 8 <= stripe.length; at += 8) {
                    state = state * 6364136223846793005u + 1442695040888963407u;
                    memcpy(stripe.data[i] + at, &state, sizeof state);
                }
            }
            for (int i = 0; i < stripe.m; i++) {
                stripe.our_parity[i] = allocate(stripe.length);
                stripe.their_parity[i] = allocate(stripe.length);
            }
            measure(&stripe, rounds, 1e-3 * strtod(argv[2], NULL));
            for (int i = 0; i < stripe.k; i++)
                free(stripe.data[i]);
            for (int i = 0; i < stripe.m; i++) {
                free(stripe.our_parity[i]);
                free(stripe.their_parity[i]);
            }
            free(stripe.tables);
            mt_rs_destroy(stripe.ours);
        }
    }
    return 0;
}
