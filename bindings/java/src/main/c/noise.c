/* Part 9 of megatorrent.h: Noise sessions, and who is at the other end. */
#include "glue.h"

static jint create(
    JNIEnv *env, jclass class, jlongArray out, jint initiator, jint suite, jbyteArray static_secret, jbyteArray prologue,
    jbyteArray ephemeral_secret)
{
    (void)class;
    uint8_t secret[MT_X25519_KEY_LENGTH];
    uint8_t ephemeral[MT_X25519_KEY_LENGTH];
    uint8_t small[SMALL_LENGTH];
    mt_noise_t *noise = NULL;
    mt_noise_options_t options = {
        .struct_size = sizeof options,
        .initiator = (uint32_t)initiator,
        .suite = (uint32_t)suite,
        .static_secret32 = bytes_in(env, secret, static_secret, MT_X25519_KEY_LENGTH),
        .ephemeral_secret32 = bytes_in(env, ephemeral, ephemeral_secret, MT_X25519_KEY_LENGTH),
    };
    jint length = (*env)->GetArrayLength(env, prologue);
    memory_t memory;
    if (!memory_read(env, &memory, prologue, 0, length, small))
        return 0;
    options.prologue = memory.data;
    options.prologue_length = (size_t)length;
    mt_status_t status = mt_noise_create(&noise, &options);
    memory_release(env, &memory, 1);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(ephemeral, sizeof ephemeral);
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(noise) }, 1);
    return status;
}

static jint state(JNIEnv *env, jclass class, jlong noise)
{
    (void)env, (void)class;
    uint32_t value = 0;
    mt_status_t status = mt_noise_state(HANDLE(mt_noise_t, noise), &value);
    return status == MT_OK ? (jint)value : status;
}

static jlong write_bound(JNIEnv *env, jclass class, jlong noise, jint payload_length)
{
    (void)env, (void)class;
    return (jlong)mt_noise_write_bound(HANDLE(mt_noise_t, noise), (size_t)payload_length);
}

static jint transform(
    JNIEnv *env, jlong noise, jobject dst, jint dst_where, jint dst_length, jobject src, jint src_where, jint src_length,
    mt_status_t (*function)(
        mt_noise_t *noise, uint8_t *dst, size_t dst_capacity, size_t *dst_length, const uint8_t *src, size_t src_length))
{
    size_t length = 0;
    memory_t memory[2];
    if (!memory_prepare(env, &memory[0], dst, dst_where, dst_length, USE_WRITE, NULL)
        || !memory_prepare(env, &memory[1], src, src_where, src_length, USE_READ, NULL) || !memory_pin(env, memory, 2))
        return 0;
    mt_status_t status = function(
        HANDLE(mt_noise_t, noise), memory[0].data, (size_t)dst_length, &length, memory[1].data, (size_t)src_length);
    memory_release(env, memory, 2);
    return status == MT_OK ? (jint)length : status;
}

static jint write(
    JNIEnv *env, jclass class, jlong noise, jobject dst, jint dst_where, jint dst_length, jobject src, jint src_where, jint src_length)
{
    (void)class;
    return transform(env, noise, dst, dst_where, dst_length, src, src_where, src_length, mt_noise_write);
}

static jint read(
    JNIEnv *env, jclass class, jlong noise, jobject dst, jint dst_where, jint dst_length, jobject src, jint src_where, jint src_length)
{
    (void)class;
    return transform(env, noise, dst, dst_where, dst_length, src, src_where, src_length, mt_noise_read);
}

static jint remote_key(JNIEnv *env, jclass class, jlong noise, jbyteArray out)
{
    (void)class;
    uint8_t key[MT_X25519_KEY_LENGTH];
    mt_status_t status = mt_noise_remote_key(HANDLE(mt_noise_t, noise), key);
    if (status == MT_OK)
        bytes_out(env, out, key, sizeof key);
    return status;
}

static jint handshake_hash(JNIEnv *env, jclass class, jlong noise, jbyteArray out)
{
    (void)class;
    uint8_t hash[MT_SHA256_LENGTH];
    mt_status_t status = mt_noise_handshake_hash(HANDLE(mt_noise_t, noise), hash);
    if (status == MT_OK)
        bytes_out(env, out, hash, sizeof hash);
    return status;
}

static void destroy(JNIEnv *env, jclass class, jlong noise)
{
    (void)env, (void)class;
    mt_noise_destroy(HANDLE(mt_noise_t, noise));
}

static jint payload_create(
    JNIEnv *env, jclass class, jbyteArray out, jbyteArray credential, jbyteArray static_key, jbyteArray cluster_key)
{
    (void)class;
    uint8_t payload[MT_PEER_PAYLOAD_LENGTH_MAX];
    uint8_t key[MT_X25519_KEY_LENGTH];
    uint8_t cluster[MT_ED25519_PUBLIC_KEY_LENGTH];
    size_t length = 0;
    char *text;
    bytes_in(env, key, static_key, MT_X25519_KEY_LENGTH);
    if (!text_in(env, &text, credential))
        return 0;
    mt_status_t status = mt_peer_payload_create(payload, sizeof payload, &length, text, key, cluster);
    text_free(text);
    if (status != MT_OK)
        return status;
    bytes_out(env, out, payload, (jint)length);
    bytes_out(env, cluster_key, cluster, sizeof cluster);
    return (jint)length;
}

static jint payload_check(
    JNIEnv *env, jclass class, jlongArray out, jbyteArray node_id, jbyteArray public_key, jbyteArray payload, jbyteArray remote_key,
    jbyteArray cluster_key)
{
    (void)class;
    uint8_t remote[MT_X25519_KEY_LENGTH];
    uint8_t cluster[MT_ED25519_PUBLIC_KEY_LENGTH];
    mt_peer_info_t peer = { .struct_size = sizeof peer };
    jint length = (*env)->GetArrayLength(env, payload);
    memory_t memory;
    bytes_in(env, remote, remote_key, sizeof remote);
    bytes_in(env, cluster, cluster_key, sizeof cluster);
    if (!memory_read(env, &memory, payload, 0, length, NULL))
        return 0;
    mt_status_t status = mt_peer_payload_check(&peer, memory.data, (size_t)length, remote, cluster);
    memory_release(env, &memory, 1);
    if (status == MT_OK)
    {
        longs_out(env, out, (jlong[]){ peer.has_certificate, peer.version }, 2);
        bytes_out(env, node_id, peer.node_id, MT_ID_LENGTH);
        bytes_out(env, public_key, peer.public_key, MT_ED25519_PUBLIC_KEY_LENGTH);
    }

    return status;
}

static const JNINativeMethod methods[] = {
    { "noiseCreate", "([JII[B[B[B)I", create },
    { "noiseState", "(J)I", state },
    { "noiseWriteBound", "(JI)J", write_bound },
    { "noiseWrite", "(JLjava/lang/Object;IILjava/lang/Object;II)I", write },
    { "noiseRead", "(JLjava/lang/Object;IILjava/lang/Object;II)I", read },
    { "noiseRemoteKey", "(J[B)I", remote_key },
    { "noiseHandshakeHash", "(J[B)I", handshake_hash },
    { "noiseDestroy", "(J)V", destroy },
    { "peerPayloadCreate", "([B[B[B[B)I", payload_create },
    { "peerPayloadCheck", "([J[B[B[B[B[B)I", payload_check },
};

const methods_t noise_methods = METHODS(methods);
