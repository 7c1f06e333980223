/* Part 8 of megatorrent.h: capabilities and manifests. */
#include "glue.h"

static jint capability_parse(JNIEnv *env, jclass class, jlongArray out, jbyteArray root_id, jbyteArray key, jbyteArray text)
{
    (void)class;
    mt_capability_info_t info = { .struct_size = sizeof info };
    char *characters;
    if (!text_in(env, &characters, text))
        return 0;
    mt_status_t status = mt_capability_parse(&info, characters);
    text_free(characters);
    if (status == MT_OK)
    {
        longs_out(env, out, (jlong[]){ info.can_read, info.root_length, info.parity_shards }, 3);
        bytes_out(env, root_id, info.root_id, MT_ID_LENGTH);
        bytes_out(env, key, info.key, MT_KEY_LENGTH);
    }

    explicit_bzero(&info, sizeof info);
    return status;
}

static jint capability_format(
    JNIEnv *env, jclass class, jbyteArray out, jint can_read, jbyteArray root_id, jbyteArray key, jint root_length, jint parity_shards)
{
    (void)class;
    mt_capability_info_t info = {
        .struct_size = sizeof info,
        .can_read = (uint32_t)can_read,
        .root_length = (uint32_t)root_length,
        .parity_shards = (uint32_t)parity_shards,
    };
    char text[MT_CAPABILITY_CAPACITY];
    size_t length = 0;
    bytes_in(env, info.root_id, root_id, MT_ID_LENGTH);
    bytes_in(env, info.key, key, MT_KEY_LENGTH);
    mt_status_t status = mt_capability_format(text, sizeof text, &length, &info);
    explicit_bzero(&info, sizeof info);
    if (status != MT_OK)
        return status;
    bytes_out(env, out, (const uint8_t *)text, (jint)length);
    return (jint)length;
}

static jint capability_to_verify(JNIEnv *env, jclass class, jbyteArray out, jbyteArray capability)
{
    (void)class;
    char text[MT_CAPABILITY_CAPACITY];
    size_t length = 0;
    char *characters;
    if (!text_in(env, &characters, capability))
        return 0;
    mt_status_t status = mt_capability_to_verify(text, sizeof text, &length, characters);
    text_free(characters);
    if (status != MT_OK)
        return status;
    bytes_out(env, out, (const uint8_t *)text, (jint)length);
    return (jint)length;
}

static jint open(JNIEnv *env, jclass class, jlongArray out, jobject blob, jint where, jint length, jbyteArray key)
{
    (void)class;
    uint8_t key_bytes[MT_KEY_LENGTH];
    mt_manifest_t *manifest = NULL;
    memory_t memory;
    const uint8_t *key32 = bytes_in(env, key_bytes, key, MT_KEY_LENGTH);
    if (!memory_read(env, &memory, blob, where, length, NULL))
        return 0;
    mt_status_t status = mt_manifest_open(&manifest, memory.data, (size_t)length, key32);
    memory_release(env, &memory, 1);
    explicit_bzero(key_bytes, sizeof key_bytes);
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(manifest) }, 1);
    return status;
}

static jint get_info(JNIEnv *env, jclass class, jlong manifest, jlongArray out)
{
    (void)class;
    mt_manifest_info_t info = { .struct_size = sizeof info };
    mt_status_t status = mt_manifest_get_info(HANDLE(mt_manifest_t, manifest), &info);
    if (status == MT_OK)
        longs_out(env, out, (jlong[]){ info.kind, info.mode, info.stream_count, info.modified_unix_ns, info.has_keys }, 5);
    return status;
}

static mt_status_t name_of(void *manifest, uint8_t *dst, size_t capacity, size_t *length)
{
    return mt_manifest_get_name(manifest, (char *)dst, capacity, length);
}

static jbyteArray get_name(JNIEnv *env, jclass class, jlong manifest, jintArray status)
{
    (void)class;
    return bytes_of(env, status, name_of, HANDLE(mt_manifest_t, manifest));
}

static jint get_stream(JNIEnv *env, jclass class, jlong manifest, jlongArray out, jint stream_index)
{
    (void)class;
    mt_manifest_stream_t stream = { .struct_size = sizeof stream };
    mt_status_t status = mt_manifest_get_stream(HANDLE(mt_manifest_t, manifest), &stream, (uint32_t)stream_index);
    if (status == MT_OK)
        longs_out(env, out, (jlong[]){ stream.depth, (jlong)stream.length, stream.stripe_count }, 3);
    return status;
}

static jint get_stripe(JNIEnv *env, jclass class, jlong manifest, jlongArray out, jbyteArray id, jint stream_index, jint stripe_index)
{
    (void)class;
    mt_stripe_info_t stripe = { .struct_size = sizeof stripe };
    mt_status_t status = mt_manifest_get_stripe(
        HANDLE(mt_manifest_t, manifest), &stripe, (uint32_t)stream_index, (uint32_t)stripe_index);
    if (status == MT_OK)
    {
        longs_out(env, out, (jlong[]){ stripe.data_shards, stripe.parity_shards, stripe.shard_length, stripe.id_count }, 4);
        bytes_out(env, id, stripe.id, MT_ID_LENGTH);
    }

    return status;
}

static jint get_blob(
    JNIEnv *env, jclass class, jlong manifest, jlongArray out, jbyteArray id, jbyteArray key, jint stream_index, jint stripe_index,
    jint blob_index)
{
    (void)class;
    mt_stripe_blob_t blob = { .struct_size = sizeof blob };
    mt_status_t status = mt_manifest_get_blob(
        HANDLE(mt_manifest_t, manifest), &blob, (uint32_t)stream_index, (uint32_t)stripe_index, (uint32_t)blob_index);
    if (status == MT_OK)
    {
        longs_out(env, out, (jlong[]){ blob.length, (jlong)blob.plaintext_length, blob.has_key }, 3);
        bytes_out(env, id, blob.id, MT_ID_LENGTH);
        bytes_out(env, key, blob.key, MT_KEY_LENGTH);
    }

    explicit_bzero(&blob, sizeof blob);
    return status;
}

static jint create(JNIEnv *env, jclass class, jlongArray out, jint kind, jint mode, jlong modified_unix_ns, jbyteArray name)
{
    (void)class;
    mt_manifest_info_t info = {
        .struct_size = sizeof info,
        .kind = (uint32_t)kind,
        .mode = (uint32_t)mode,
        .modified_unix_ns = modified_unix_ns,
    };
    mt_manifest_t *manifest = NULL;
    char *characters;
    if (!text_in(env, &characters, name))
        return 0;
    mt_status_t status = mt_manifest_create(&manifest, &info, characters);
    text_free(characters);
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(manifest) }, 1);
    return status;
}

static jint add_stream(JNIEnv *env, jclass class, jlong manifest, jint depth)
{
    (void)env, (void)class;
    return mt_manifest_add_stream(HANDLE(mt_manifest_t, manifest), (uint32_t)depth);
}

/* Java has checked that data_shards is at most MT_RS_SHARDS_MAX and that the arrays are as long as the shards ask for. */
static jint add_stripe(
    JNIEnv *env, jclass class, jlong manifest, jint data_shards, jint parity_shards, jbyteArray ids, jintArray lengths, jbyteArray keys,
    jlongArray plaintext_lengths)
{
    (void)class;
    uint8_t id_bytes[MT_RS_SHARDS_MAX * MT_ID_LENGTH];
    uint8_t key_bytes[MT_RS_SHARDS_MAX * MT_KEY_LENGTH];
    jint length[MT_RS_SHARDS_MAX];
    jlong plaintext_length[MT_RS_SHARDS_MAX];
    uint32_t lengths32[MT_RS_SHARDS_MAX];
    uint64_t lengths64[MT_RS_SHARDS_MAX];
    bytes_in(env, id_bytes, ids, (*env)->GetArrayLength(env, ids));
    bytes_in(env, key_bytes, keys, data_shards * (jint)MT_KEY_LENGTH);
    (*env)->GetIntArrayRegion(env, lengths, 0, data_shards, length);
    (*env)->GetLongArrayRegion(env, plaintext_lengths, 0, data_shards, plaintext_length);
    for (jint i = 0; i < data_shards; i++)
    {
        lengths32[i] = (uint32_t)length[i];
        lengths64[i] = (uint64_t)plaintext_length[i];
    }

    mt_status_t status = mt_manifest_add_stripe(
        HANDLE(mt_manifest_t, manifest), (uint32_t)data_shards, (uint32_t)parity_shards, id_bytes, lengths32, key_bytes, lengths64);
    explicit_bzero(key_bytes, sizeof key_bytes);
    return status;
}

typedef struct sealing
{
    mt_manifest_t *manifest;
    mt_blob_options_t options;
    uint8_t id[MT_ID_LENGTH];
    uint8_t key[MT_KEY_LENGTH];
} sealing_t;

static mt_status_t get_sealed(void *context, uint8_t *dst, size_t capacity, size_t *length)
{
    sealing_t *sealing = context;
    return mt_manifest_seal(sealing->manifest, dst, capacity, length, sealing->id, sealing->key, &sealing->options);
}

static jbyteArray seal(
    JNIEnv *env, jclass class, jlong manifest, jintArray status, jbyteArray id, jbyteArray key, jint suite, jbyteArray tenant_secret)
{
    (void)class;
    uint8_t secret[MT_KEY_LENGTH];
    sealing_t sealing = {
        .manifest = HANDLE(mt_manifest_t, manifest),
        .options = {
            .struct_size = sizeof sealing.options,
            .suite = (uint32_t)suite,
            .tenant_secret32 = bytes_in(env, secret, tenant_secret, MT_KEY_LENGTH),
        },
    };
    jbyteArray blob = bytes_of(env, status, get_sealed, &sealing);
    if (blob != NULL)
    {
        bytes_out(env, id, sealing.id, MT_ID_LENGTH);
        bytes_out(env, key, sealing.key, MT_KEY_LENGTH);
    }

    explicit_bzero(&sealing, sizeof sealing);
    explicit_bzero(secret, sizeof secret);
    return blob;
}

static void destroy(JNIEnv *env, jclass class, jlong manifest)
{
    (void)env, (void)class;
    mt_manifest_destroy(HANDLE(mt_manifest_t, manifest));
}

static const JNINativeMethod methods[] = {
    { "capabilityParse", "([J[B[B[B)I", capability_parse },
    { "capabilityFormat", "([BI[B[BII)I", capability_format },
    { "capabilityToVerify", "([B[B)I", capability_to_verify },
    { "manifestOpen", "([JLjava/lang/Object;II[B)I", open },
    { "manifestGetInfo", "(J[J)I", get_info },
    { "manifestGetName", "(J[I)[B", get_name },
    { "manifestGetStream", "(J[JI)I", get_stream },
    { "manifestGetStripe", "(J[J[BII)I", get_stripe },
    { "manifestGetBlob", "(J[J[B[BIII)I", get_blob },
    { "manifestCreate", "([JIIJ[B)I", create },
    { "manifestAddStream", "(JI)I", add_stream },
    { "manifestAddStripe", "(JII[B[I[B[J)I", add_stripe },
    { "manifestSeal", "(J[I[B[BI[B)[B", seal },
    { "manifestDestroy", "(J)V", destroy },
};

const methods_t manifest_methods = METHODS(methods);
