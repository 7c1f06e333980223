// SHA-256 and SHA-1 (FIPS 180-4) of several messages through the processor's SHA instructions. One message is a chain of dependent
// instructions that leaves their unit idle for most of its time (on a Zen 3 a step takes four cycles, and a step of another message could
// begin in each); three messages side by side fill it as far as sixteen registers go.
//
// Rules: thread-safe; no pointer is kept after a call returns; a message may be null where its length is 0. Keep the declarations in sync
// with src/Megatorrent.Core/Hashing/ShaInstructions.cs; MTMB_ABI in megatorrent_ipsecmb.c covers them.

#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define MTSHA_API __attribute__((visibility("default")))
#define MTSHA_CODE __attribute__((target("sha,sse4.1")))
#define MTSHA_INLINE MTSHA_CODE __attribute__((always_inline)) static inline

enum { LANES = 3, BLOCK = 64, LENGTH_FIELD = 8 };

// A message under way: its whole blocks where they lie, then the one or two that its padding makes.
struct lane {
    __m128i state[2]; // SHA-256: ABEF and CDGH; SHA-1: ABCD, and E in the highest word
    const uint8_t *next;
    uint64_t blocks; // left to hash from next on
    uint64_t tail_blocks;
    uint8_t *digest;
    uint8_t tail[2 * BLOCK];
};

// Hashes `blocks` blocks of each of the first lanes.
typedef void hash_blocks(struct lane *lanes, uint64_t blocks);

struct algorithm {
    hash_blocks *hash[LANES]; // [n-1]: of n lanes
    __m128i initial[2];
    void (*finish)(const struct lane *lane);
    size_t digest_length;
};

static const uint32_t sha256_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

MTSHA_INLINE __m128i load_words(const uint8_t *from, __m128i order)
{
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)from), order);
}

// Sixteen groups of four rounds. w[g & 3] holds the message words of group g; the three behind it are on their way to groups g+1 to g+3.
MTSHA_INLINE void sha256_blocks(int lanes, struct lane *lane, uint64_t blocks)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i abef[LANES], cdgh[LANES], w[LANES][4];
    for (int i = 0; i < lanes; i++) {
        abef[i] = lane[i].state[0];
        cdgh[i] = lane[i].state[1];
    }
    for (uint64_t offset = 0; offset != blocks * BLOCK; offset += BLOCK) {
        __m128i abef_before[LANES], cdgh_before[LANES];
#pragma GCC unroll 3
        for (int i = 0; i < lanes; i++) {
            abef_before[i] = abef[i];
            cdgh_before[i] = cdgh[i];
        }
#pragma GCC unroll 16
        for (int g = 0; g < 16; g++) {
            const __m128i constants = _mm_load_si128((const __m128i *)(sha256_constants + 4 * g));
#pragma GCC unroll 3
            for (int i = 0; i < lanes; i++) {
                __m128i *now = &w[i][g & 3], *before = &w[i][(g + 3) & 3], *after = &w[i][(g + 1) & 3];
                if (g < 4)
                    *now = load_words(lane[i].next + offset + 16 * g, order);
                __m128i sum = _mm_add_epi32(*now, constants);
                cdgh[i] = _mm_sha256rnds2_epu32(cdgh[i], abef[i], sum);
                if (g >= 3 && g < 15)
                    *after = _mm_sha256msg2_epu32(_mm_add_epi32(*after, _mm_alignr_epi8(*now, *before, 4)), *now);
                abef[i] = _mm_sha256rnds2_epu32(abef[i], cdgh[i], _mm_shuffle_epi32(sum, 0x0e));
                if (g >= 1 && g < 13)
                    *before = _mm_sha256msg1_epu32(*before, *now);
            }
        }
#pragma GCC unroll 3
        for (int i = 0; i < lanes; i++) {
            abef[i] = _mm_add_epi32(abef[i], abef_before[i]);
            cdgh[i] = _mm_add_epi32(cdgh[i], cdgh_before[i]);
        }
    }
    for (int i = 0; i < lanes; i++) {
        lane[i].state[0] = abef[i];
        lane[i].state[1] = cdgh[i];
        lane[i].next += blocks * BLOCK;
    }
}

MTSHA_CODE static void sha256_one(struct lane *lanes, uint64_t blocks) { sha256_blocks(1, lanes, blocks); }

MTSHA_CODE static void sha256_two(struct lane *lanes, uint64_t blocks) { sha256_blocks(2, lanes, blocks); }

MTSHA_CODE static void sha256_three(struct lane *lanes, uint64_t blocks) { sha256_blocks(3, lanes, blocks); }

MTSHA_CODE static void sha256_finish(const struct lane *lane)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i feba = _mm_shuffle_epi32(lane->state[0], 0x1b), dchg = _mm_shuffle_epi32(lane->state[1], 0xb1);
    __m128i dcba = _mm_blend_epi16(feba, dchg, 0xf0), hgfe = _mm_alignr_epi8(dchg, feba, 8);
    _mm_storeu_si128((__m128i *)lane->digest, _mm_shuffle_epi8(dcba, order));
    _mm_storeu_si128((__m128i *)(lane->digest + 16), _mm_shuffle_epi8(hgfe, order));
}

MTSHA_INLINE __m128i sha1_rounds(__m128i abcd, __m128i e, int g)
{
    switch (g / 5) { // the function of the rounds is part of the instruction
    case 0: return _mm_sha1rnds4_epu32(abcd, e, 0);
    case 1: return _mm_sha1rnds4_epu32(abcd, e, 1);
    case 2: return _mm_sha1rnds4_epu32(abcd, e, 2);
    default: return _mm_sha1rnds4_epu32(abcd, e, 3);
    }
}

// Twenty groups of four rounds; w as above.
MTSHA_INLINE void sha1_blocks(int lanes, struct lane *lane, uint64_t blocks)
{
    const __m128i order = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    __m128i abcd[LANES], e[LANES], w[LANES][4];
    for (int i = 0; i < lanes; i++) {
        abcd[i] = lane[i].state[0];
        e[i] = lane[i].state[1];
    }
    for (uint64_t offset = 0; offset != blocks * BLOCK; offset += BLOCK) {
        __m128i abcd_before[LANES], e_before[LANES];
#pragma GCC unroll 3
        for (int i = 0; i < lanes; i++) {
            abcd_before[i] = abcd[i];
            e_before[i] = e[i];
        }
#pragma GCC unroll 20
        for (int g = 0; g < 20; g++) {
#pragma GCC unroll 3
            for (int i = 0; i < lanes; i++) {
                __m128i *now = &w[i][g & 3];
                if (g < 4)
                    *now = load_words(lane[i].next + offset + 16 * g, order);
                __m128i sum = g == 0 ? _mm_add_epi32(e[i], *now) : _mm_sha1nexte_epu32(e[i], *now);
                e[i] = abcd[i];
                if (g >= 3 && g < 19)
                    w[i][(g + 1) & 3] = _mm_sha1msg2_epu32(w[i][(g + 1) & 3], *now);
                abcd[i] = sha1_rounds(abcd[i], sum, g);
                if (g >= 1 && g < 17)
                    w[i][(g + 3) & 3] = _mm_sha1msg1_epu32(w[i][(g + 3) & 3], *now);
                if (g >= 2 && g < 18)
                    w[i][(g + 2) & 3] = _mm_xor_si128(w[i][(g + 2) & 3], *now);
            }
        }
#pragma GCC unroll 3
        for (int i = 0; i < lanes; i++) {
            e[i] = _mm_sha1nexte_epu32(e[i], e_before[i]);
            abcd[i] = _mm_add_epi32(abcd[i], abcd_before[i]);
        }
    }
    for (int i = 0; i < lanes; i++) {
        lane[i].state[0] = abcd[i];
        lane[i].state[1] = e[i];
        lane[i].next += blocks * BLOCK;
    }
}

MTSHA_CODE static void sha1_one(struct lane *lanes, uint64_t blocks) { sha1_blocks(1, lanes, blocks); }

MTSHA_CODE static void sha1_two(struct lane *lanes, uint64_t blocks) { sha1_blocks(2, lanes, blocks); }

MTSHA_CODE static void sha1_three(struct lane *lanes, uint64_t blocks) { sha1_blocks(3, lanes, blocks); }

MTSHA_CODE static void sha1_finish(const struct lane *lane)
{
    const __m128i order = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    _mm_storeu_si128((__m128i *)lane->digest, _mm_shuffle_epi8(lane->state[0], order));
    uint32_t last = __builtin_bswap32((uint32_t)_mm_extract_epi32(lane->state[1], 3));
    memcpy(lane->digest + 16, &last, sizeof last);
}

static void begin(const struct algorithm *algorithm, struct lane *lane, const uint8_t *message, uint64_t length, uint8_t *digest)
{
    uint64_t whole = length / BLOCK, rest = length % BLOCK, bits = __builtin_bswap64(length * 8);
    lane->state[0] = algorithm->initial[0];
    lane->state[1] = algorithm->initial[1];
    lane->next = message;
    lane->blocks = whole;
    lane->tail_blocks = rest + 1 + LENGTH_FIELD <= BLOCK ? 1 : 2;
    lane->digest = digest;
    memset(lane->tail, 0, sizeof lane->tail);
    if (rest != 0)
        memcpy(lane->tail, message + whole * BLOCK, rest);
    lane->tail[rest] = 0x80;
    memcpy(lane->tail + lane->tail_blocks * BLOCK - LENGTH_FIELD, &bits, LENGTH_FIELD);
}

// Whether there is more of the message; its whole blocks are done when lane->blocks is 0.
static int go_on(struct lane *lane)
{
    if (lane->blocks == 0 && lane->tail_blocks != 0) {
        lane->next = lane->tail;
        lane->blocks = lane->tail_blocks;
        lane->tail_blocks = 0;
    }
    return lane->blocks != 0;
}

static void hash_many(
    const struct algorithm *algorithm, const void *const *messages, const uint64_t *lengths, size_t count, uint8_t *digests)
{
    struct lane lanes[LANES];
    size_t begun = 0, active = 0;
    for (;;) {
        for (; active < LANES && begun < count; begun++, active++) {
            begin(algorithm, &lanes[active], messages[begun], lengths[begun], digests + begun * algorithm->digest_length);
            go_on(&lanes[active]);
        }
        if (active == 0)
            return;
        uint64_t blocks = lanes[0].blocks;
        for (size_t i = 1; i < active; i++)
            blocks = lanes[i].blocks < blocks ? lanes[i].blocks : blocks;
        algorithm->hash[active - 1](lanes, blocks);
        for (size_t i = active; i-- > 0;) {
            lanes[i].blocks -= blocks;
            if (go_on(&lanes[i]))
                continue;
            algorithm->finish(&lanes[i]);
            active--;
            if (i != active) {
                // A lane that moves takes its tail along, and points into the copy.
                size_t into_tail = (size_t)((uintptr_t)lanes[active].next - (uintptr_t)lanes[active].tail);
                lanes[i] = lanes[active];
                if (into_tail < sizeof lanes[i].tail)
                    lanes[i].next = lanes[i].tail + into_tail;
            }
        }
    }
}

// Whether the processor has the instructions. The system needs to do nothing for them beyond what every x86-64 system does.
MTSHA_API int mtsha_supported(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0)
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

// 32 bytes a message into `digests`, in order.
MTSHA_API void mtsha_sha256_many(const void *const *messages, const uint64_t *lengths, size_t count, uint8_t *digests)
{
    const struct algorithm sha256 = {
        .hash = { sha256_one, sha256_two, sha256_three },
        .initial = { _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
                     _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19) },
        .finish = sha256_finish,
        .digest_length = 32,
    };
    hash_many(&sha256, messages, lengths, count, digests);
}

// 20 bytes a message into `digests`, in order.
MTSHA_API void mtsha_sha1_many(const void *const *messages, const uint64_t *lengths, size_t count, uint8_t *digests)
{
    const struct algorithm sha1 = {
        .hash = { sha1_one, sha1_two, sha1_three },
        .initial = { _mm_set_epi32(0x67452301, (int)0xefcdab89, (int)0x98badcfe, 0x10325476), _mm_set_epi32((int)0xc3d2e1f0, 0, 0, 0) },
        .finish = sha1_finish,
        .digest_length = 20,
    };
    hash_many(&sha1, messages, lengths, count, digests);
}
