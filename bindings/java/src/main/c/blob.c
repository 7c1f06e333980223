/* Parts 5 and 6 of megatorrent.h: blobs, keys and signatures. */
#include "glue.h"

static jint seal(
    JNIEnv *env, jclass class, jobject dst, jint dst_where, jint dst_length, jbyteArray id, jbyteArray key, jobject src, jint src_where,
    jint src_length, jint suite, jint compression, jbyteArray tenant_secret)
{
    (void)class;
    uint8_t secret[MT_KEY_LENGTH];
    uint8_t id_bytes[MT_ID_LENGTH];
    uint8_t key_bytes[MT_KEY_LENGTH];
    size_t length = 0;
    mt_blob_options_t options = {
        .struct_size = sizeof options,
        .suite = (uint32_t)suite,
        .compression = (uint32_t)compression,
        .tenant_secret32 = bytes_in(env, secret, tenant_secret, MT_KEY_LENGTH),
    };

    /* Compressing takes many times as long as a copy. */
    use_t use = compression == MT_COMPRESSION_NONE ? USE_READ : USE_READ_COPY;
    memory_t memory[2];
    if (!memory_prepare(env, &memory[0], dst, dst_where, dst_length, USE_WRITE, NULL)
        || !memory_prepare(env, &memory[1], src, src_where, src_length, use, NULL) || !memory_pin(env, memory, 2))
        return 0;
    mt_status_t status = mt_blob_seal(
        memory[0].data, (size_t)dst_length, &length, id_bytes, key_bytes, memory[1].data, (size_t)src_length, &options);
    memory_release(env, memory, 2);
    if (status != MT_OK)
        return status;
    bytes_out(env, id, id_bytes, MT_ID_LENGTH);
    bytes_out(env, key, key_bytes, MT_KEY_LENGTH);
    return (jint)length;
}

static jint open(
    JNIEnv *env, jclass class, jobject dst, jint dst_where, jint dst_length, jbyteArray key, jobject src, jint src_where, jint src_length)
{
    (void)class;
    uint8_t key_bytes[MT_KEY_LENGTH];
    size_t length = 0;
    memory_t memory[2];
    bytes_in(env, key_bytes, key, MT_KEY_LENGTH);
    if (!memory_prepare(env, &memory[0], dst, dst_where, dst_length, USE_WRITE, NULL)
        || !memory_prepare(env, &memory[1], src, src_where, src_length, USE_READ, NULL) || !memory_pin(env, memory, 2))
        return 0;
    mt_status_t status = mt_blob_open(memory[0].data, (size_t)dst_length, &length, key_bytes, memory[1].data, (size_t)src_length);
    memory_release(env, memory, 2);
    return status == MT_OK ? (jint)length : status;
}

static jint inspect(JNIEnv *env, jclass class, jlongArray out, jobject src, jint where, jint length)
{
    (void)class;
    mt_blob_info_t info = { .struct_size = sizeof info };
    memory_t memory;
    if (!memory_read(env, &memory, src, where, length, NULL))
        return 0;
    mt_status_t status = mt_blob_inspect(&info, memory.data, (size_t)length);
    memory_release(env, &memory, 1);
    if (status == MT_OK)
        longs_out(env, out, (jlong[]){ info.suite, info.compression, info.plaintext_length }, 3);
    return status;
}

static jint generate(
    JNIEnv *env, jbyteArray secret, jbyteArray public_key, mt_status_t (*function)(uint8_t *secret32, uint8_t *public32))
{
    uint8_t secret_bytes[32];
    uint8_t public_bytes[32];
    mt_status_t status = function(secret_bytes, public_bytes);
    if (status == MT_OK)
    {
        bytes_out(env, secret, secret_bytes, 32);
        bytes_out(env, public_key, public_bytes, 32);
    }

    explicit_bzero(secret_bytes, sizeof secret_bytes);
    return status;
}

static jint public_key(
    JNIEnv *env, jbyteArray public_key, jbyteArray secret, mt_status_t (*function)(uint8_t *public32, const uint8_t *secret32))
{
    uint8_t secret_bytes[32];
    uint8_t public_bytes[32];
    mt_status_t status = function(public_bytes, bytes_in(env, secret_bytes, secret, 32));
    if (status == MT_OK)
        bytes_out(env, public_key, public_bytes, 32);
    explicit_bzero(secret_bytes, sizeof secret_bytes);
    return status;
}

static jint ed25519_generate(JNIEnv *env, jclass class, jbyteArray seed, jbyteArray public_bytes)
{
    (void)class;
    return generate(env, seed, public_bytes, mt_ed25519_generate);
}

static jint ed25519_public_key(JNIEnv *env, jclass class, jbyteArray public_bytes, jbyteArray seed)
{
    (void)class;
    return public_key(env, public_bytes, seed, mt_ed25519_public_key);
}

static jint x25519_generate(JNIEnv *env, jclass class, jbyteArray secret, jbyteArray public_bytes)
{
    (void)class;
    return generate(env, secret, public_bytes, mt_x25519_generate);
}

static jint x25519_public_key(JNIEnv *env, jclass class, jbyteArray public_bytes, jbyteArray secret)
{
    (void)class;
    return public_key(env, public_bytes, secret, mt_x25519_public_key);
}

static jint ed25519_sign(JNIEnv *env, jclass class, jbyteArray signature, jbyteArray seed, jobject data, jint where, jint length)
{
    (void)class;
    uint8_t seed_bytes[MT_ED25519_SEED_LENGTH];
    uint8_t signature_bytes[MT_ED25519_SIGNATURE_LENGTH];
    uint8_t small[SMALL_LENGTH];
    memory_t memory;
    bytes_in(env, seed_bytes, seed, MT_ED25519_SEED_LENGTH);
    if (!memory_read(env, &memory, data, where, length, small))
        return 0;
    mt_status_t status = mt_ed25519_sign(signature_bytes, seed_bytes, memory.data, (size_t)length);
    memory_release(env, &memory, 1);
    explicit_bzero(seed_bytes, sizeof seed_bytes);
    if (status == MT_OK)
        bytes_out(env, signature, signature_bytes, MT_ED25519_SIGNATURE_LENGTH);
    return status;
}

static jint ed25519_verify(
    JNIEnv *env, jclass class, jbyteArray public_bytes, jbyteArray signature, jobject data, jint where, jint length)
{
    (void)class;
    uint8_t key[MT_ED25519_PUBLIC_KEY_LENGTH];
    uint8_t signature_bytes[MT_ED25519_SIGNATURE_LENGTH];
    uint8_t small[SMALL_LENGTH];
    int32_t good = 0;
    memory_t memory;
    bytes_in(env, key, public_bytes, MT_ED25519_PUBLIC_KEY_LENGTH);
    bytes_in(env, signature_bytes, signature, MT_ED25519_SIGNATURE_LENGTH);
    if (!memory_read(env, &memory, data, where, length, small))
        return 0;
    mt_status_t status = mt_ed25519_verify(&good, key, signature_bytes, memory.data, (size_t)length);
    memory_release(env, &memory, 1);
    return status == MT_OK ? good : status;
}

static const JNINativeMethod methods[] = {
    { "blobSeal", "(Ljava/lang/Object;II[B[BLjava/lang/Object;IIII[B)I", seal },
    { "blobOpen", "(Ljava/lang/Object;II[BLjava/lang/Object;II)I", open },
    { "blobInspect", "([JLjava/lang/Object;II)I", inspect },
    { "ed25519Generate", "([B[B)I", ed25519_generate },
    { "ed25519PublicKey", "([B[B)I", ed25519_public_key },
    { "ed25519Sign", "([B[BLjava/lang/Object;II)I", ed25519_sign },
    { "ed25519Verify", "([B[BLjava/lang/Object;II)I", ed25519_verify },
    { "x25519Generate", "([B[B)I", x25519_generate },
    { "x25519PublicKey", "([B[B)I", x25519_public_key },
};

const methods_t blob_methods = METHODS(methods);
