// AES-256-GCM (NIST SP 800-38D) for processors that have VAES and VPCLMULQDQ but no AVX-512: two blocks a register, where intel-ipsec-mb
// 1.3 works on one. Sixteen blocks make a step:
//
//      counters    +0 +1 | +2 +3 | .. | +14 +15     eight registers go through the rounds together,
//      hashed      c0 c1 | c2 c3 | .. | c14 c15     and between two rounds one register of ciphertext is multiplied:
//      powers     16  15 | 14 13 | .. |  2   1      c0 by H^16, .. c15 by H^1, added up, and reduced once
//
// What is hashed during a step is, when sealing, the ciphertext of the step before; when opening, its own. Blocks of GHASH are kept with
// their bytes in reverse order and H times x, so that a product needs no shift: Gueron and Kounavis, "Intel carry-less multiplication
// instruction and its usage for computing the GCM mode", 2010; the reduction is by two multiplications with the polynomial.
//
// Rules: thread-safe. Source and destination may be the same memory, never overlap in part. No pointer is kept after a call returns. A
// pointer may be null where its length is 0. Nothing branches on, or is addressed by, a key or a text. Keep the declarations in sync with
// src/Megatorrent.Core/Crypto/VaesGcmKey.cs; MTMB_ABI in megatorrent_ipsecmb.c covers them.

#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define MTGCM_API __attribute__((visibility("default")))
#define MTGCM_CODE __attribute__((target("avx2,aes,vaes,pclmul,vpclmulqdq")))
#define MTGCM_INLINE MTGCM_CODE __attribute__((always_inline)) static inline

enum { BLOCK = 16, STEP_BLOCKS = 16, STEP = STEP_BLOCKS * BLOCK, PAIRS = STEP_BLOCKS / 2, ROUNDS = 14, NONCE = 12, TAG = 16 };

struct key {
    __m256i rounds[ROUNDS + 1]; // each in both halves
    __m128i powers[STEP_BLOCKS + 1]; // H^16 to H^1, then zero for the half of a pair that is not there
    __m128i folded[STEP_BLOCKS + 1]; // high half xor low half, in both halves: for Karatsuba's middle product
};

// A product of 256 bits, not reduced and not yet put together: low, low+middle+high, high.
struct product {
    __m256i low, middle, high;
};

static const uint8_t reverse_bytes[32] __attribute__((aligned(32))) = {
    15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
};

static void wipe(void *memory, size_t length)
{
    memset(memory, 0, length);
    __asm__ __volatile__("" : : "r"(memory) : "memory"); // the memory is read as far as the compiler knows, so the memset stays
}

MTGCM_INLINE __m256i load(const void *from) { return _mm256_loadu_si256((const __m256i *)from); }

MTGCM_INLINE __m256i load_reversed(const void *from)
{
    return _mm256_shuffle_epi8(load(from), _mm256_load_si256((const __m256i *)reverse_bytes));
}

MTGCM_INLINE __m128i reverse(__m128i block) { return _mm_shuffle_epi8(block, _mm_load_si128((const __m128i *)reverse_bytes)); }

MTGCM_INLINE __m128i reduce(__m128i low, __m128i middle, __m128i high)
{
    const __m128i polynomial = _mm_set_epi64x((long long)0xc200000000000000, 1);
    middle = _mm_xor_si128(middle, _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e), _mm_clmulepi64_si128(polynomial, low, 0x01)));
    return _mm_xor_si128(high, _mm_xor_si128(_mm_shuffle_epi32(middle, 0x4e), _mm_clmulepi64_si128(polynomial, middle, 0x01)));
}

MTGCM_INLINE __m128i multiply(__m128i a, __m128i b)
{
    __m128i middle = _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10));
    return reduce(_mm_clmulepi64_si128(a, b, 0x00), middle, _mm_clmulepi64_si128(a, b, 0x11));
}

// Adds two blocks times their powers of H, the first of which is powers[power].
MTGCM_INLINE void add_products(const struct key *key, size_t power, __m256i blocks, struct product *sum)
{
    __m256i factor = load(&key->powers[power]);
    __m256i fold = _mm256_xor_si256(blocks, _mm256_shuffle_epi32(blocks, 0x4e));
    sum->low = _mm256_xor_si256(sum->low, _mm256_clmulepi64_epi128(blocks, factor, 0x00));
    sum->high = _mm256_xor_si256(sum->high, _mm256_clmulepi64_epi128(blocks, factor, 0x11));
    sum->middle = _mm256_xor_si256(sum->middle, _mm256_clmulepi64_epi128(fold, load(&key->folded[power]), 0x00));
}

MTGCM_INLINE __m128i add_halves(__m256i value)
{
    return _mm_xor_si128(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
}

MTGCM_INLINE __m128i reduce_sum(const struct product *sum)
{
    __m256i middle = _mm256_xor_si256(sum->middle, _mm256_xor_si256(sum->low, sum->high));
    return reduce(add_halves(sum->low), add_halves(middle), add_halves(sum->high));
}

MTGCM_INLINE __m128i encrypt_block(const struct key *key, __m128i block)
{
    block = _mm_xor_si128(block, _mm256_castsi256_si128(key->rounds[0]));
    for (int round = 1; round < ROUNDS; round++)
        block = _mm_aesenc_si128(block, _mm256_castsi256_si128(key->rounds[round]));
    return _mm_aesenclast_si128(block, _mm256_castsi256_si128(key->rounds[ROUNDS]));
}

// Encrypts the next sixteen counters, up to the last round, while `hashed` (16 blocks, or null) goes into the hash.
MTGCM_INLINE void step(const struct key *key, __m256i *counters, const uint8_t *hashed, __m128i *hash, __m256i stream[PAIRS])
{
    const __m256i order = _mm256_load_si256((const __m256i *)reverse_bytes), two = _mm256_set_epi32(0, 0, 0, 2, 0, 0, 0, 2);
    __m256i next = *counters;
#pragma GCC unroll 8
    for (int i = 0; i < PAIRS; i++) {
        stream[i] = _mm256_xor_si256(_mm256_shuffle_epi8(next, order), key->rounds[0]);
        next = _mm256_add_epi32(next, two);
    }
    *counters = next;
    struct product sum = { _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256() };
#pragma GCC unroll 13
    for (int round = 1; round < ROUNDS; round++) {
        __m256i round_key = key->rounds[round];
#pragma GCC unroll 8
        for (int i = 0; i < PAIRS; i++)
            stream[i] = _mm256_aesenc_epi128(stream[i], round_key);
        if (hashed != NULL && round <= PAIRS) {
            __m256i blocks = load_reversed(hashed + 2 * BLOCK * (round - 1));
            if (round == 1)
                blocks = _mm256_xor_si256(blocks, _mm256_zextsi128_si256(*hash));
            add_products(key, 2 * (size_t)(round - 1), blocks, &sum);
        }
    }
    if (hashed != NULL)
        *hash = reduce_sum(&sum);
}

MTGCM_INLINE void add_stream(const struct key *key, const __m256i stream[PAIRS], const uint8_t *source, uint8_t *destination)
{
#pragma GCC unroll 8
    for (int i = 0; i < PAIRS; i++) {
        __m256i text = _mm256_xor_si256(load(source + 2 * BLOCK * i), key->rounds[ROUNDS]);
        _mm256_storeu_si256((__m256i *)(destination + 2 * BLOCK * i), _mm256_aesenclast_epi128(stream[i], text));
    }
}

// Takes up to 16 blocks into the hash, the last of them padded with zeros; `from` has room for 16.
MTGCM_CODE static __m128i hash_blocks(const struct key *key, __m128i hash, const uint8_t *from, size_t length)
{
    size_t count = (length + BLOCK - 1) / BLOCK;
    if (count == 0)
        return hash;
    struct product sum = { _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256() };
    for (size_t i = 0; i < count; i += 2) {
        __m256i blocks = load_reversed(from + BLOCK * i);
        if (i == 0)
            blocks = _mm256_xor_si256(blocks, _mm256_zextsi128_si256(hash));
        add_products(key, STEP_BLOCKS - count + i, blocks, &sum);
    }
    return reduce_sum(&sum);
}

// What is left of a message, padded, where a whole step may be read and written.
MTGCM_CODE static __m128i hash_rest(const struct key *key, __m128i hash, const uint8_t *from, size_t length, uint8_t scratch[STEP])
{
    memset(scratch, 0, STEP);
    memcpy(scratch, from, length);
    return hash_blocks(key, hash, scratch, length);
}

MTGCM_CODE static __m128i hash_all(const struct key *key, const uint8_t *from, uint64_t length, uint8_t scratch[STEP])
{
    __m128i hash = _mm_setzero_si128();
    for (; length > STEP; length -= STEP, from += STEP)
        hash = hash_blocks(key, hash, from, STEP);
    return length == 0 ? hash : hash_rest(key, hash, from, length, scratch);
}

MTGCM_CODE static __m128i seal_steps(
    const struct key *key, __m256i *counters, __m128i hash, const uint8_t *source, uint8_t *destination, uint64_t steps)
{
    const uint8_t *hashed = NULL;
    for (; steps != 0; steps--, source += STEP, destination += STEP) {
        __m256i stream[PAIRS];
        if (hashed == NULL)
            step(key, counters, NULL, &hash, stream);
        else
            step(key, counters, hashed, &hash, stream);
        add_stream(key, stream, source, destination);
        hashed = destination;
    }
    return hashed == NULL ? hash : hash_blocks(key, hash, hashed, STEP);
}

MTGCM_CODE static __m128i open_steps(
    const struct key *key, __m256i *counters, __m128i hash, const uint8_t *source, uint8_t *destination, uint64_t steps)
{
    for (; steps != 0; steps--, source += STEP, destination += STEP) {
        __m256i stream[PAIRS];
        step(key, counters, source, &hash, stream);
        add_stream(key, stream, source, destination);
    }
    return hash;
}

// Both directions: `sealing` says whether the hash is over what is written or what is read.
MTGCM_INLINE void crypt(const struct key *key, int sealing, const uint8_t *nonce, const uint8_t *source, uint8_t *destination,
                        uint64_t length, const uint8_t *aad, uint64_t aad_length, uint8_t tag[TAG])
{
    uint8_t scratch[STEP], first[BLOCK] = { 0 };
    memcpy(first, nonce, NONCE);
    first[BLOCK - 1] = 1; // the counter that masks the tag; the text begins with the next
    __m128i one = _mm_loadu_si128((const __m128i *)first);
    __m256i counters = _mm256_broadcastsi128_si256(reverse(one));
    counters = _mm256_add_epi32(counters, _mm256_set_epi32(0, 0, 0, 2, 0, 0, 0, 1));
    __m128i hash = hash_all(key, aad, aad_length, scratch);

    uint64_t whole = length / STEP * STEP, rest = length - whole;
    hash = sealing ? seal_steps(key, &counters, hash, source, destination, whole / STEP)
                   : open_steps(key, &counters, hash, source, destination, whole / STEP);
    if (rest != 0) {
        __m256i stream[PAIRS];
        if (!sealing)
            hash = hash_rest(key, hash, source + whole, rest, scratch);
        else
            memcpy(scratch, source + whole, rest);
        step(key, &counters, NULL, &hash, stream);
        add_stream(key, stream, scratch, scratch);
        memcpy(destination + whole, scratch, rest);
        if (sealing)
            hash = hash_rest(key, hash, destination + whole, rest, scratch);
    }
    __m128i bits = _mm_set_epi64x((long long)(aad_length * 8), (long long)(length * 8));
    hash = multiply(_mm_xor_si128(hash, bits), key->powers[STEP_BLOCKS - 1]);
    _mm_storeu_si128((__m128i *)tag, _mm_xor_si128(reverse(hash), encrypt_block(key, one)));
    wipe(scratch, sizeof scratch);
}

// FIPS 197, the key expansion for 256 bits: each word takes up the one before it.
MTGCM_INLINE __m128i mix_words(__m128i words, __m128i assist)
{
    words = _mm_xor_si128(words, _mm_slli_si128(words, 4));
    words = _mm_xor_si128(words, _mm_slli_si128(words, 8));
    return _mm_xor_si128(words, assist);
}

// The round's constant is not part of the instruction, so that this can be a loop: 2^(round/2 - 1), which stays below 256.
MTGCM_INLINE __m128i even_assist(__m128i odd, int round)
{
    __m128i rotated = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(odd, 0), 0xff);
    return _mm_xor_si128(rotated, _mm_set1_epi32(1 << (round / 2 - 1)));
}

// Whether the processor has the instructions, and the system keeps the registers that they use.
MTGCM_API int mtgcm_supported(void)
{
    unsigned a, b, c, d;
    if (!__builtin_cpu_supports("avx2") || !__get_cpuid(1, &a, &b, &c, &d) || (c & bit_AES) == 0 || (c & bit_PCLMUL) == 0)
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & bit_VAES) != 0 && (c & bit_VPCLMULQDQ) != 0;
}

// Bytes of an expanded key; its memory is aligned to 64 bytes by the caller.
MTGCM_API size_t mtgcm_key_length(void) { return sizeof(struct key); }

MTGCM_API MTGCM_CODE void mtgcm_expand(const uint8_t *from, void *expanded)
{
    struct key *key = expanded;
    __m128i even = _mm_loadu_si128((const __m128i *)from), odd = _mm_loadu_si128((const __m128i *)(from + BLOCK));
    key->rounds[0] = _mm256_broadcastsi128_si256(even);
    key->rounds[1] = _mm256_broadcastsi128_si256(odd);
    for (int round = 2; round < ROUNDS; round += 2) {
        even = mix_words(even, even_assist(odd, round));
        key->rounds[round] = _mm256_broadcastsi128_si256(even);
        odd = mix_words(odd, _mm_shuffle_epi32(_mm_aeskeygenassist_si128(even, 0), 0xaa));
        key->rounds[round + 1] = _mm256_broadcastsi128_si256(odd);
    }
    key->rounds[ROUNDS] = _mm256_broadcastsi128_si256(mix_words(even, even_assist(odd, ROUNDS)));

    // H times x: a shift by one bit, and what falls out comes back as the polynomial.
    __m128i h = reverse(encrypt_block(key, _mm_setzero_si128()));
    __m128i carry = _mm_and_si128(
        _mm_srai_epi32(_mm_shuffle_epi32(h, 0xff), 31), _mm_set_epi64x((long long)0xc200000000000000, 1));
    h = _mm_or_si128(_mm_slli_epi64(h, 1), _mm_slli_si128(_mm_srli_epi64(h, 63), 8));
    h = _mm_xor_si128(h, carry);
    __m128i power = h;
    for (int i = STEP_BLOCKS - 1; i >= 0; i--) {
        key->powers[i] = power;
        key->folded[i] = _mm_xor_si128(power, _mm_shuffle_epi32(power, 0x4e));
        power = multiply(power, h);
    }
    key->powers[STEP_BLOCKS] = key->folded[STEP_BLOCKS] = _mm_setzero_si128();
}

MTGCM_API MTGCM_CODE void mtgcm_seal(const void *expanded, const uint8_t *nonce, const void *source, void *destination, uint64_t length,
                                     const void *aad, uint64_t aad_length, uint8_t *tag)
{
    crypt(expanded, 1, nonce, source, destination, length, aad, aad_length, tag);
}

// 1 when the tag is right; else 0, and what was decrypted is wiped.
MTGCM_API MTGCM_CODE int mtgcm_open(const void *expanded, const uint8_t *nonce, const void *source, void *destination, uint64_t length,
                                    const void *aad, uint64_t aad_length, const uint8_t *tag)
{
    uint8_t computed[TAG];
    crypt(expanded, 0, nonce, source, destination, length, aad, aad_length, computed);
    uint32_t difference = 0; // constant time: every byte is looked at
    for (int i = 0; i < TAG; i++)
        difference |= (uint32_t)(computed[i] ^ tag[i]);
    __asm__ __volatile__("" : "+r"(difference));
    wipe(computed, sizeof computed); // the right tag of a forged message is a secret
    if (difference != 0 && length != 0)
        memset(destination, 0, length);
    return difference == 0;
}

// One message under one key: the expanded key lives on the stack and is wiped.
MTGCM_API MTGCM_CODE void mtgcm_seal_once(const uint8_t *from, const uint8_t *nonce, const void *source, void *destination,
                                          uint64_t length, const void *aad, uint64_t aad_length, uint8_t *tag)
{
    struct key key;
    mtgcm_expand(from, &key);
    mtgcm_seal(&key, nonce, source, destination, length, aad, aad_length, tag);
    wipe(&key, sizeof key);
}

MTGCM_API MTGCM_CODE int mtgcm_open_once(const uint8_t *from, const uint8_t *nonce, const void *source, void *destination,
                                         uint64_t length, const void *aad, uint64_t aad_length, const uint8_t *tag)
{
    struct key key;
    mtgcm_expand(from, &key);
    int result = mtgcm_open(&key, nonce, source, destination, length, aad, aad_length, tag);
    wipe(&key, sizeof key);
    return result;
}
