/*
 * Four data shards, two parity shards, two shards lost and rebuilt.
 *
 *      cc -std=c11 erasure.c $(pkg-config --cflags --libs megatorrent) -o erasure
 */
#include <megatorrent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_COUNT = 4, PARITY_COUNT = 2, SHARD_LENGTH = 1000 };

/* Every call that can fail returns a status; its name is for programs, the last error's text for people. */
static void must(mt_status_t status, const char *what)
{
    char detail[256];
    if (status == MT_OK)
        return;
    mt_last_error(detail, sizeof detail);
    printf("not ok %s: %s: %s\n", what, mt_status_name(status), detail);
    exit(1);
}

int main(void)
{
    static uint8_t memory[DATA_COUNT + PARITY_COUNT][SHARD_LENGTH];
    static uint8_t lost[2][SHARD_LENGTH];
    uint8_t *shards[DATA_COUNT + PARITY_COUNT];
    uint8_t present[DATA_COUNT + PARITY_COUNT];
    uint8_t hash[MT_SHA256_LENGTH];
    int32_t agree;
    mt_rs_t *rs;
    size_t i;

    for (i = 0; i < DATA_COUNT + PARITY_COUNT; i++)
    {
        shards[i] = memory[i];
        present[i] = 1;
    }

    for (i = 0; i < DATA_COUNT; i++)
        memset(shards[i], (int)('a' + i), SHARD_LENGTH);

    must(mt_rs_create(&rs, DATA_COUNT, PARITY_COUNT, NULL), "create a code");
    must(mt_rs_encode(rs, shards + DATA_COUNT, (const uint8_t *const *)shards, SHARD_LENGTH), "compute the parity");
    must(mt_rs_verify(rs, &agree, (const uint8_t *const *)shards, SHARD_LENGTH), "verify it");
    printf("%s data and parity agree\n", agree == 1 ? "ok" : "not ok");

    /* Lose one data shard and one parity shard, and keep a copy to compare with. */
    memcpy(lost[0], shards[1], SHARD_LENGTH);
    memcpy(lost[1], shards[5], SHARD_LENGTH);
    memset(shards[1], 0, SHARD_LENGTH);
    memset(shards[5], 0, SHARD_LENGTH);
    present[1] = present[5] = 0;

    must(mt_rs_reconstruct(rs, shards, present, SHARD_LENGTH), "rebuild what was lost");
    agree = memcmp(lost[0], shards[1], SHARD_LENGTH) == 0 && memcmp(lost[1], shards[5], SHARD_LENGTH) == 0;
    printf("%s two of six lost shards are back, byte for byte\n", agree ? "ok" : "not ok");
    mt_rs_destroy(rs);

    must(mt_sha256(hash, shards[1], SHARD_LENGTH), "hash a shard");
    printf("the SHA-256 of shard 1 is ");
    for (i = 0; i < sizeof hash; i++)
        printf("%02x", hash[i]);
    printf("\n");
    return agree ? 0 : 1;
}
