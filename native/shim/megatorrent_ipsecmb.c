// The part of intel-ipsec-mb that Megatorrent uses, behind functions with a fixed signature. The library's manager is a structure of
// function pointers whose layout changes from version to version, so only C compiled against the installed header may look into it.
//
// Rules: a manager belongs to one thread. Source and destination may be the same memory, never overlap in part. No pointer is kept after a
// call returns. A pointer may be null where its length is 0. Keep the declarations in sync with src/Megatorrent.Core/Crypto/IpsecMb.cs and
// raise MTMB_ABI whenever one changes, here or in the other sources of this folder.

#include <intel-ipsec-mb.h>
#include <stdint.h>
#include <string.h>

#define MTMB_ABI 2u
#define MTMB_API __attribute__((visibility("default")))

enum { MTMB_TAG_LENGTH = 16 };
enum { MTMB_WRONG_TAG = 0, MTMB_DONE = 1, MTMB_FAILED = -1 };

static const uint8_t mtmb_nothing[16];

// The library refuses null pointers even for nothing, and says so only in a variable that all threads share.
static const void *mtmb_some(const void *pointer) { return pointer != NULL ? pointer : mtmb_nothing; }

static void mtmb_wipe(void *memory, size_t length)
{
    memset(memory, 0, length);
    __asm__ __volatile__("" : : "r"(memory) : "memory"); // the memory is read as far as the compiler knows, so the memset stays
}

// Constant time: every byte is looked at, and nothing branches on what it is.
static int mtmb_tag_matches(const uint8_t *left, const uint8_t *right)
{
    uint32_t difference = 0;
    for (int i = 0; i < MTMB_TAG_LENGTH; i++)
        difference |= (uint32_t)(left[i] ^ right[i]);
    __asm__ __volatile__("" : "+r"(difference));
    return (int)((difference - 1) >> 31); // 1 when there is no difference
}

// Turns "computed tag, expected tag" into the result of an open; what was decrypted is wiped when they differ.
static int mtmb_judge(uint8_t *computed, const uint8_t *expected, void *plaintext, uint64_t length)
{
    int result = mtmb_tag_matches(computed, expected) ? MTMB_DONE : MTMB_WRONG_TAG;
    mtmb_wipe(computed, MTMB_TAG_LENGTH); // the right tag of a forged message is a secret
    if (result != MTMB_DONE && length != 0)
        mtmb_wipe(plaintext, length);
    return result;
}

MTMB_API uint32_t mtmb_abi(void) { return MTMB_ABI; }

MTMB_API const char *mtmb_version(void) { return imb_get_version_str(); }

// A manager for the widest instruction set that the processor has. Null when there is no memory, when the processor lacks what the library
// needs (at least SSE4.2, AES and PCLMUL), or when the library's self-test fails.
MTMB_API void *mtmb_create(void)
{
    IMB_MGR *manager = alloc_mb_mgr(0);
    if (manager == NULL)
        return NULL;
    init_mb_mgr_auto(manager, NULL);
    int usable = imb_get_errno(manager) == 0 && manager->used_arch >= IMB_ARCH_SSE;
#ifdef IMB_FEATURE_SELF_TEST
    if ((manager->features & IMB_FEATURE_SELF_TEST) != 0 && (manager->features & IMB_FEATURE_SELF_TEST_PASS) == 0)
        usable = 0;
#endif
    if (!usable) {
        free_mb_mgr(manager);
        return NULL;
    }
    return manager;
}

MTMB_API void mtmb_destroy(void *manager)
{
    if (manager != NULL)
        free_mb_mgr(manager);
}

MTMB_API const char *mtmb_arch(const void *manager)
{
    switch (((const IMB_MGR *)manager)->used_arch) {
    case IMB_ARCH_SSE: return "sse";
    case IMB_ARCH_AVX: return "avx";
    case IMB_ARCH_AVX2: return "avx2";
    case IMB_ARCH_AVX512: return "avx512";
    default: return "other";
    }
}

// Bytes of an expanded AES-256-GCM key; its memory is aligned to 64 bytes by the caller.
MTMB_API size_t mtmb_gcm_key_length(void) { return sizeof(struct gcm_key_data); }

MTMB_API void mtmb_gcm_expand(void *manager, const uint8_t *key, void *expanded)
{
    IMB_AES256_GCM_PRE((IMB_MGR *)manager, key, (struct gcm_key_data *)expanded);
}

MTMB_API void mtmb_gcm_seal(void *manager, const void *expanded, const uint8_t *nonce, const void *source,
                            void *destination, uint64_t length, const void *aad, uint64_t aad_length, uint8_t *tag)
{
    struct gcm_context_data context;
    IMB_AES256_GCM_ENC((IMB_MGR *)manager, (const struct gcm_key_data *)expanded, &context, (uint8_t *)mtmb_some(destination),
                       mtmb_some(source), length, nonce, mtmb_some(aad), aad_length, tag, MTMB_TAG_LENGTH);
    mtmb_wipe(&context, sizeof context);
}

MTMB_API int mtmb_gcm_open(void *manager, const void *expanded, const uint8_t *nonce, const void *source,
                           void *destination, uint64_t length, const void *aad, uint64_t aad_length, const uint8_t *tag)
{
    struct gcm_context_data context;
    uint8_t computed[MTMB_TAG_LENGTH] = { 0 };
    IMB_AES256_GCM_DEC((IMB_MGR *)manager, (const struct gcm_key_data *)expanded, &context, (uint8_t *)mtmb_some(destination),
                       mtmb_some(source), length, nonce, mtmb_some(aad), aad_length, computed, MTMB_TAG_LENGTH);
    mtmb_wipe(&context, sizeof context);
    return mtmb_judge(computed, tag, destination, length);
}

// One message under one key: the expanded key lives on the stack and is wiped.
MTMB_API void mtmb_gcm_seal_once(void *manager, const uint8_t *key, const uint8_t *nonce, const void *source,
                                 void *destination, uint64_t length, const void *aad, uint64_t aad_length, uint8_t *tag)
{
    struct gcm_key_data expanded __attribute__((aligned(64)));
    mtmb_gcm_expand(manager, key, &expanded);
    mtmb_gcm_seal(manager, &expanded, nonce, source, destination, length, aad, aad_length, tag);
    mtmb_wipe(&expanded, sizeof expanded);
}

MTMB_API int mtmb_gcm_open_once(void *manager, const uint8_t *key, const uint8_t *nonce, const void *source,
                                void *destination, uint64_t length, const void *aad, uint64_t aad_length,
                                const uint8_t *tag)
{
    struct gcm_key_data expanded __attribute__((aligned(64)));
    mtmb_gcm_expand(manager, key, &expanded);
    int result = mtmb_gcm_open(manager, &expanded, nonce, source, destination, length, aad, aad_length, tag);
    mtmb_wipe(&expanded, sizeof expanded);
    return result;
}

// ChaCha20-Poly1305 goes through the job interface, whose one-message path is the library's fastest. The library reads past the 32 bytes of
// the key (1.3.0), so it is given room of ours: a caller's may end where its memory does.
static int mtmb_chacha(IMB_MGR *manager, IMB_CIPHER_DIRECTION direction, const uint8_t *key, const uint8_t *nonce, const void *source,
                       void *destination, uint64_t length, const void *aad, uint64_t aad_length, uint8_t *tag)
{
    uint8_t key_room[64] = { 0 };
    memcpy(key_room, key, 32);
    IMB_JOB *job = IMB_GET_NEXT_JOB(manager);
    memset(job, 0, sizeof *job);
    job->cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
    job->hash_alg = IMB_AUTH_CHACHA20_POLY1305;
    job->cipher_direction = direction;
    job->chain_order = direction == IMB_DIR_ENCRYPT ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
    job->enc_keys = key_room;
    job->dec_keys = key_room;
    job->key_len_in_bytes = 32;
    job->iv = nonce;
    job->iv_len_in_bytes = 12;
    job->src = mtmb_some(source);
    job->dst = (uint8_t *)mtmb_some(destination);
    job->msg_len_to_cipher_in_bytes = length;
    job->msg_len_to_hash_in_bytes = length;
    job->u.CHACHA20_POLY1305.aad = mtmb_some(aad);
    job->u.CHACHA20_POLY1305.aad_len_in_bytes = aad_length;
    job->auth_tag_output = tag;
    job->auth_tag_output_len_in_bytes = MTMB_TAG_LENGTH;
    job = IMB_SUBMIT_JOB(manager);
    if (job == NULL)
        job = IMB_FLUSH_JOB(manager);
    int result = job != NULL && job->status == IMB_STATUS_COMPLETED ? MTMB_DONE : MTMB_FAILED;
    mtmb_wipe(key_room, sizeof key_room);
    return result;
}

MTMB_API int mtmb_chacha_seal(void *manager, const uint8_t *key, const uint8_t *nonce, const void *source,
                              void *destination, uint64_t length, const void *aad, uint64_t aad_length, uint8_t *tag)
{
    return mtmb_chacha((IMB_MGR *)manager, IMB_DIR_ENCRYPT, key, nonce, source, destination, length, aad, aad_length, tag);
}

MTMB_API int mtmb_chacha_open(void *manager, const uint8_t *key, const uint8_t *nonce, const void *source,
                              void *destination, uint64_t length, const void *aad, uint64_t aad_length,
                              const uint8_t *tag)
{
    uint8_t computed[MTMB_TAG_LENGTH] = { 0 };
    int result = mtmb_chacha((IMB_MGR *)manager, IMB_DIR_DECRYPT, key, nonce, source, destination, length, aad, aad_length, computed);
    if (result != MTMB_DONE) {
        if (length != 0)
            mtmb_wipe(destination, length);
        return result;
    }
    return mtmb_judge(computed, tag, destination, length);
}

// SHA-256 of `count` messages side by side; 32 bytes each into `digests`, in order. The lanes are filled again as messages of unequal
// length end. The checking form of submit refuses more than 64 KiB although the code behind it takes any length (1.3.0), hence NOCHECK; the
// caller compares the first result with another implementation before it trusts the library at hand.
MTMB_API int mtmb_sha256_many(void *manager, const void *const *messages, const uint64_t *lengths, size_t count, uint8_t *digests)
{
    IMB_MGR *mgr = (IMB_MGR *)manager;
    int result = MTMB_DONE;
    for (size_t i = 0; i < count; i++) {
        IMB_JOB *job = IMB_GET_NEXT_JOB(mgr);
        memset(job, 0, sizeof *job);
        job->cipher_mode = IMB_CIPHER_NULL;
        job->hash_alg = IMB_AUTH_SHA_256;
        job->cipher_direction = IMB_DIR_ENCRYPT;
        job->chain_order = IMB_ORDER_HASH_CIPHER;
        job->src = mtmb_some(messages[i]);
        job->msg_len_to_hash_in_bytes = lengths[i];
        job->auth_tag_output = digests + i * IMB_SHA256_DIGEST_SIZE_IN_BYTES;
        job->auth_tag_output_len_in_bytes = IMB_SHA256_DIGEST_SIZE_IN_BYTES;
        for (job = IMB_SUBMIT_JOB_NOCHECK(mgr); job != NULL; job = IMB_GET_COMPLETED_JOB(mgr)) {
            if (job->status != IMB_STATUS_COMPLETED)
                result = MTMB_FAILED;
        }
    }
    for (IMB_JOB *job = IMB_FLUSH_JOB(mgr); job != NULL; job = IMB_FLUSH_JOB(mgr)) {
        if (job->status != IMB_STATUS_COMPLETED)
            result = MTMB_FAILED;
    }
    return result;
}
