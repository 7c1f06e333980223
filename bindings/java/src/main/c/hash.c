/* Part 3 of megatorrent.h: hashes, Merkle roots, texts of ids. */
#include "glue.h"

/* Messages that are hashed in one call. */
#define BATCH_MAX 64

static jint sha256(JNIEnv *env, jclass class, jbyteArray out, jobject data, jint where, jint length)
{
    (void)class;
    uint8_t hash[MT_SHA256_LENGTH];
    uint8_t small[SMALL_LENGTH];
    memory_t memory;
    if (!memory_read(env, &memory, data, where, length, small))
        return 0;
    mt_status_t status = mt_sha256(hash, memory.data, (size_t)length);
    memory_release(env, &memory, 1);
    if (status == MT_OK)
        bytes_out(env, out, hash, MT_SHA256_LENGTH);
    return status;
}

static jint merkle_root(JNIEnv *env, jclass class, jbyteArray out, jobject data, jint where, jint length)
{
    (void)class;
    uint8_t root[MT_SHA256_LENGTH];
    uint8_t small[SMALL_LENGTH];
    memory_t memory;
    if (!memory_read(env, &memory, data, where, length, small))
        return 0;
    mt_status_t status = mt_merkle_root(root, memory.data, (size_t)length);
    memory_release(env, &memory, 1);
    if (status == MT_OK)
        bytes_out(env, out, root, MT_SHA256_LENGTH);
    return status;
}

/* Java sees to it that count is at most BATCH_MAX and that what must be pinned is not too much. */
static jint sha256_many(
    JNIEnv *env, jclass class, jbyteArray out, jint first, jobjectArray objects, jintArray wheres, jintArray lengths, jint count)
{
    (void)class;
    uint8_t hashes[BATCH_MAX * MT_SHA256_LENGTH];
    memory_t memory[BATCH_MAX];
    const uint8_t *data[BATCH_MAX];
    size_t sizes[BATCH_MAX];
    jint where[BATCH_MAX];
    jint length[BATCH_MAX];
    if ((*env)->PushLocalFrame(env, count + 4) != 0)
        return 0;
    (*env)->GetIntArrayRegion(env, wheres, first, count, where);
    (*env)->GetIntArrayRegion(env, lengths, first, count, length);
    for (jint i = 0; i < count; i++)
    {
        jobject object = (*env)->GetObjectArrayElement(env, objects, first + i);
        if (!memory_prepare(env, &memory[i], object, where[i], length[i], USE_READ, NULL))
        {
            memory_release(env, memory, (size_t)i);
            (*env)->PopLocalFrame(env, NULL);
            return 0;
        }
    }

    mt_status_t status = MT_OK;
    if (memory_pin(env, memory, (size_t)count))
    {
        for (jint i = 0; i < count; i++)
        {
            data[i] = memory[i].data;
            sizes[i] = (size_t)length[i];
        }

        status = mt_sha256_many(hashes, data, sizes, (size_t)count);
        memory_release(env, memory, (size_t)count);
        if (status == MT_OK)
            memory_copy_out(env, out, first * (jint)MT_SHA256_LENGTH, hashes, (size_t)count * MT_SHA256_LENGTH);
    }

    (*env)->PopLocalFrame(env, NULL);
    return status;
}

static jint cid_format(JNIEnv *env, jclass class, jbyteArray out, jbyteArray id)
{
    (void)class;
    uint8_t bytes[MT_ID_LENGTH];
    char text[MT_CID_TEXT_LENGTH + 1];
    size_t length = 0;
    mt_status_t status = mt_cid_format(text, sizeof text, &length, bytes_in(env, bytes, id, MT_ID_LENGTH));
    if (status == MT_OK)
        bytes_out(env, out, (const uint8_t *)text, MT_CID_TEXT_LENGTH);
    return status;
}

static jint cid_parse(JNIEnv *env, jclass class, jbyteArray id, jbyteArray text)
{
    (void)class;
    uint8_t bytes[MT_ID_LENGTH];
    char *characters;
    if (!text_in(env, &characters, text))
        return 0;
    mt_status_t status = mt_cid_parse(bytes, characters);
    text_free(characters);
    if (status == MT_OK)
        bytes_out(env, id, bytes, MT_ID_LENGTH);
    return status;
}

static const JNINativeMethod methods[] = {
    { "sha256", "([BLjava/lang/Object;II)I", sha256 },
    { "sha256Many", "([BI[Ljava/lang/Object;[I[II)I", sha256_many },
    { "merkleRoot", "([BLjava/lang/Object;II)I", merkle_root },
    { "cidFormat", "([B[B)I", cid_format },
    { "cidParse", "([B[B)I", cid_parse },
};

const methods_t hash_methods = METHODS(methods);
