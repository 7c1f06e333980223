/* Reed-Solomon: part 4 of the header. */
#include "suite.h"

/* The shards of a case of erasure.json, data before parity; the parity is that of the library until it is compared. */
typedef struct
{
    const cJSON *item;
    uint32_t k, m, count;
    size_t length;
    uint8_t *shards[MT_RS_SHARDS_MAX], *truth[MT_RS_SHARDS_MAX];
    uint8_t present[MT_RS_SHARDS_MAX];
    mt_rs_t *rs;
} stripe_t;

static const uint8_t *const *inputs(const stripe_t *stripe)
{
    return (const uint8_t *const *)stripe->shards;
}

/* Makes the shards and encodes them. */
static void open_stripe(stripe_t *stripe, const cJSON *item)
{
    const cJSON *lengths = member(item, "dataLengths");
    uint32_t state = (uint32_t)number_member(item, "seed"), i;
    size_t j;
    memset(stripe, 0, sizeof *stripe);
    stripe->item = item;
    stripe->k = (uint32_t)number_member(item, "dataShards");
    stripe->m = (uint32_t)number_member(item, "parityShards");
    stripe->count = stripe->k + stripe->m;
    stripe->length = (size_t)number_member(item, "shardLength");
    EXPECT(stripe->count <= MT_RS_SHARDS_MAX, "%s has %u shards", case_name(item), stripe->count);
    for (i = 0; i < stripe->count; i++)
    {
        stripe->shards[i] = allocate(stripe->length);
        if (i < stripe->k)
        {
            size_t filled = (size_t)cJSON_GetArrayItem(lengths, (int)i)->valuedouble;
            memset(stripe->shards[i], 0, stripe->length);
            for (j = 0; j < filled; j++)
                stripe->shards[i][j] = (uint8_t)(next_number(&state) >> 24);
        }
    }

    memset(stripe->present, 1, sizeof stripe->present);
    must(mt_rs_create(&stripe->rs, stripe->k, stripe->m, NULL), "%s", case_name(item));
    must(mt_rs_encode(stripe->rs, stripe->shards + stripe->k, inputs(stripe), stripe->length), "%s", case_name(item));
    for (i = 0; i < stripe->count; i++)
        stripe->truth[i] = copy_bytes(stripe->shards[i], stripe->length).data;
}

static void close_stripe(stripe_t *stripe)
{
    mt_rs_destroy(stripe->rs);
}

static void expect_true(const stripe_t *stripe, const char *after)
{
    uint32_t i;
    for (i = 0; i < stripe->count; i++)
        EXPECT(
            same(stripe->shards[i], stripe->truth[i], stripe->length), "%s, shard %u is wrong after %s", case_name(stripe->item), i, after);
}

static void lose(stripe_t *stripe, uint32_t shard_index)
{
    stripe->present[shard_index] = 0;
    memset(stripe->shards[shard_index], 0xee, stripe->length);
}

/* Rebuilds what is lost, and compares everything. */
static void rebuild(stripe_t *stripe)
{
    must(mt_rs_reconstruct(stripe->rs, stripe->shards, stripe->present, stripe->length), "%s", case_name(stripe->item));
    memset(stripe->present, 1, sizeof stripe->present);
    expect_true(stripe, "reconstruct");
}

static void show_encode(void)
{
    const cJSON *item, *parity;
    stripe_t stripe;
    cJSON_ArrayForEach(item, vectors("erasure.json", "cases"))
    {
        uint32_t i;
        open_stripe(&stripe, item);
        parity = cJSON_GetObjectItemCaseSensitive(item, "parity");
        if (parity != NULL)
            for (i = 0; i < stripe.m; i++)
                EXPECT(
                    same(stripe.shards[stripe.k + i], bytes_of(cJSON_GetArrayItem(parity, (int)i)).data, stripe.length),
                    "%s, parity %u is %s", case_name(item), i, hex_text(stripe.shards[stripe.k + i], stripe.length));
        else
        {
            bytes_t all = new_bytes(stripe.m * stripe.length);
            for (i = 0; i < stripe.m && stripe.length > 0; i++)
                memcpy(all.data + i * stripe.length, stripe.shards[stripe.k + i], stripe.length);
            EXPECT(
                strcmp(hash_text(all.data, all.length), text_member(item, "allParitySha256")) == 0, "%s, the parity has the hash %s",
                case_name(item), hash_text(all.data, all.length));
        }

        close_stripe(&stripe);
    }
}

static void show_reconstruct(void)
{
    const cJSON *item;
    stripe_t stripe;
    cJSON_ArrayForEach(item, vectors("erasure.json", "cases"))
    {
        open_stripe(&stripe, item);
        if (stripe.count <= 8)
        {
            uint32_t set, i, lost;
            for (set = 0; set < 1u << stripe.count; set++)
            {
                for (i = lost = 0; i < stripe.count; i++)
                    lost += set >> i & 1;
                if (lost > stripe.m)
                    continue;
                for (i = 0; i < stripe.count; i++)
                    if (set >> i & 1)
                        lose(&stripe, i);
                rebuild(&stripe);
            }
        }
        else
        {
            uint32_t state = 7, round, lost;
            for (round = 0; round < 20; round++)
            {
                for (lost = 0; lost < stripe.m;)
                {
                    uint32_t i = (next_number(&state) >> 8) % stripe.count;
                    if (stripe.present[i] == 0)
                        continue;
                    lose(&stripe, i);
                    lost++;
                }

                rebuild(&stripe);
            }
        }

        close_stripe(&stripe);
    }
}

static void show_reconstruct_some(void)
{
    const cJSON *item;
    stripe_t stripe;
    int found = 0;
    cJSON_ArrayForEach(item, vectors("erasure.json", "cases"))
    {
        uint8_t *left_out;
        if (strcmp(case_name(item), "4+2, unequal lengths") != 0)
            continue;
        found = 1;
        open_stripe(&stripe, item);
        lose(&stripe, 0);
        lose(&stripe, 5);
        left_out = stripe.shards[5];
        stripe.shards[5] = NULL;
        must(mt_rs_reconstruct(stripe.rs, stripe.shards, stripe.present, stripe.length), "rebuilding one of two");
        stripe.shards[5] = left_out;
        EXPECT(is_all(left_out, 0xee, stripe.length), "the shard that was left out was written to");
        memcpy(left_out, stripe.truth[5], stripe.length);
        expect_true(&stripe, "reconstruct");
        close_stripe(&stripe);
    }

    EXPECT(found, "the case is not there");
}

static void show_too_few(void)
{
    const cJSON *item;
    stripe_t stripe;
    cJSON_ArrayForEach(item, vectors("erasure.json", "cases"))
    {
        uint32_t i;
        open_stripe(&stripe, item);
        for (i = 0; i <= stripe.m; i++)
            lose(&stripe, i);
        expect_status(
            mt_rs_reconstruct(stripe.rs, stripe.shards, stripe.present, stripe.length), MT_ERROR_NOT_ENOUGH_SHARDS, "%s", case_name(item));
        for (i = 0; i < stripe.count; i++)
            EXPECT(
                i <= stripe.m ? is_all(stripe.shards[i], 0xee, stripe.length) : same(stripe.shards[i], stripe.truth[i], stripe.length),
                "%s, shard %u was written to", case_name(item), i);
        close_stripe(&stripe);
    }
}

static void show_verify(void)
{
    const cJSON *item;
    stripe_t stripe;
    cJSON_ArrayForEach(item, vectors("erasure.json", "cases"))
    {
        int32_t ok = -1;
        uint32_t i;
        open_stripe(&stripe, item);
        must(mt_rs_verify(stripe.rs, &ok, inputs(&stripe), stripe.length), "%s", case_name(item));
        EXPECT(ok == 1, "%s does not verify", case_name(item));
        for (i = 0; stripe.m > 0 && stripe.length > 0 && i < stripe.count; i++)
        {
            stripe.shards[i][stripe.length / 2] ^= 1;
            must(mt_rs_verify(stripe.rs, &ok, inputs(&stripe), stripe.length), "%s", case_name(item));
            EXPECT(ok == 0, "%s verifies with a wrong shard %u", case_name(item), i);
            stripe.shards[i][stripe.length / 2] ^= 1;
            must(mt_rs_verify(stripe.rs, &ok, inputs(&stripe), stripe.length), "%s", case_name(item));
            EXPECT(ok == 1, "%s does not verify after shard %u was restored", case_name(item), i);
        }

        close_stripe(&stripe);
    }
}

static void show_update(void)
{
    const cJSON *item;
    stripe_t stripe;
    cJSON_ArrayForEach(item, vectors("erasure.json", "cases"))
    {
        uint32_t i, j;
        open_stripe(&stripe, item);
        for (i = 0; stripe.m > 0 && i < stripe.k && i < 8; i++)
        {
            uint8_t *old = copy_bytes(stripe.shards[i], stripe.length).data;
            uint8_t *parity[MT_RS_SHARDS_MAX];
            size_t position;
            for (position = 0; position < stripe.length; position++)
                stripe.shards[i][position] ^= 0x5a;
            must(
                mt_rs_update(stripe.rs, stripe.shards + stripe.k, i, old, stripe.shards[i], stripe.length), "%s, data %u", case_name(item),
                i);
            for (j = 0; j < stripe.m; j++)
                parity[j] = allocate(stripe.length);
            must(mt_rs_encode(stripe.rs, parity, inputs(&stripe), stripe.length), "%s", case_name(item));
            for (j = 0; j < stripe.m; j++)
                EXPECT(
                    same(parity[j], stripe.shards[stripe.k + j], stripe.length), "%s, parity %u is wrong after data %u changed",
                    case_name(item), j, i);
        }

        close_stripe(&stripe);
    }
}

static void show_limits(void)
{
    static const uint32_t refused[][2] = {
        { 0, 2 }, { 0, 0 }, { 256, 0 }, { 128, 128 }, { 1, 255 }, { 255, 1 }, { UINT32_MAX, 0 }, { 1, UINT32_MAX }, { UINT32_MAX, 1 },
        { 0x80000000u, 0x80000000u }, { UINT32_MAX, UINT32_MAX },
    };
    static const uint32_t taken[][2] = { { 1, 0 }, { 255, 0 }, { 128, 127 }, { 1, 254 }, { 254, 1 } };
    uint8_t byte = 0, *shards[MT_RS_SHARDS_MAX];
    int32_t ok;
    mt_rs_t *rs;
    size_t i;
    for (i = 0; i < sizeof refused / sizeof refused[0]; i++)
    {
        rs = (mt_rs_t *)&byte;
        expect_status(
            mt_rs_create(&rs, refused[i][0], refused[i][1], NULL), MT_ERROR_INVALID_ARGUMENT, "%u+%u", refused[i][0], refused[i][1]);
        EXPECT(rs == NULL, "out is not NULL after a create that failed");
    }

    for (i = 0; i < MT_RS_SHARDS_MAX; i++)
        shards[i] = &byte;
    for (i = 0; i < sizeof taken / sizeof taken[0]; i++)
    {
        uint32_t k = taken[i][0], m = taken[i][1];
        must(mt_rs_create(&rs, k, m, NULL), "%u+%u", k, m);
        must(mt_rs_encode(rs, m == 0 ? NULL : shards + k, (const uint8_t *const *)shards, 0), "%u+%u of length 0", k, m);
        ok = -1;
        must(mt_rs_verify(rs, &ok, (const uint8_t *const *)shards, 0), "%u+%u of length 0", k, m);
        EXPECT(ok == 1, "%u+%u of length 0 does not verify", k, m);
        mt_rs_destroy(rs);
    }
}

const behaviour_t erasure_behaviours[] = {
    { "rs.encode", show_encode, 0 },
    { "rs.reconstruct", show_reconstruct, 0 },
    { "rs.reconstruct-some", show_reconstruct_some, 0 },
    { "rs.too-few", show_too_few, 0 },
    { "rs.verify", show_verify, 0 },
    { "rs.update", show_update, 0 },
    { "rs.limits", show_limits, 0 },
    { NULL, NULL, 0 },
};
