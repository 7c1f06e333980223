// What a user would pick instead of our kernels, the way its documentation says to use it: the erasure code of ISA-L, the cipher and the
// hash of OpenSSL. The benchmark calls it in its own process, so that both sides work on the same memory in turn. Not thread-safe.
//
// Keep the declarations in sync with bench/Megatorrent.Bench/Kernels/PeerLibrary.cs.

#include <isa-l.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PEER_API __attribute__((visibility("default")))

enum { TABLE = 32, KEY = 32, NONCE = 12, TAG = 16, HASH = 32, HEADER = 16 };

static const uint8_t zero_nonce[NONCE];

struct code {
    int inputs, outputs;
    uint8_t *tables;
};

static struct code *code_of(int inputs, int outputs, uint8_t *coefficients)
{
    struct code *code = malloc(sizeof *code);
    if (code == NULL)
        return NULL;
    *code = (struct code){ inputs, outputs, malloc((size_t)TABLE * inputs * outputs) };
    if (code->tables == NULL) {
        free(code);
        return NULL;
    }
    ec_init_tables(inputs, outputs, coefficients, code->tables);
    return code;
}

// The encoder of k+m with ISA-L's Cauchy matrix; null without memory.
PEER_API struct code *peer_encoder(int k, int m)
{
    uint8_t matrix[255 * 255];
    gf_gen_cauchy1_matrix(matrix, k + m, k);
    return code_of(k, m, matrix + k * k);
}

// What makes the `lost_count` shards `lost` (ascending) out of the first k others: rows of the inverse for data; for parity, its row of the
// matrix times the inverse. Null without memory or when too many are lost.
PEER_API struct code *peer_decoder(int k, int m, const uint8_t *lost, int lost_count)
{
    uint8_t matrix[255 * 255], survivors[255 * 255], inverse[255 * 255], rows[255 * 255];
    if (lost_count > m)
        return NULL;
    gf_gen_cauchy1_matrix(matrix, k + m, k);
    for (int shard = 0, row = 0, gone = 0; row < k; shard++) {
        if (gone < lost_count && lost[gone] == shard)
            gone++;
        else
            memcpy(survivors + k * row++, matrix + k * shard, (size_t)k);
    }
    if (gf_invert_matrix(survivors, inverse, k) != 0)
        return NULL;
    for (int i = 0; i < lost_count; i++) {
        for (int column = 0; column < k; column++) {
            uint8_t sum = 0;
            for (int j = 0; j < k; j++)
                sum ^= gf_mul(matrix[k * lost[i] + j], inverse[k * j + column]);
            rows[k * i + column] = sum;
        }
    }
    return code_of(k, lost_count, rows);
}

PEER_API void peer_code(const struct code *code, int length, uint8_t **inputs, uint8_t **outputs)
{
    ec_encode_data(length, code->inputs, code->outputs, code->tables, inputs, outputs);
}

PEER_API void peer_code_free(struct code *code)
{
    free(code->tables);
    free(code);
}

// A context that knows its cipher, so that a message sets a key and a nonce or, with a null key, a nonce alone.
PEER_API EVP_CIPHER_CTX *peer_cipher(void)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context != NULL && EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, NULL, NULL, 1) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

PEER_API int peer_seal(EVP_CIPHER_CTX *context, const uint8_t *key, const uint8_t *source, uint8_t *destination, int length,
                       const uint8_t *aad, int aad_length, uint8_t *tag)
{
    int written;
    return EVP_EncryptInit_ex(context, NULL, NULL, key, zero_nonce) == 1
        && EVP_EncryptUpdate(context, NULL, &written, aad, aad_length) == 1
        && EVP_EncryptUpdate(context, destination, &written, source, length) == 1
        && EVP_EncryptFinal_ex(context, destination + written, &written) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, tag) == 1;
}

PEER_API int peer_open(EVP_CIPHER_CTX *context, const uint8_t *key, const uint8_t *source, uint8_t *destination, int length,
                       const uint8_t *aad, int aad_length, uint8_t *tag)
{
    int written;
    return EVP_DecryptInit_ex(context, NULL, NULL, key, zero_nonce) == 1
        && EVP_DecryptUpdate(context, NULL, &written, aad, aad_length) == 1
        && EVP_DecryptUpdate(context, destination, &written, source, length) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1
        && EVP_DecryptFinal_ex(context, destination + written, &written) == 1;
}

PEER_API void peer_cipher_free(EVP_CIPHER_CTX *context) { EVP_CIPHER_CTX_free(context); }

PEER_API EVP_MD_CTX *peer_hash(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

PEER_API int peer_sha256(EVP_MD_CTX *context, const uint8_t *message, size_t length, uint8_t *digest)
{
    return EVP_DigestInit_ex(context, NULL, NULL) == 1 && EVP_DigestUpdate(context, message, length) == 1
        && EVP_DigestFinal_ex(context, digest, NULL) == 1;
}

PEER_API void peer_hash_free(EVP_MD_CTX *context) { EVP_MD_CTX_free(context); }

// A stripe of a put: each chunk sealed behind its header and named while it is still in cache, then the parity made and named.
// `keys` (32 bytes a chunk) are taken, or with null made. blobs: k+m of header, chunk and tag; ids: 32 bytes each.
PEER_API int peer_put_stripe(const struct code *encoder, EVP_CIPHER_CTX *cipher, EVP_MD_CTX *hash, const uint8_t *header,
                             const uint8_t *keys, uint8_t **chunks, int chunk_length, uint8_t **blobs, uint8_t *ids)
{
    int blob_length = HEADER + chunk_length + TAG;
    for (int i = 0; i < encoder->inputs; i++) {
        uint8_t made[KEY];
        if (keys == NULL && RAND_bytes(made, KEY) != 1)
            return 0;
        memcpy(blobs[i], header, HEADER);
        if (!peer_seal(cipher, keys != NULL ? keys + KEY * i : made, chunks[i], blobs[i] + HEADER, chunk_length, header, HEADER,
                       blobs[i] + HEADER + chunk_length)
            || !peer_sha256(hash, blobs[i], (size_t)blob_length, ids + HASH * i))
            return 0;
    }
    peer_code(encoder, blob_length, blobs, blobs + encoder->inputs);
    for (int i = encoder->inputs; i < encoder->inputs + encoder->outputs; i++) {
        if (!peer_sha256(hash, blobs[i], (size_t)blob_length, ids + HASH * i))
            return 0;
    }
    return 1;
}
