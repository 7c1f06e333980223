/*
 * Part 4 of megatorrent.h: Reed-Solomon.
 *
 * Every column of a stripe is a code word of its own. So shards in heap arrays are worked on window by window, and no garbage collection
 * waits longer than one window takes; shards in direct buffers are worked on at once.
 */
#include "glue.h"

/* All shards, and old and new data of an update. */
#define SHARDS_MAX (MT_RS_SHARDS_MAX + 2)

typedef struct stripe
{
    mt_rs_t *rs;
    jint count;
    jint data_shards; /* of an encode */
    jint data_index;  /* of an update */
    int32_t agree;    /* of a verify */
    uint8_t present[MT_RS_SHARDS_MAX]; /* of a reconstruct */
    uint8_t **shards;
    memory_t *memory;
} stripe_t;

/* Does a number of columns. */
typedef mt_status_t (*columns_t)(stripe_t *stripe, size_t length);

static void locate(stripe_t *stripe, jint offset)
{
    for (jint i = 0; i < stripe->count; i++)
    {
        memory_t *memory = &stripe->memory[i];
        stripe->shards[i] = memory->object == NULL || memory->data == NULL ? NULL : memory->data + offset;
    }
}

static mt_status_t run_windows(JNIEnv *env, stripe_t *stripe, jint length, columns_t columns)
{
    bool heap = false;
    for (jint i = 0; i < stripe->count; i++)
        heap |= stripe->memory[i].object != NULL && !stripe->memory[i].direct;

    jint window = length;
    if (heap && window > PINNED_LENGTH_MAX / stripe->count)
        window = PINNED_LENGTH_MAX / stripe->count;
    mt_status_t status;
    jint done = 0;
    do
    {
        jint step = length - done < window ? length - done : window;
        if (!memory_pin(env, stripe->memory, (size_t)stripe->count))
            return MT_OK; /* with the exception */
        locate(stripe, done);
        status = columns(stripe, (size_t)step);
        memory_unpin(env, stripe->memory, (size_t)stripe->count);
        done += step;
    } while (status == MT_OK && done < length);

    return status;
}

/* writes says which shards are written to; NULL elements of shards are left out. */
static mt_status_t run(
    JNIEnv *env, stripe_t *stripe, jobjectArray shards, jintArray wheres, jint length, bool (*writes)(const stripe_t *, jint index),
    columns_t columns)
{
    uint8_t *addresses[SHARDS_MAX];
    memory_t memory[SHARDS_MAX];
    jint where[SHARDS_MAX];
    stripe->shards = addresses;
    stripe->memory = memory;
    stripe->count = (*env)->GetArrayLength(env, shards);
    if ((*env)->PushLocalFrame(env, stripe->count + 4) != 0)
        return MT_OK; /* with the exception */
    (*env)->GetIntArrayRegion(env, wheres, 0, stripe->count, where);
    for (jint i = 0; i < stripe->count; i++)
    {
        jobject object = (*env)->GetObjectArrayElement(env, shards, i);
        use_t use = writes(stripe, i) ? USE_WRITE : USE_READ;
        stripe->memory[i] = (memory_t){ .use = use };
        if (object == NULL)
            continue;
        memory_prepare(env, &stripe->memory[i], object, where[i], 0, use, NULL); /* with a length of 0 it cannot fail */
        stripe->memory[i].length = length;
    }

    mt_status_t status = run_windows(env, stripe, length, columns);
    (*env)->PopLocalFrame(env, NULL);
    return status;
}

static bool writes_parity(const stripe_t *stripe, jint index) { return index >= stripe->data_shards; }
static bool writes_none(const stripe_t *stripe, jint index) { return (void)stripe, (void)index, false; }
static bool writes_missing(const stripe_t *stripe, jint index) { return stripe->present[index] == 0; }

/* Of an update: the parity comes first, old and new data last. */
static bool writes_first(const stripe_t *stripe, jint index) { return index < stripe->count - 2; }

static mt_status_t encode_columns(stripe_t *stripe, size_t length)
{
    return mt_rs_encode(stripe->rs, stripe->shards + stripe->data_shards, (const uint8_t *const *)stripe->shards, length);
}

static mt_status_t verify_columns(stripe_t *stripe, size_t length)
{
    int32_t agree = 0;
    mt_status_t status = mt_rs_verify(stripe->rs, &agree, (const uint8_t *const *)stripe->shards, length);
    stripe->agree &= agree;
    return status;
}

static mt_status_t reconstruct_columns(stripe_t *stripe, size_t length)
{
    return mt_rs_reconstruct(stripe->rs, stripe->shards, stripe->present, length);
}

static mt_status_t update_columns(stripe_t *stripe, size_t length)
{
    uint8_t *const *shards = stripe->shards;
    return mt_rs_update(
        stripe->rs, shards, (uint32_t)stripe->data_index, shards[stripe->count - 2], shards[stripe->count - 1], length);
}

static jint create(JNIEnv *env, jclass class, jlongArray out, jint data_shards, jint parity_shards)
{
    (void)class;
    mt_rs_t *rs = NULL;
    mt_status_t status = mt_rs_create(&rs, (uint32_t)data_shards, (uint32_t)parity_shards, NULL);
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(rs) }, 1);
    return status;
}

static jint encode(JNIEnv *env, jclass class, jlong rs, jobjectArray shards, jintArray wheres, jint data_shards, jint length)
{
    (void)class;
    stripe_t stripe = { .rs = HANDLE(mt_rs_t, rs), .data_shards = data_shards };
    return run(env, &stripe, shards, wheres, length, writes_parity, encode_columns);
}

static jint verify(JNIEnv *env, jclass class, jlong rs, jobjectArray shards, jintArray wheres, jint length)
{
    (void)class;
    stripe_t stripe = { .rs = HANDLE(mt_rs_t, rs), .agree = 1 };
    mt_status_t status = run(env, &stripe, shards, wheres, length, writes_none, verify_columns);
    return status == MT_OK ? stripe.agree : status;
}

static jint reconstruct(
    JNIEnv *env, jclass class, jlong rs, jobjectArray shards, jintArray wheres, jbyteArray present, jint length)
{
    (void)class;
    stripe_t stripe = { .rs = HANDLE(mt_rs_t, rs) };
    bytes_in(env, stripe.present, present, (*env)->GetArrayLength(env, present));
    return run(env, &stripe, shards, wheres, length, writes_missing, reconstruct_columns);
}

static jint update(JNIEnv *env, jclass class, jlong rs, jobjectArray shards, jintArray wheres, jint data_index, jint length)
{
    (void)class;
    stripe_t stripe = { .rs = HANDLE(mt_rs_t, rs), .data_index = data_index };
    return run(env, &stripe, shards, wheres, length, writes_first, update_columns);
}

static void destroy(JNIEnv *env, jclass class, jlong rs)
{
    (void)env, (void)class;
    mt_rs_destroy(HANDLE(mt_rs_t, rs));
}

static const JNINativeMethod methods[] = {
    { "rsCreate", "([JII)I", create },
    { "rsEncode", "(J[Ljava/lang/Object;[III)I", encode },
    { "rsVerify", "(J[Ljava/lang/Object;[II)I", verify },
    { "rsReconstruct", "(J[Ljava/lang/Object;[I[BI)I", reconstruct },
    { "rsUpdate", "(J[Ljava/lang/Object;[III)I", update },
    { "rsDestroy", "(J)V", destroy },
};

const methods_t erasure_methods = METHODS(methods);
