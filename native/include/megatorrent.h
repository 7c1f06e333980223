/*
 * megatorrent.h - the C interface of libmegatorrent
 *
 * Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
 *
 *
 * INTRODUCTION
 *
 * This library puts files into a Megatorrent cluster and gets them back: encrypted before they leave the program, and spread over
 * nodes so that some of those may lie, die or lose their disks. It needs the C library of the system and, loaded at run time, OpenSSL 3
 * (libssl.so.3); link with -lmegatorrent. The shortest useful program, when `megatorrent cluster up` or `megatorrent join` has been
 * run before:
 *
 *      mt_client_t *client;
 *      char capability[MT_CAPABILITY_CAPACITY];
 *      size_t length;
 *      mt_client_open(&client, NULL, NULL);
 *      mt_client_put_file(client, capability, sizeof capability, &length, "photo.jpg", NULL);
 *      mt_client_get_file(client, "copy.jpg", capability, NULL);
 *      mt_client_close(client);
 *
 * The parts, simple things first:
 *
 *      1  Versions                  which library is this
 *      2  Status and errors         how a call fails, and how to learn why
 *      3  Hashes                    SHA-256, Merkle trees of BEP 52, CID texts
 *      4  Reed-Solomon              k data shards, m parity shards, any m may be lost
 *      5  Blobs                     compress and seal a chunk, and back
 *      6  Keys and signatures       Ed25519 and X25519
 *      7  Bencode                   canonical documents: read and write
 *      8  Capabilities, manifests   what names an object, and what it consists of
 *      9  Noise                     secure sessions without sockets
 *     10  Wire messages             what nodes say to each other
 *     11  Client                    put, get, read, verify, repair
 *     12  Objects and streams       read at any place; write and read what is longer than memory
 *     13  Operations                the same without waiting: progress, cancel, and a completion for an event loop
 *     14  Log and processor         what the library has to say, and which kernels it runs
 *
 * native/ABI.md says more about lifetimes, threads and what is stable.
 *
 *
 * RULES THAT HOLD EVERYWHERE
 *
 *  Names       Every function is mt_*, every type mt_*_t, every macro MT_*. Names that end in _index, _count and _length are three
 *              different things: a position, a number of things, a number of bytes.
 *  Order       Handle, output, capacity, length of the output, input, length, options.
 *  Failure     A function that can fail returns mt_status_t: 0 (MT_OK) or a negative code. Nothing is thrown, and nothing is
 *              printed. After a failure outputs are as they were before the call, unless a function says otherwise; the handles that parts
 *              11 to 13 store in *out are NULL then.
 *  Pointers    NULL where something is needed is MT_ERROR_NULL_POINTER. Any other pointer is believed: it must point to as many
 *              bytes as the function says. No alignment is needed. Inputs are never written to.
 *  Overlap     An output must not overlap another output or an input, unless the function says that it may; where it does,
 *              MT_ERROR_OVERLAP. Only memory that the caller gives a length for is looked at, not a pointer to a single number.
 *  Outputs     An output of variable size has a capacity and a length. If the capacity is too small, nothing is written, the length
 *              that is needed is stored in *length, and MT_ERROR_BUFFER_TOO_SMALL comes back; so a call with NULL and 0 asks for the
 *              length. Where the length is known beforehand a function *_bound or a constant gives it.
 *  Texts       Input: UTF-8 that ends with NUL, at most MT_TEXT_LENGTH_MAX bytes; anything else is MT_ERROR_INVALID_ARGUMENT. Output:
 *              the same; the capacity counts the NUL, the length does not, so a capacity of length + 1 is needed.
 *  Handles     Opaque values, not addresses. A handle that was destroyed, that is of another kind, or that never came from this
 *              library gives MT_ERROR_INVALID_HANDLE. Every create has one destroy; destroying NULL does nothing.
 *  Memory      What the library allocates it frees itself. It never keeps a pointer of yours after a call has returned; only an
 *              operation (part 13) uses what it was given until it is complete.
 *  Secrets     Keys and plaintext that pass through the library are zeroed after use where the library holds a copy of a key.
 *  Threads     Every function may be called from any thread at any time, with the same handle too. Destroying a handle that another
 *              thread is using is safe: the other call completes, or ends with MT_ERROR_CANCELED if it waits for the network.
 *  Callbacks   Are called on a thread of the library, or on the caller's while it waits. They must not throw, and must not block for
 *              long. Every function may be called inside one, except where it says otherwise.
 *  Structs     Every struct begins with struct_size: set it to the sizeof of the struct before the call, also where the library fills
 *              it in, and every other member that you do not use to 0. A pointer to an options struct may be NULL: the defaults.
 *              Of a struct that it fills in the library writes at most struct_size bytes; members that it does not know become 0.
 *              So a program that was compiled with an older header goes on working.
 *  Processor   On x86-64 the library needs AVX2, BMI1, BMI2, FMA, LZCNT and MOVBE (x86-64-v3: Intel since 2013, AMD since
 *              2015). On a lesser one the process ends at the first call with a message on standard error. A second build for
 *              AVX-512 lies in glibc-hwcaps/x86-64-v4 below the library's folder, where the loader of glibc picks it by itself.
 *  Fork        Do not call the library in a child of fork() that has not called exec(), if the parent has used it.
 */
#ifndef MEGATORRENT_H
#define MEGATORRENT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
#define MT_NOEXCEPT noexcept
extern "C" {
#else
#define MT_NOEXCEPT
#endif

/* Since C++17 the compiler refuses a callback that may throw. */
#if defined(__cplusplus) && __cplusplus >= 201703L
#define MT_CALLBACK_NOEXCEPT noexcept
#else
#define MT_CALLBACK_NOEXCEPT
#endif

#if defined(_WIN32)
#define MT_API __declspec(dllimport)
#else
#define MT_API
#endif


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 1  Versions
 * ------------------------------------------------------------------------------------------------------------------------------ */

/*
 * The version of this interface: the major part rises with a change that breaks compiled programs, the minor part with an addition.
 * A program works with a library of the same major part and the same or a later minor part:
 *
 *      if (mt_abi_version() >> 16 != MT_ABI_VERSION_MAJOR || mt_abi_version() < MT_ABI_VERSION)
 *          ... the library is not the one this program was compiled for
 */
#define MT_ABI_VERSION_MAJOR 0u
#define MT_ABI_VERSION_MINOR 2u
#define MT_ABI_VERSION ((MT_ABI_VERSION_MAJOR << 16) | MT_ABI_VERSION_MINOR)

/* The MT_ABI_VERSION that the library was built with. */
MT_API uint32_t mt_abi_version(void) MT_NOEXCEPT;

/* The version of the product, for people. */
#define MT_VERSION_STRING "0.1.0"

/* The version of the library, like MT_VERSION_STRING: ASCII, ends with NUL, valid until the process ends. */
MT_API const char *mt_version_string(void) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 2  Status and errors
 * ------------------------------------------------------------------------------------------------------------------------------ */

/*
 * MT_OK or one of MT_ERROR_*. A value is never given another meaning; a later library may return values that are not listed here.
 */
typedef int32_t mt_status_t;

#define MT_OK 0 /* done */

/* The call cannot be carried out as it was made: -1 to -19. */
#define MT_ERROR_INVALID_ARGUMENT (-1) /* a value that cannot be used; the detail names the limit */
#define MT_ERROR_NULL_POINTER (-2)     /* NULL where something is needed */
#define MT_ERROR_INVALID_HANDLE (-3)   /* destroyed, of another kind, or never from this library */
#define MT_ERROR_LENGTH (-4)           /* a length that no object in memory can have */
#define MT_ERROR_STRUCT_SIZE (-5)      /* struct_size is not the size of any version of the struct */
#define MT_ERROR_UNSUPPORTED (-6)      /* well-formed, but a version, kind or option that this library does not know */
#define MT_ERROR_BUFFER_TOO_SMALL (-7) /* the output does not fit; the length that is needed was stored */
#define MT_ERROR_OVERLAP (-8)          /* an output overlaps another output or an input */
#define MT_ERROR_STATE (-9)            /* not now: the handle is in another state; the detail says which */

/* The bytes are not what they should be: -20 to -39. */
#define MT_ERROR_MALFORMED (-20)         /* they break their format */
#define MT_ERROR_INTEGRITY (-21)         /* they are not what their hash, checksum or tag says */
#define MT_ERROR_NOT_ENOUGH_SHARDS (-22) /* fewer than k of a stripe are there */
#define MT_ERROR_NOT_FOUND (-23)         /* what was asked for is not there */
#define MT_ERROR_INCOMPLETE (-24)        /* right so far, but more bytes are needed */

/* Other parties: -40 to -59. */
#define MT_ERROR_UNAUTHORIZED (-40)       /* no identity, or one that may not do this */
#define MT_ERROR_UNREACHABLE (-41)        /* nobody answers, or the connection was lost */
#define MT_ERROR_TIMEOUT (-42)            /* no answer in time */
#define MT_ERROR_PROTOCOL_VIOLATION (-43) /* a peer broke the rules */

/* Resources: -60 to -79. */
#define MT_ERROR_OUT_OF_MEMORY (-60)  /* memory could not be allocated */
#define MT_ERROR_LIMIT_EXCEEDED (-61) /* too much at once */
#define MT_ERROR_STORE_FULL (-62)     /* the store or the disk is full */
#define MT_ERROR_INPUT_OUTPUT (-63)   /* the operating system refused a file operation */

/* The rest: -80 to -99. */
#define MT_ERROR_CANCELED (-80) /* the caller cancelled */
#define MT_ERROR_INTERNAL (-81) /* a defect of the library; please report it with the detail */

/*
 * The name of a status, for example "MT_ERROR_INTEGRITY"; "MT_ERROR_UNKNOWN" for a value that this library does not know.
 * ASCII, ends with NUL, valid until the process ends. Never NULL.
 */
MT_API const char *mt_status_name(mt_status_t status) MT_NOEXCEPT;

/*
 * What went wrong in the last call of this thread that failed, as a sentence in UTF-8. A call that succeeds leaves it alone, so ask
 * only after a failure. Copies at most capacity bytes to dst, the ending NUL among them, and never half a character; dst may be
 * NULL if capacity is 0.
 *
 * Returns the length of the whole text without its NUL; 0 if no call of this thread has failed yet. Cannot fail.
 */
MT_API size_t mt_last_error(char *dst, size_t capacity) MT_NOEXCEPT;

/* The longest text that the library reads, in bytes without the NUL: longer than any path, name or credential. */
#define MT_TEXT_LENGTH_MAX 65535u


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 3  Hashes: SHA-256 (FIPS 180-4), Merkle trees (BEP 52), CID texts
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* Bytes in a hash. */
#define MT_SHA256_LENGTH 32u

/* MT_SHA256_LENGTH, as the library has it. */
MT_API size_t mt_sha256_length(void) MT_NOEXCEPT;

/*
 * Writes the SHA-256 of length bytes at data to the 32 bytes at out32. data may be NULL if length is 0.
 *
 * MT_ERROR_NULL_POINTER   out32 is NULL, or data is and length is not 0
 * MT_ERROR_LENGTH         length is more than PTRDIFF_MAX
 * MT_ERROR_OVERLAP        out32 overlaps data
 */
MT_API mt_status_t mt_sha256(uint8_t *out32, const uint8_t *data, size_t length) MT_NOEXCEPT;

/*
 * Hashes count messages, several at a time where the processor allows it: message i is lengths[i] bytes at data[i], and its hash
 * goes to the 32 bytes at out + 32 * i. This is much faster than a loop over mt_sha256 when there are eight messages or more of
 * about the same length. data[i] may be NULL if lengths[i] is 0; with a count of 0 nothing is read or written.
 *
 * Everything is checked before the first hash is written.
 *
 * MT_ERROR_NULL_POINTER   out, data or lengths is NULL and count is not 0, or data[i] is NULL and lengths[i] is not 0
 * MT_ERROR_LENGTH         count is so large that the hashes cannot lie in memory, or lengths[i] is more than PTRDIFF_MAX
 * MT_ERROR_OVERLAP        out overlaps a message
 */
MT_API mt_status_t mt_sha256_many(uint8_t *out, const uint8_t *const *data, const size_t *lengths, size_t count) MT_NOEXCEPT;

/* Bytes of a leaf of the Merkle tree. */
#define MT_MERKLE_BLOCK_LENGTH 16384u

/*
 * Writes to out32 the root of the Merkle tree over length bytes at data, as BEP 52 has it for a file: the leaves are the SHA-256 of
 * blocks of MT_MERKLE_BLOCK_LENGTH bytes, the last of which may be shorter, filled up with zero hashes to a power of two.
 * With a length of 0, which BEP 52 gives no root, out32 is filled with zeros; data may then be NULL.
 *
 * MT_ERROR_NULL_POINTER     out32 is NULL, or data is and length is not 0
 * MT_ERROR_LENGTH           length is more than PTRDIFF_MAX
 * MT_ERROR_LIMIT_EXCEEDED   length is more than 2^31 - 1: hash such a file in pieces
 * MT_ERROR_OVERLAP          out32 overlaps data
 */
MT_API mt_status_t mt_merkle_root(uint8_t *out32, const uint8_t *data, size_t length) MT_NOEXCEPT;

/* Bytes in the text of a blob id, without NUL. */
#define MT_CID_TEXT_LENGTH 59u

/*
 * Writes the text of a blob id: CIDv1, raw, sha2-256, base32 ("bafkrei..."), which is also its name in IPFS. Needs a capacity of
 * MT_CID_TEXT_LENGTH + 1.
 *
 * MT_ERROR_NULL_POINTER, MT_ERROR_BUFFER_TOO_SMALL, MT_ERROR_OVERLAP
 */
MT_API mt_status_t mt_cid_format(char *dst, size_t dst_capacity, size_t *dst_length, const uint8_t *id32) MT_NOEXCEPT;

/*
 * Reads the text of a blob id.
 *
 * MT_ERROR_NULL_POINTER, MT_ERROR_INVALID_ARGUMENT (no UTF-8, or too long)
 * MT_ERROR_MALFORMED   not a CIDv1 of this kind in its one spelling
 */
MT_API mt_status_t mt_cid_parse(uint8_t *id32, const char *text) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 4  Reed-Solomon
 *
 * k data shards, all of the same length, give m parity shards of that length. Of the k + m shards any m may be lost:
 *
 *          data 0   data 1   data 2   data 3  |  parity 0   parity 1            k = 4, m = 2
 *             x                  x            |                                 any two lost ...
 *          data 0   data 1   data 2   data 3  |  parity 0   parity 1            ... and rebuilt from the other four
 *
 * The code works over GF(2^8) with the polynomial 0x11d and the systematic Cauchy matrix: row k + r, column c is the inverse of
 * (k + r) xor c. Parity is the same, byte for byte, as that of ISA-L with gf_gen_cauchy1_matrix.
 *
 * Shards are numbered 0 to k - 1 (data), then k to k + m - 1 (parity). In an array of all shards they lie in this order.
 * A Reed-Solomon handle never changes and may be used by any number of threads at once.
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* The most that k + m may be. */
#define MT_RS_SHARDS_MAX 255u

/* MT_RS_SHARDS_MAX, as the library has it. */
MT_API uint32_t mt_rs_shards_max(void) MT_NOEXCEPT;

/* A code for one k and one m. */
typedef struct mt_rs mt_rs_t;

/* The matrix described above; the only one so far. */
#define MT_RS_MATRIX_CAUCHY 0u

typedef struct mt_rs_options
{
    uint32_t struct_size; /* sizeof(mt_rs_options_t) */
    uint32_t matrix;      /* MT_RS_MATRIX_CAUCHY */
} mt_rs_options_t;

/*
 * Makes a code of data_shards (k, at least 1) and parity_shards (m, 0 or more), together at most MT_RS_SHARDS_MAX, and stores its
 * handle in *out. options may be NULL. After a failure *out is NULL.
 *
 * MT_ERROR_NULL_POINTER       out is NULL
 * MT_ERROR_INVALID_ARGUMENT   k or m is out of its range
 * MT_ERROR_STRUCT_SIZE        options->struct_size is too small, or too large for any options
 * MT_ERROR_UNSUPPORTED        options asks for a matrix, or sets a later member, that this library does not know
 * MT_ERROR_LIMIT_EXCEEDED     too many handles are in use
 */
MT_API mt_status_t mt_rs_create(
    mt_rs_t **out, uint32_t data_shards, uint32_t parity_shards, const mt_rs_options_t *options) MT_NOEXCEPT;

/*
 * Computes all parity: reads the k shards data[0] to data[k - 1] and overwrites the m shards parity[0] to parity[m - 1], each
 * shard_length bytes long. parity may be NULL if m is 0. With a shard_length of 0 nothing is read or written.
 *
 * MT_ERROR_INVALID_HANDLE   rs is not a live Reed-Solomon handle
 * MT_ERROR_NULL_POINTER     data, parity or one of their elements is NULL
 * MT_ERROR_LENGTH           shard_length is more than PTRDIFF_MAX
 * MT_ERROR_OVERLAP          a parity shard overlaps another shard
 */
MT_API mt_status_t mt_rs_encode(
    mt_rs_t *rs, uint8_t *const *parity, const uint8_t *const *data, size_t shard_length) MT_NOEXCEPT;

/*
 * Whether the parity belongs to the data: reads the k + m shards shards[0] to shards[k + m - 1], each shard_length bytes long, and
 * sets *ok to 1 if they agree, else to 0. A disagreement says that some shard is wrong, not which one; it is a result, not a
 * failure.
 *
 * MT_ERROR_INVALID_HANDLE   rs is not a live Reed-Solomon handle
 * MT_ERROR_NULL_POINTER     ok, shards or one of its elements is NULL
 * MT_ERROR_LENGTH           shard_length is more than PTRDIFF_MAX
 */
MT_API mt_status_t mt_rs_verify(mt_rs_t *rs, int32_t *ok, const uint8_t *const *shards, size_t shard_length) MT_NOEXCEPT;

/*
 * Rebuilds shards that are missing: shards has k + m elements, and present[i] is 0 if shard i is missing, else not 0. A missing
 * shard whose element is not NULL is overwritten with its shard_length bytes; one whose element is NULL is left out. Shards that
 * are present are only read, and believed: whether they are right is for their hashes to say. At least k must be present.
 *
 * MT_ERROR_INVALID_HANDLE      rs is not a live Reed-Solomon handle
 * MT_ERROR_NULL_POINTER        shards, present or the element of a shard that is present is NULL
 * MT_ERROR_LENGTH              shard_length is more than PTRDIFF_MAX
 * MT_ERROR_NOT_ENOUGH_SHARDS   fewer than k shards are present; nothing was written
 * MT_ERROR_OVERLAP             a shard that is to be rebuilt overlaps another
 */
MT_API mt_status_t mt_rs_reconstruct(
    mt_rs_t *rs, uint8_t *const *shards, const uint8_t *present, size_t shard_length) MT_NOEXCEPT;

/*
 * Brings the parity up to date after one data shard has changed, without reading the others: data_index says which one, old_data
 * and new_data are its bytes before and after, and the m shards parity[0] to parity[m - 1] are changed in place.
 * If the parity did not belong to the data before, it does not afterwards.
 *
 * MT_ERROR_INVALID_HANDLE     rs is not a live Reed-Solomon handle
 * MT_ERROR_INVALID_ARGUMENT   data_index is not less than k
 * MT_ERROR_NULL_POINTER       parity, one of its elements, old_data or new_data is NULL
 * MT_ERROR_LENGTH             shard_length is more than PTRDIFF_MAX
 * MT_ERROR_OVERLAP            a parity shard overlaps another, old_data or new_data
 */
MT_API mt_status_t mt_rs_update(
    mt_rs_t *rs, uint8_t *const *parity, uint32_t data_index, const uint8_t *old_data, const uint8_t *new_data,
    size_t shard_length) MT_NOEXCEPT;

/* Destroys a code. NULL does nothing; neither does a handle that is not a live one, except that mt_last_error then says so. */
MT_API void mt_rs_destroy(mt_rs_t *rs) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 5  Blobs
 *
 * A chunk of a file becomes a data blob: compressed where that makes it smaller, sealed with a key that is used for nothing else, and
 * named by the SHA-256 of the result. docs/spec/blob.md has the layout.
 *
 *      chunk (at most 16 MiB)  ->  header 16 bytes | ciphertext, at most as long as the chunk | tag 16 bytes
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* The longest chunk, in bytes, and what sealing adds at most. */
#define MT_BLOB_PLAINTEXT_LENGTH_MAX 16777216u
#define MT_BLOB_OVERHEAD 32u

/* Bytes in a blob id and in a key. */
#define MT_ID_LENGTH 32u
#define MT_KEY_LENGTH 32u

/* Ciphers. 0 in options is the default, AES-256-GCM. */
#define MT_SUITE_AES_256_GCM 1u
#define MT_SUITE_CHACHA20_POLY1305 2u

/* Compressions. 0 in options is the default, zstd. It is tried where a chunk looks as if it would shrink. */
#define MT_COMPRESSION_NONE 1u
#define MT_COMPRESSION_ZSTD 2u
#define MT_COMPRESSION_LZ4 3u
#define MT_COMPRESSION_GZIP 4u
#define MT_COMPRESSION_BROTLI 5u

typedef struct mt_blob_options
{
    uint32_t struct_size;             /* sizeof(mt_blob_options_t) */
    uint32_t suite;                   /* MT_SUITE_*, or 0 */
    uint32_t compression;             /* MT_COMPRESSION_*, or 0 */
    uint32_t reserved;                /* 0 */
    const uint8_t *tenant_secret32;   /* NULL: a fresh random key. Else 32 secret bytes from which the key is derived, so that equal
                                         chunks under equal secrets and options give equal blobs (deduplicating mode) */
} mt_blob_options_t;

/* What the header of a blob says. It is not proved before the blob has been opened. */
typedef struct mt_blob_info
{
    uint32_t struct_size;        /* in: sizeof(mt_blob_info_t) */
    uint32_t suite;              /* MT_SUITE_* */
    uint32_t compression;        /* MT_COMPRESSION_* */
    uint32_t plaintext_length;   /* bytes of the chunk */
} mt_blob_info_t;

/* The capacity that sealing length bytes needs: length + MT_BLOB_OVERHEAD, or 0 if length is over MT_BLOB_PLAINTEXT_LENGTH_MAX. */
MT_API size_t mt_blob_bound(size_t length) MT_NOEXCEPT;

/*
 * Seals a chunk: writes the blob to dst, its length to *dst_length, its id to id32 and the key that opens it to key32. dst_capacity
 * must be mt_blob_bound(src_length), also where the blob will be shorter. src may be NULL if src_length is 0.
 *
 * MT_ERROR_NULL_POINTER       dst_length, id32, key32 or src is NULL, or dst is with a capacity
 * MT_ERROR_LIMIT_EXCEEDED     src_length is over MT_BLOB_PLAINTEXT_LENGTH_MAX
 * MT_ERROR_BUFFER_TOO_SMALL   *dst_length is the capacity that is needed
 * MT_ERROR_STRUCT_SIZE, MT_ERROR_UNSUPPORTED (suite or compression), MT_ERROR_OVERLAP
 */
MT_API mt_status_t mt_blob_seal(
    uint8_t *dst, size_t dst_capacity, size_t *dst_length, uint8_t *id32, uint8_t *key32, const uint8_t *src, size_t src_length,
    const mt_blob_options_t *options) MT_NOEXCEPT;

/*
 * Opens a blob: checks that it is what was sealed under this key, and writes the chunk to dst. After a failure dst holds nothing of
 * the chunk.
 *
 * MT_ERROR_MALFORMED          the bytes are no blob
 * MT_ERROR_UNSUPPORTED        a version, suite or compression that this library does not know
 * MT_ERROR_BUFFER_TOO_SMALL   *dst_length is the length of the chunk
 * MT_ERROR_INTEGRITY          the key is not this blob's, or the blob was changed
 * MT_ERROR_NULL_POINTER, MT_ERROR_LENGTH, MT_ERROR_OVERLAP
 */
MT_API mt_status_t mt_blob_open(
    uint8_t *dst, size_t dst_capacity, size_t *dst_length, const uint8_t *key32, const uint8_t *src, size_t src_length) MT_NOEXCEPT;

/*
 * Reads the header of a blob, from which the capacity for mt_blob_open is known.
 *
 * MT_ERROR_MALFORMED, MT_ERROR_UNSUPPORTED   as for mt_blob_open
 * MT_ERROR_NULL_POINTER, MT_ERROR_LENGTH, MT_ERROR_STRUCT_SIZE
 */
MT_API mt_status_t mt_blob_inspect(mt_blob_info_t *info, const uint8_t *src, size_t src_length) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 6  Keys and signatures: Ed25519 (RFC 8032), X25519 (RFC 7748)
 * ------------------------------------------------------------------------------------------------------------------------------ */

#define MT_ED25519_SEED_LENGTH 32u
#define MT_ED25519_PUBLIC_KEY_LENGTH 32u
#define MT_ED25519_SIGNATURE_LENGTH 64u
#define MT_X25519_KEY_LENGTH 32u

/* Makes a new key pair. seed32 takes the secret, public32 the public key. MT_ERROR_NULL_POINTER, MT_ERROR_OVERLAP */
MT_API mt_status_t mt_ed25519_generate(uint8_t *seed32, uint8_t *public32) MT_NOEXCEPT;

/* Computes the public key of a seed. MT_ERROR_NULL_POINTER, MT_ERROR_OVERLAP */
MT_API mt_status_t mt_ed25519_public_key(uint8_t *public32, const uint8_t *seed32) MT_NOEXCEPT;

/*
 * Signs length bytes at data with the key pair of a seed; signature64 takes the 64 bytes. data may be NULL if length is 0.
 *
 * MT_ERROR_NULL_POINTER, MT_ERROR_OVERLAP
 * MT_ERROR_LENGTH   length is more than 2^31 - 1
 */
MT_API mt_status_t mt_ed25519_sign(uint8_t *signature64, const uint8_t *seed32, const uint8_t *data, size_t length) MT_NOEXCEPT;

/*
 * Sets *ok to 1 if signature64 is a signature over data by the owner of public32, else to 0. A wrong signature, or a public key that is
 * none, is a result, not a failure.
 *
 * MT_ERROR_NULL_POINTER
 * MT_ERROR_LENGTH   length is more than 2^31 - 1
 */
MT_API mt_status_t mt_ed25519_verify(
    int32_t *ok, const uint8_t *public32, const uint8_t *signature64, const uint8_t *data, size_t length) MT_NOEXCEPT;

/* Makes a new X25519 key pair, as Noise wants it. MT_ERROR_NULL_POINTER, MT_ERROR_OVERLAP */
MT_API mt_status_t mt_x25519_generate(uint8_t *secret32, uint8_t *public32) MT_NOEXCEPT;

/* Computes the public key of an X25519 secret. MT_ERROR_NULL_POINTER, MT_ERROR_OVERLAP */
MT_API mt_status_t mt_x25519_public_key(uint8_t *public32, const uint8_t *secret32) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 7  Bencode (BEP 3), canonical: one value, one encoding. docs/spec/bencode.md has the rules.
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* The deepest nesting, and the longest document that is read or written, in bytes. */
#define MT_BENCODE_DEPTH_MAX 32u
#define MT_BENCODE_LENGTH_MAX 16777216u

/* What a token is. */
#define MT_BENCODE_INTEGER 1u
#define MT_BENCODE_BYTES 2u
#define MT_BENCODE_LIST 3u         /* a list begins */
#define MT_BENCODE_DICTIONARY 4u   /* a dictionary begins: keys and values follow in turn */
#define MT_BENCODE_KEY 5u          /* the key of the value that follows */
#define MT_BENCODE_END 6u          /* the innermost list or dictionary ends */
#define MT_BENCODE_DOCUMENT_END 7u /* nothing follows, however often one asks */

typedef struct mt_bencode_token
{
    uint32_t struct_size; /* in: sizeof(mt_bencode_token_t) */
    uint32_t type;        /* MT_BENCODE_* */
    uint32_t depth;       /* lists and dictionaries that are open around the token; a beginning and its end have the same */
    uint32_t reserved;    /* 0 */
    int64_t integer;      /* of MT_BENCODE_INTEGER, else 0 */
    size_t offset;        /* bytes, keys: where their content begins in the document. Others: where the token begins */
    size_t length;        /* bytes, keys: of their content. Others: of the token; of a list or dictionary its whole length */
} mt_bencode_token_t;

/* A document that was read, and a place in it. */
typedef struct mt_bencode_reader mt_bencode_reader_t;

/*
 * Reads a document: checks that it is exactly one value in its canonical encoding, and stands before its first token. The tokens give
 * offsets into the document, which stays yours; the reader keeps neither the pointer nor the bytes.
 *
 * MT_ERROR_MALFORMED        what is wrong, and at which offset
 * MT_ERROR_LIMIT_EXCEEDED   length is over MT_BENCODE_LENGTH_MAX, or too many handles are in use
 * MT_ERROR_NULL_POINTER
 */
MT_API mt_status_t mt_bencode_reader_create(mt_bencode_reader_t **out, const uint8_t *data, size_t length) MT_NOEXCEPT;

/* Reads the next token. MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER, MT_ERROR_STRUCT_SIZE */
MT_API mt_status_t mt_bencode_reader_next(mt_bencode_reader_t *reader, mt_bencode_token_t *token) MT_NOEXCEPT;

/*
 * Skips the next value, whatever it is: after a key or between the items of a list. MT_ERROR_STATE if no value is next (a key, an end).
 * MT_ERROR_INVALID_HANDLE
 */
MT_API mt_status_t mt_bencode_reader_skip(mt_bencode_reader_t *reader) MT_NOEXCEPT;

/* Destroys a reader. NULL does nothing. */
MT_API void mt_bencode_reader_destroy(mt_bencode_reader_t *reader) MT_NOEXCEPT;

/* A document that is being written. What breaks the rules is refused with MT_ERROR_STATE and writes nothing. */
typedef struct mt_bencode_writer mt_bencode_writer_t;

/* Begins an empty document. MT_ERROR_NULL_POINTER, MT_ERROR_LIMIT_EXCEEDED */
MT_API mt_status_t mt_bencode_writer_create(mt_bencode_writer_t **out) MT_NOEXCEPT;

/*
 * Write a value, or the key of the next one. Keys must come in ascending order of their bytes.
 *
 * MT_ERROR_STATE            no value (or no key) is due here, or the key is not greater than the one before
 * MT_ERROR_LIMIT_EXCEEDED   the document would be over MT_BENCODE_LENGTH_MAX, or too deep
 * MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER
 */
MT_API mt_status_t mt_bencode_writer_integer(mt_bencode_writer_t *writer, int64_t value) MT_NOEXCEPT;
MT_API mt_status_t mt_bencode_writer_bytes(mt_bencode_writer_t *writer, const uint8_t *data, size_t length) MT_NOEXCEPT;
MT_API mt_status_t mt_bencode_writer_key(mt_bencode_writer_t *writer, const uint8_t *data, size_t length) MT_NOEXCEPT;
MT_API mt_status_t mt_bencode_writer_begin_list(mt_bencode_writer_t *writer) MT_NOEXCEPT;
MT_API mt_status_t mt_bencode_writer_begin_dictionary(mt_bencode_writer_t *writer) MT_NOEXCEPT;
MT_API mt_status_t mt_bencode_writer_end(mt_bencode_writer_t *writer) MT_NOEXCEPT;

/*
 * Copies the finished document. It stays, so that a call which was too short can be repeated.
 *
 * MT_ERROR_STATE              no value was written, or a list or dictionary is open
 * MT_ERROR_BUFFER_TOO_SMALL   *dst_length is the length of the document
 * MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER
 */
MT_API mt_status_t mt_bencode_writer_finish(
    mt_bencode_writer_t *writer, uint8_t *dst, size_t dst_capacity, size_t *dst_length) MT_NOEXCEPT;

/* Destroys a writer. NULL does nothing. */
MT_API void mt_bencode_writer_destroy(mt_bencode_writer_t *writer) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 8  Capabilities and manifests
 *
 * A capability is the text that names an object: "mt1:..." reads it and is a secret, "mtv1:..." only verifies and repairs it.
 * A manifest is the blob that a capability leads to: it lists the stripes of the object. Its public part can be read by anyone, its
 * sealed part (name, sizes, keys) only with the key in the capability. docs/spec/capability.md, docs/spec/manifest.md.
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* The capacity, NUL included, that the text of any capability fits in. */
#define MT_CAPABILITY_CAPACITY 128u

typedef struct mt_capability_info
{
    uint32_t struct_size;    /* in: sizeof(mt_capability_info_t) */
    uint32_t can_read;       /* 1: "mt1:", 0: "mtv1:" */
    uint8_t root_id[32];     /* the id of the root manifest */
    uint8_t key[32];         /* what opens it; zeros if can_read is 0 */
    uint32_t root_length;    /* bytes of the root manifest */
    uint32_t parity_shards;  /* m: copies of the root manifest beyond the first */
} mt_capability_info_t;

/* Reads the text of a capability. MT_ERROR_MALFORMED (cut or mistyped), MT_ERROR_INVALID_ARGUMENT, _NULL_POINTER, _STRUCT_SIZE */
MT_API mt_status_t mt_capability_parse(mt_capability_info_t *info, const char *capability) MT_NOEXCEPT;

/* Writes the text of a capability. MT_ERROR_INVALID_ARGUMENT (no manifest can be so), _BUFFER_TOO_SMALL, _NULL_POINTER, _STRUCT_SIZE */
MT_API mt_status_t mt_capability_format(
    char *dst, size_t dst_capacity, size_t *dst_length, const mt_capability_info_t *info) MT_NOEXCEPT;

/* Writes the "mtv1:" capability that belongs to a capability: it can be given to whoever may check and repair, but not read. */
MT_API mt_status_t mt_capability_to_verify(char *dst, size_t dst_capacity, size_t *dst_length, const char *capability) MT_NOEXCEPT;

/* The longest manifest blob, in bytes; a larger object has a tree of manifests. */
#define MT_MANIFEST_LENGTH_MAX 1048576u

/* What a manifest is of. A file has one stream, its content; a directory two, the content of its files and the list of entries. */
#define MT_MANIFEST_NODE 0u /* a part of a tree of manifests, and whatever was opened without a key */
#define MT_MANIFEST_FILE 1u
#define MT_MANIFEST_DIRECTORY 2u

typedef struct mt_manifest mt_manifest_t;

typedef struct mt_manifest_info
{
    uint32_t struct_size;      /* in: sizeof(mt_manifest_info_t) */
    uint32_t kind;             /* MT_MANIFEST_* */
    uint32_t mode;             /* permission bits, as chmod has them */
    uint32_t stream_count;     /* in a create: 0 */
    int64_t modified_unix_ns;  /* time of the last change, in nanoseconds since 1970 */
    uint32_t has_keys;         /* 1 if it was opened with its key, or made here; in a create: 0 */
    uint32_t reserved;         /* 0 */
} mt_manifest_info_t;

typedef struct mt_manifest_stream
{
    uint32_t struct_size;  /* in: sizeof(mt_manifest_stream_t) */
    uint32_t depth;        /* 0: its stripes hold the bytes. Above: they hold manifests whose streams have the depth below */
    uint64_t length;       /* bytes behind it; 0 without keys */
    uint32_t stripe_count;
    uint32_t reserved;     /* 0 */
} mt_manifest_stream_t;

typedef struct mt_stripe_info
{
    uint32_t struct_size;    /* in: sizeof(mt_stripe_info_t) */
    uint32_t data_shards;    /* k */
    uint32_t parity_shards;  /* m; with k = 1 copies of the one blob */
    uint32_t shard_length;   /* bytes of the longest blob, and of every parity blob */
    uint32_t id_count;       /* k + m, or 1 with k = 1 */
    uint32_t reserved;       /* 0 */
    uint8_t id[32];          /* of the stripe: the nodes that hold it are computed from this */
} mt_stripe_info_t;

typedef struct mt_stripe_blob
{
    uint32_t struct_size;       /* in: sizeof(mt_stripe_blob_t) */
    uint32_t length;            /* bytes of the blob */
    uint64_t plaintext_length;  /* of a data blob with keys: bytes behind it; else 0 */
    uint32_t has_key;           /* 1 for a data blob with keys */
    uint32_t reserved;          /* 0 */
    uint8_t id[32];
    uint8_t key[32];            /* what opens it; zeros without keys and for parity */
} mt_stripe_blob_t;

/*
 * Reads a manifest blob. With a key32 both parts; with NULL only the public part.
 *
 * MT_ERROR_MALFORMED, MT_ERROR_UNSUPPORTED   the bytes are no manifest that this library reads
 * MT_ERROR_INTEGRITY                         the key is not this manifest's
 * MT_ERROR_NULL_POINTER, MT_ERROR_LENGTH, MT_ERROR_LIMIT_EXCEEDED
 */
MT_API mt_status_t mt_manifest_open(mt_manifest_t **out, const uint8_t *blob, size_t length, const uint8_t *key32) MT_NOEXCEPT;

/* What a manifest says about the object. MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER, MT_ERROR_STRUCT_SIZE */
MT_API mt_status_t mt_manifest_get_info(mt_manifest_t *manifest, mt_manifest_info_t *info) MT_NOEXCEPT;

/* The name of the object, without a path; empty for a node. */
MT_API mt_status_t mt_manifest_get_name(mt_manifest_t *manifest, char *dst, size_t dst_capacity, size_t *dst_length) MT_NOEXCEPT;

/* A stream. MT_ERROR_INVALID_ARGUMENT if there is no such stream; MT_ERROR_INVALID_HANDLE, _NULL_POINTER, _STRUCT_SIZE */
MT_API mt_status_t mt_manifest_get_stream(
    mt_manifest_t *manifest, mt_manifest_stream_t *stream, uint32_t stream_index) MT_NOEXCEPT;

/* A stripe of a stream. MT_ERROR_INVALID_ARGUMENT if there is no such stripe; as above. */
MT_API mt_status_t mt_manifest_get_stripe(
    mt_manifest_t *manifest, mt_stripe_info_t *stripe, uint32_t stream_index, uint32_t stripe_index) MT_NOEXCEPT;

/* A blob of a stripe, data before parity. MT_ERROR_INVALID_ARGUMENT if there is no such blob; as above. */
MT_API mt_status_t mt_manifest_get_blob(
    mt_manifest_t *manifest, mt_stripe_blob_t *blob, uint32_t stream_index, uint32_t stripe_index, uint32_t blob_index) MT_NOEXCEPT;

/*
 * Begins a manifest: info gives kind, mode and time, name the object's name (NULL or empty for a node). Add its streams and stripes,
 * then seal it. MT_ERROR_INVALID_ARGUMENT (kind, or a name that cannot be a file name), _NULL_POINTER, _STRUCT_SIZE, _LIMIT_EXCEEDED
 */
MT_API mt_status_t mt_manifest_create(mt_manifest_t **out, const mt_manifest_info_t *info, const char *name) MT_NOEXCEPT;

/* Adds a stream, empty at first. MT_ERROR_STATE for a manifest that was opened; MT_ERROR_INVALID_ARGUMENT (too deep, or too many). */
MT_API mt_status_t mt_manifest_add_stream(mt_manifest_t *manifest, uint32_t depth) MT_NOEXCEPT;

/*
 * Adds a stripe to the last stream: ids is 32 bytes a blob, k + m of them, or 1 if k is 1; lengths are those of the k data blobs, keys
 * 32 bytes for each of them, plaintext_lengths the bytes behind each.
 *
 * MT_ERROR_STATE              the manifest was opened, or has no stream yet
 * MT_ERROR_INVALID_ARGUMENT   no stripe can be so
 * MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER
 */
MT_API mt_status_t mt_manifest_add_stripe(
    mt_manifest_t *manifest, uint32_t data_shards, uint32_t parity_shards, const uint8_t *ids, const uint32_t *lengths,
    const uint8_t *keys, const uint64_t *plaintext_lengths) MT_NOEXCEPT;

/*
 * Seals a manifest: writes the blob, its id and the key that opens it. options gives suite and tenant secret; the compression is
 * not used. MT_MANIFEST_LENGTH_MAX is always enough.
 *
 * MT_ERROR_STATE              the number of streams is not what the kind has
 * MT_ERROR_BUFFER_TOO_SMALL   *dst_length is the capacity that is needed
 * MT_ERROR_LIMIT_EXCEEDED     it would be over MT_MANIFEST_LENGTH_MAX
 * MT_ERROR_INVALID_HANDLE, _NULL_POINTER, _STRUCT_SIZE, _UNSUPPORTED, _OVERLAP
 */
MT_API mt_status_t mt_manifest_seal(
    mt_manifest_t *manifest, uint8_t *dst, size_t dst_capacity, size_t *dst_length, uint8_t *id32, uint8_t *key32,
    const mt_blob_options_t *options) MT_NOEXCEPT;

/* Destroys a manifest. NULL does nothing. */
MT_API void mt_manifest_destroy(mt_manifest_t *manifest) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 9  Noise: Noise_XX_25519_AESGCM_SHA256 and Noise_XX_25519_ChaChaPoly_SHA256 (revision 34)
 *
 * A session turns messages into messages; how they travel is the caller's business, so any event loop will do. Both sides write in turn,
 * the initiator first, until three messages have passed; then both may write at any time:
 *
 *      initiator                     responder
 *          write   e              ->     read      payload readable by all: leave it empty
 *          read    e, ee, s, es   <-     write     payload secret
 *          write   s, se          ->     read      payload secret, both sides proved
 *          write, read           <->     write, read
 *
 * A message carries no length of its own: send it behind one, as nodes do with two bytes, big-endian. After a failure of a read or write
 * the session is dead, its secrets are zeroed, and every further call gives MT_ERROR_STATE.
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* The longest message, and what the longest header of one takes. */
#define MT_NOISE_MESSAGE_LENGTH_MAX 65535u
#define MT_NOISE_OVERHEAD_MAX 96u

/* Whose turn it is. */
#define MT_NOISE_WRITE 1u       /* ours, in the handshake */
#define MT_NOISE_READ 2u        /* theirs, in the handshake */
#define MT_NOISE_ESTABLISHED 3u /* anyone's */
#define MT_NOISE_DEAD 4u        /* nobody's: something failed */

typedef struct mt_noise mt_noise_t;

typedef struct mt_noise_options
{
    uint32_t struct_size;                /* sizeof(mt_noise_options_t) */
    uint32_t initiator;                  /* 1: this side writes first */
    uint32_t suite;                      /* MT_SUITE_*, or 0; both sides must have the same */
    uint32_t reserved;                   /* 0 */
    const uint8_t *static_secret32;      /* this side's X25519 secret; needed */
    const uint8_t *prologue;             /* what both sides have said before in the clear; may be NULL */
    size_t prologue_length;
    const uint8_t *ephemeral_secret32;   /* NULL, except in a test against published vectors: a secret that is used twice is none */
} mt_noise_options_t;

/*
 * Begins a session. options must not be NULL.
 *
 * MT_ERROR_NULL_POINTER       out, options, static_secret32, or prologue with a length is NULL
 * MT_ERROR_STRUCT_SIZE, MT_ERROR_UNSUPPORTED, MT_ERROR_LENGTH, MT_ERROR_LIMIT_EXCEEDED
 */
MT_API mt_status_t mt_noise_create(mt_noise_t **out, const mt_noise_options_t *options) MT_NOEXCEPT;

/* Sets *state to MT_NOISE_*. MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER */
MT_API mt_status_t mt_noise_state(mt_noise_t *noise, uint32_t *state) MT_NOEXCEPT;

/* The capacity that the next message needs for a payload: at most length + MT_NOISE_OVERHEAD_MAX; 0 for a session that is none or dead. */
MT_API size_t mt_noise_write_bound(mt_noise_t *noise, size_t payload_length) MT_NOEXCEPT;

/*
 * Writes the next message: of the handshake while it lasts, then one that carries the payload. payload may be NULL if its length is 0.
 *
 * MT_ERROR_STATE              it is not this side's turn, or the session is dead
 * MT_ERROR_BUFFER_TOO_SMALL   *dst_length is the capacity that is needed; the session lives on
 * MT_ERROR_LIMIT_EXCEEDED     the message would be over MT_NOISE_MESSAGE_LENGTH_MAX; the session lives on
 * MT_ERROR_PROTOCOL_VIOLATION the other side's key gives no secret; the session is dead
 * MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER, MT_ERROR_OVERLAP
 */
MT_API mt_status_t mt_noise_write(
    mt_noise_t *noise, uint8_t *dst, size_t dst_capacity, size_t *dst_length, const uint8_t *payload, size_t payload_length) MT_NOEXCEPT;

/*
 * Reads the next message and writes its payload, which is never longer than the message, to dst. After a failure dst holds nothing of it.
 *
 * MT_ERROR_STATE                it is not the other side's turn, or the session is dead
 * MT_ERROR_BUFFER_TOO_SMALL     *dst_length is the length of the payload; the session lives on
 * MT_ERROR_INTEGRITY            the message was changed, lost, repeated, or is from another session; the session is dead
 * MT_ERROR_PROTOCOL_VIOLATION   no message can be so long or so short; the session is dead
 * MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER, MT_ERROR_OVERLAP
 */
MT_API mt_status_t mt_noise_read(
    mt_noise_t *noise, uint8_t *dst, size_t dst_capacity, size_t *dst_length, const uint8_t *message, size_t message_length) MT_NOEXCEPT;

/* The other side's X25519 public key. MT_ERROR_STATE before it is proved; MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER */
MT_API mt_status_t mt_noise_remote_key(mt_noise_t *noise, uint8_t *public32) MT_NOEXCEPT;

/* The hash that names the session, the same on both sides. MT_ERROR_STATE before it is established; as above. */
MT_API mt_status_t mt_noise_handshake_hash(mt_noise_t *noise, uint8_t *hash32) MT_NOEXCEPT;

/* Destroys a session and zeroes its secrets. NULL does nothing. */
MT_API void mt_noise_destroy(mt_noise_t *noise) MT_NOEXCEPT;

/* The longest payload by which a node or client says who it is in the handshake. */
#define MT_PEER_PAYLOAD_LENGTH_MAX 4608u

typedef struct mt_peer_info
{
    uint32_t struct_size;      /* in: sizeof(mt_peer_info_t) */
    uint32_t has_certificate;  /* 1 if it has shown a valid certificate of the cluster */
    uint8_t node_id[32];       /* SHA-256 of its public key */
    uint8_t public_key[32];    /* Ed25519 */
    uint32_t version;          /* of the protocol that both speak */
    uint32_t reserved;         /* 0 */
} mt_peer_info_t;

/*
 * Makes the payload with which the owner of a credential ("mtcred1:...") proves itself to a node of a cluster, in the second message that
 * it writes. static32 is the X25519 public key of this side in the session. cluster_key32, unless NULL, takes the cluster's public key.
 *
 * MT_ERROR_MALFORMED (the credential), MT_ERROR_BUFFER_TOO_SMALL, MT_ERROR_NULL_POINTER, MT_ERROR_INVALID_ARGUMENT
 */
MT_API mt_status_t mt_peer_payload_create(
    uint8_t *dst, size_t dst_capacity, size_t *dst_length, const char *credential, const uint8_t *static32,
    uint8_t *cluster_key32) MT_NOEXCEPT;

/*
 * Checks the payload of the other side against the key that the session has proved, and says who it is.
 *
 * MT_ERROR_MALFORMED      the payload breaks its format
 * MT_ERROR_UNAUTHORIZED   it does not prove the identity, or its certificate is not valid for the cluster now
 * MT_ERROR_UNSUPPORTED    no version of the protocol in common
 * MT_ERROR_NULL_POINTER, MT_ERROR_LENGTH, MT_ERROR_STRUCT_SIZE
 */
MT_API mt_status_t mt_peer_payload_check(
    mt_peer_info_t *peer, const uint8_t *payload, size_t length, const uint8_t *remote_static32, const uint8_t *cluster_key32) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 10  Wire messages
 *
 * What nodes and clients say to each other inside a session: frames of a 12-byte header and a body. docs/spec/wire.md has the layout
 * and the order. One struct serves all types; which members count depends on the type:
 *
 *      type                       members
 *      HELLO                      version_min, version_max, features, requests_max, blob_length_max, idle_timeout_ms
 *      PING, PONG, CANCEL,
 *        PROCEED                  none
 *      GET                        id, offset, length
 *      DATA                       bytes; flags
 *      WANT, FIND                 items: count ids of 32 bytes
 *      HAVE                       items: a bit for each of count ids, most significant first; items_length is (count + 7) / 8
 *      STORE                      id, length (of the blob), bytes (the descriptor)
 *      STORED                     code: 1 stored now, 2 it was there
 *      FOUND                      items: count descriptors, each behind two bytes of length, big-endian; 0 where none is held
 *      ERROR                      code, bytes (a text in UTF-8)
 *      NOTICE                     id, code: 1 missing, 2 corrupt
 *      STATUS, STATUS_REPLY, GOSSIP, GOSSIP_REPLY, PROBE, PROBE_REPLY, JOIN, JOINED
 *                                 bytes
 *
 * Members that do not count for a type are 0 and NULL, both ways.
 * ------------------------------------------------------------------------------------------------------------------------------ */

#define MT_WIRE_HELLO 1u
#define MT_WIRE_PING 2u
#define MT_WIRE_PONG 3u
#define MT_WIRE_GET 4u
#define MT_WIRE_DATA 5u
#define MT_WIRE_WANT 6u
#define MT_WIRE_HAVE 7u
#define MT_WIRE_STORE 8u
#define MT_WIRE_STORED 9u
#define MT_WIRE_FIND 10u
#define MT_WIRE_FOUND 11u
#define MT_WIRE_CANCEL 12u
#define MT_WIRE_STATUS 13u
#define MT_WIRE_STATUS_REPLY 14u
#define MT_WIRE_ERROR 15u
#define MT_WIRE_GOSSIP 16u
#define MT_WIRE_GOSSIP_REPLY 17u
#define MT_WIRE_PROBE 18u
#define MT_WIRE_PROBE_REPLY 19u
#define MT_WIRE_JOIN 20u
#define MT_WIRE_JOINED 21u
#define MT_WIRE_NOTICE 22u
#define MT_WIRE_PROCEED 23u

/* Flags of MT_WIRE_DATA. */
#define MT_WIRE_FLAG_LAST 1u   /* the last of its request */
#define MT_WIRE_FLAG_UPLOAD 2u /* belongs to a store of the sender */

/* Bytes of the header of a frame, and the longest whole frame. */
#define MT_WIRE_HEADER_LENGTH 12u
#define MT_WIRE_FRAME_LENGTH_MAX 1114116u

typedef struct mt_wire_message
{
    uint32_t struct_size;      /* sizeof(mt_wire_message_t) */
    uint32_t type;             /* MT_WIRE_* */
    uint32_t flags;            /* MT_WIRE_FLAG_*, only with DATA */
    uint32_t request_number;   /* 0 with HELLO and with the ERROR that ends a session, else not 0 */
    uint8_t id[32];
    uint64_t offset;
    uint32_t length;
    uint32_t code;
    uint32_t count;
    uint32_t version_min;
    uint32_t version_max;
    uint32_t features;
    uint32_t requests_max;
    uint32_t blob_length_max;
    uint32_t idle_timeout_ms;
    uint32_t reserved;         /* 0 */
    const uint8_t *bytes;
    size_t bytes_length;
    const uint8_t *items;
    size_t items_length;
} mt_wire_message_t;

/*
 * Writes a message as one frame.
 *
 * MT_ERROR_INVALID_ARGUMENT   a member that the type cannot have, or over its limit
 * MT_ERROR_BUFFER_TOO_SMALL   *dst_length is the length of the frame
 * MT_ERROR_NULL_POINTER, MT_ERROR_STRUCT_SIZE, MT_ERROR_OVERLAP
 */
MT_API mt_status_t mt_wire_encode(
    uint8_t *dst, size_t dst_capacity, size_t *dst_length, const mt_wire_message_t *message) MT_NOEXCEPT;

/*
 * Reads the frame at the start of length bytes, and sets *frame_length to the bytes that it takes; the next one follows there. bytes and
 * items of the message point into data. Members of the struct beyond struct_size in message are not written.
 *
 * MT_ERROR_INCOMPLETE           the frame is cut: *frame_length is how long it is (MT_WIRE_HEADER_LENGTH while that is not known)
 * MT_ERROR_PROTOCOL_VIOLATION   the header breaks the protocol
 * MT_ERROR_MALFORMED            the body does
 * MT_ERROR_NULL_POINTER, MT_ERROR_STRUCT_SIZE
 */
MT_API mt_status_t mt_wire_decode(
    mt_wire_message_t *message, size_t *frame_length, const uint8_t *data, size_t length) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 11  Client
 *
 * These calls wait until they are done; part 13 has the same without waiting. A client may be used by any number of threads at once.
 * Errors that every call below can return, beside those it names:
 *
 *      MT_ERROR_UNREACHABLE         no node answers
 *      MT_ERROR_UNAUTHORIZED        the credential may not do this, or was refused; or an "mtv1:" capability cannot read
 *      MT_ERROR_MALFORMED           the capability or credential was cut or mistyped
 *      MT_ERROR_NOT_ENOUGH_SHARDS   get: too many blobs are lost to read now; put: too few nodes to store safely
 *      MT_ERROR_INTEGRITY           what came back is not what the capability names
 *      MT_ERROR_CANCELED            the client was closed, the operation cancelled, or a progress callback asked for it
 *      MT_ERROR_TIMEOUT             a node took too long
 *      MT_ERROR_INVALID_HANDLE, MT_ERROR_NULL_POINTER, MT_ERROR_INVALID_ARGUMENT, MT_ERROR_STRUCT_SIZE, MT_ERROR_UNSUPPORTED
 * ------------------------------------------------------------------------------------------------------------------------------ */

typedef struct mt_client mt_client_t;

/* A length or total that is not known, and "up to the end". */
#define MT_LENGTH_UNKNOWN UINT64_MAX

/*
 * Told after every piece: bytes_done of bytes_total, which is MT_LENGTH_UNKNOWN while it is not known. Returns 0 to go on; anything else
 * cancels the operation. Never called twice at once for one operation, and not after it is complete.
 */
typedef int32_t (*mt_progress_fn)(void *context, uint64_t bytes_done, uint64_t bytes_total) MT_CALLBACK_NOEXCEPT;

typedef struct mt_client_options
{
    uint32_t struct_size;            /* sizeof(mt_client_options_t) */
    uint32_t request_timeout_ms;     /* how long one request may make no progress before another node is asked; 0: 15,000 */
    uint64_t memory_bytes_max;       /* memory for stripes under way, in each direction; 0: 96 MiB */
    const char *credential;          /* the credential itself, "mtcred1:..."; NULL: see mt_client_open */
    const char *credential_path;     /* a file with the credential; NULL: see mt_client_open */
} mt_client_options_t;

typedef struct mt_put_result
{
    uint32_t struct_size;        /* in: sizeof(mt_put_result_t) */
    uint32_t stripes;            /* stripes of the object, manifests included */
    uint32_t incomplete_stripes; /* of which this many miss a blob; the nodes add it by themselves */
    uint32_t missing_blobs;
    uint32_t blobs_stored;
    uint32_t blobs_reused;       /* blobs that were there already */
    uint64_t bytes;              /* bytes of the object */
    uint64_t stored_bytes;       /* bytes of blobs, parity and manifests included */
} mt_put_result_t;

typedef struct mt_put_options
{
    uint32_t struct_size;       /* sizeof(mt_put_options_t) */
    uint32_t data_shards;       /* k and m; both 0: 4 and 2 */
    uint32_t parity_shards;
    uint32_t suite;             /* MT_SUITE_*, or 0 */
    uint32_t compression;       /* MT_COMPRESSION_*, or 0 */
    uint32_t deduplicate;       /* not 0: chunks are cut by content, and equal ones under one credential are stored once */
    const char *name;           /* of the object, where it has no path; NULL: "data" */
    mt_progress_fn progress;    /* may be NULL */
    void *progress_context;
    mt_put_result_t *result;    /* filled when the put succeeds; may be NULL */
} mt_put_options_t;

typedef struct mt_get_result
{
    uint32_t struct_size;    /* in: sizeof(mt_get_result_t) */
    uint32_t blobs_rebuilt;  /* data blobs that had to be computed from parity */
    uint32_t bad_blobs;      /* blobs that arrived with the wrong bytes, and were refused */
    uint32_t reserved;       /* 0 */
    uint64_t bytes;          /* bytes of the object */
    uint64_t bytes_resumed;  /* of which an earlier get that was interrupted had brought this many */
} mt_get_result_t;

typedef struct mt_get_options
{
    uint32_t struct_size;       /* sizeof(mt_get_options_t) */
    uint32_t overwrite;         /* not 0: a file that is there is replaced; 0: it is an error */
    mt_progress_fn progress;    /* may be NULL */
    void *progress_context;
    mt_get_result_t *result;    /* filled when the get succeeds; may be NULL */
} mt_get_options_t;

/*
 * Reaches a cluster through any one of its nodes, and stores a client in *out. cluster is "HOST:PORT", or several parted by commas.
 *
 * NULL for cluster takes, like the program `megatorrent`: the variable MEGATORRENT_CLUSTER, else the cluster that `megatorrent cluster up`
 * left running on this machine, else the nodes that the credential names. Without a credential in options: the variable
 * MEGATORRENT_CREDENTIAL (a file, or the credential itself), else the one in the user's configuration folder, which
 * `megatorrent join TOKEN` and `cluster up` write.
 *
 * MT_ERROR_INVALID_ARGUMENT   cluster has something else in it
 * MT_ERROR_UNREACHABLE        no cluster is known, or none of its nodes answers
 * MT_ERROR_UNAUTHORIZED       there is no credential, or it was refused
 * MT_ERROR_NOT_FOUND          there is no file at credential_path
 */
MT_API mt_status_t mt_client_open(mt_client_t **out, const char *cluster, const mt_client_options_t *options) MT_NOEXCEPT;

/*
 * Puts length bytes at data as a file, and writes the capability that reads it to cap. When the call has succeeded every stripe has at
 * least k + m/2 (rounded up) blobs that are durable on different nodes; options.result says what is still missing. When it fails nothing
 * is acknowledged. data may be NULL if length is 0. A cap that is too small is noticed before anything is sent.
 *
 * MT_ERROR_STORE_FULL, MT_ERROR_BUFFER_TOO_SMALL (*cap_length + 1 is needed), MT_ERROR_LENGTH
 */
MT_API mt_status_t mt_client_put(
    mt_client_t *client, char *cap, size_t cap_capacity, size_t *cap_length, const uint8_t *data, size_t length,
    const mt_put_options_t *options) MT_NOEXCEPT;

/* The same with the file or directory at path. MT_ERROR_NOT_FOUND: nothing is there; MT_ERROR_INPUT_OUTPUT: it cannot be read. */
MT_API mt_status_t mt_client_put_file(
    mt_client_t *client, char *cap, size_t cap_capacity, size_t *cap_length, const char *path, const mt_put_options_t *options) MT_NOEXCEPT;

/*
 * Gets the file or directory behind cap to path. Until it is whole it stands under PATH.mtpart, where a later call goes on.
 *
 * MT_ERROR_INVALID_ARGUMENT   something is at path already (see overwrite)
 * MT_ERROR_INPUT_OUTPUT       path cannot be written
 */
MT_API mt_status_t mt_client_get_file(
    mt_client_t *client, const char *path, const char *cap, const mt_get_options_t *options) MT_NOEXCEPT;

/*
 * Reads the file behind cap from offset on into dst, as far as it goes: *dst_length bytes were written, fewer than dst_capacity only
 * where the file ends, so 0 exactly at its end. An offset beyond the end is MT_ERROR_INVALID_ARGUMENT, and so is a directory.
 * After a failure dst may hold part of what was asked for. To read often from one file, open it (part 12).
 */
MT_API mt_status_t mt_client_read(
    mt_client_t *client, uint8_t *dst, size_t dst_capacity, size_t *dst_length, const char *cap, uint64_t offset) MT_NOEXCEPT;

typedef struct mt_verify_report
{
    uint32_t struct_size;      /* in: sizeof(mt_verify_report_t) */
    uint32_t healthy;          /* 1 if every stripe has every blob, and each was read and hashed */
    uint32_t recoverable;      /* 1 if every stripe can be read */
    int32_t lowest_margin;     /* how many more blobs the weakest stripe can lose; below 0: it is lost */
    uint32_t stripes;
    uint32_t healthy_stripes;
    uint32_t blobs;            /* blobs and copies that should be there */
    uint32_t good_blobs;       /* that were read and are right */
    uint32_t missing_blobs;    /* that no living node has */
    uint32_t bad_blobs;        /* that a node has, and that are wrong */
} mt_verify_report_t;

typedef struct mt_repair_report
{
    uint32_t struct_size;      /* in: sizeof(mt_repair_report_t) */
    uint32_t stripes;          /* looked at */
    uint32_t stripes_repaired; /* that got at least one blob back */
    uint32_t blobs_restored;
    uint32_t still_missing;    /* blobs for which there is no node now */
    uint32_t unrecoverable;    /* stripes with fewer than k blobs */
} mt_repair_report_t;

/* How to check an object. */
typedef struct mt_check_options
{
    uint32_t struct_size;       /* sizeof(mt_check_options_t) */
    uint32_t reserved;          /* 0 */
    mt_progress_fn progress;    /* may be NULL */
    void *progress_context;
} mt_check_options_t;

/* Reads and hashes every blob of an object, parity too. A damaged object is a result, not a failure. An "mtv1:" capability is enough. */
MT_API mt_status_t mt_client_verify(
    mt_client_t *client, mt_verify_report_t *report, const char *cap, const mt_check_options_t *options) MT_NOEXCEPT;

/* Verifies, and stores anew what is missing or wrong. An "mtv1:" capability is enough; the credential must be a writer's. */
MT_API mt_status_t mt_client_repair(
    mt_client_t *client, mt_repair_report_t *report, const char *cap, const mt_check_options_t *options) MT_NOEXCEPT;

typedef struct mt_client_status
{
    uint32_t struct_size;      /* in: sizeof(mt_client_status_t) */
    uint32_t members;          /* nodes of the cluster, dead ones too */
    uint32_t living_members;
    uint32_t failure_domains;  /* different ones among all members */
} mt_client_status_t;

/* Asks the cluster who is in it now. When nobody answers: what was heard last. */
MT_API mt_status_t mt_client_status(mt_client_t *client, mt_client_status_t *status) MT_NOEXCEPT;

/*
 * Closes a client: whatever is under way through it, or through objects, streams and operations that came from it, is cancelled and
 * waited for. Their handles stay and must be destroyed, but give MT_ERROR_CANCELED. NULL does nothing. Inside a progress callback of the
 * same client it cannot wait: there it does nothing but set the last error, and the client stays open.
 */
MT_API void mt_client_close(mt_client_t *client) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 12  Objects and streams
 *
 * An object is what is behind a capability, opened once. A download reads it in order, ahead of the reader; an upload writes a new one in
 * order, of any length. Errors of part 11 apply.
 * ------------------------------------------------------------------------------------------------------------------------------ */

typedef struct mt_object mt_object_t;
typedef struct mt_download mt_download_t;
typedef struct mt_upload mt_upload_t;

typedef struct mt_object_info
{
    uint32_t struct_size;      /* in: sizeof(mt_object_info_t) */
    uint32_t kind;             /* MT_MANIFEST_FILE or MT_MANIFEST_DIRECTORY */
    uint32_t mode;             /* permission bits */
    uint32_t entry_count;      /* entries of a directory */
    uint64_t length;           /* bytes of the content */
    int64_t modified_unix_ns;
} mt_object_info_t;

/* What an entry of a directory is. */
#define MT_ENTRY_FILE 1u
#define MT_ENTRY_DIRECTORY 2u
#define MT_ENTRY_LINK 3u

typedef struct mt_entry_info
{
    uint32_t struct_size;      /* in: sizeof(mt_entry_info_t) */
    uint32_t kind;             /* MT_ENTRY_* */
    uint32_t mode;
    uint32_t reserved;         /* 0 */
    uint64_t length;           /* bytes of a file, else 0 */
    uint64_t offset;           /* of a file: where its bytes begin in the content of the directory */
    int64_t modified_unix_ns;
} mt_entry_info_t;

/* Opens an object. */
MT_API mt_status_t mt_object_open(mt_client_t *client, mt_object_t **out, const char *cap) MT_NOEXCEPT;

/* What it is, and its name. */
MT_API mt_status_t mt_object_get_info(mt_object_t *object, mt_object_info_t *info) MT_NOEXCEPT;
MT_API mt_status_t mt_object_get_name(mt_object_t *object, char *dst, size_t dst_capacity, size_t *dst_length) MT_NOEXCEPT;

/* An entry of a directory, in the order of their paths, and its path below the directory, with '/' between the parts. */
MT_API mt_status_t mt_object_get_entry(mt_object_t *object, mt_entry_info_t *entry, uint32_t entry_index) MT_NOEXCEPT;
MT_API mt_status_t mt_object_get_entry_path(
    mt_object_t *object, char *dst, size_t dst_capacity, size_t *dst_length, uint32_t entry_index) MT_NOEXCEPT;

/* Reads content from offset on, as mt_client_read does; of a directory too: the files of it, one after the other. */
MT_API mt_status_t mt_object_read(
    mt_object_t *object, uint8_t *dst, size_t dst_capacity, size_t *dst_length, uint64_t offset) MT_NOEXCEPT;

/* Destroys an object; downloads that came from it live on. NULL does nothing. */
MT_API void mt_object_destroy(mt_object_t *object) MT_NOEXCEPT;

/* Begins to read length bytes of content from offset on, or all up to the end with MT_LENGTH_UNKNOWN. The length is cut at the end. */
MT_API mt_status_t mt_download_create(mt_object_t *object, mt_download_t **out, uint64_t offset, uint64_t length) MT_NOEXCEPT;

/*
 * Reads the next bytes: at least one, unless dst_capacity is 0 or the end is reached, then *dst_length is 0. Calls on one download must
 * not overlap: MT_ERROR_STATE. After a failure the download is dead and gives the same error again.
 */
MT_API mt_status_t mt_download_read(mt_download_t *download, uint8_t *dst, size_t dst_capacity, size_t *dst_length) MT_NOEXCEPT;

/* Destroys a download, and stops what it has under way. NULL does nothing. */
MT_API void mt_download_destroy(mt_download_t *download) MT_NOEXCEPT;

/* Begins to put a file whose length need not be known. options as for mt_client_put; result is filled by mt_upload_finish. */
MT_API mt_status_t mt_upload_create(mt_client_t *client, mt_upload_t **out, const mt_put_options_t *options) MT_NOEXCEPT;

/*
 * Appends bytes; waits while too much is under way. Calls on one upload must not overlap: MT_ERROR_STATE. After a failure the upload is
 * dead and gives the same error again.
 */
MT_API mt_status_t mt_upload_write(mt_upload_t *upload, const uint8_t *data, size_t length) MT_NOEXCEPT;

/* Ends the file and waits until it is stored, as mt_client_put does; then cap reads it. After that the upload gives MT_ERROR_STATE. */
MT_API mt_status_t mt_upload_finish(mt_upload_t *upload, char *cap, size_t cap_capacity, size_t *cap_length) MT_NOEXCEPT;

/* Destroys an upload; one that was not finished is given up, and nothing is acknowledged. NULL does nothing. */
MT_API void mt_upload_destroy(mt_upload_t *upload) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 13  Operations
 *
 * Every *_start begins what the function without _start does, stores an operation in *out, and returns at once. What it was given - data,
 * dst, options.result, contexts - must stay until the operation is complete; texts and option structs are copied. The operation is
 * complete when its completion callback is called, once, on a thread of the library; or when its descriptor becomes readable, which any
 * event loop can wait for; or when mt_operation_wait says so. If the start itself fails there is no operation and no callback.
 *
 *      mt_client_read_start(client, &operation, dst, sizeof dst, cap, 0, completed, context);
 *      ... in completed, or later: mt_operation_status, mt_operation_get_length; then mt_operation_destroy
 * ------------------------------------------------------------------------------------------------------------------------------ */

typedef struct mt_operation mt_operation_t;

/* Called once, when an operation is complete; status is how it ended. The operation may be destroyed inside. */
typedef void (*mt_completion_fn)(void *context, mt_operation_t *operation, mt_status_t status) MT_CALLBACK_NOEXCEPT;

/* completion may be NULL in all of these. The client, object, upload or download must be a live one. */
MT_API mt_status_t mt_client_open_start(
    mt_operation_t **out, const char *cluster, const mt_client_options_t *options, mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_client_put_start(
    mt_client_t *client, mt_operation_t **out, const uint8_t *data, size_t length, const mt_put_options_t *options,
    mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_client_put_file_start(
    mt_client_t *client, mt_operation_t **out, const char *path, const mt_put_options_t *options, mt_completion_fn completion,
    void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_client_get_file_start(
    mt_client_t *client, mt_operation_t **out, const char *path, const char *cap, const mt_get_options_t *options,
    mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_client_read_start(
    mt_client_t *client, mt_operation_t **out, uint8_t *dst, size_t dst_capacity, const char *cap, uint64_t offset,
    mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_client_verify_start(
    mt_client_t *client, mt_operation_t **out, mt_verify_report_t *report, const char *cap, const mt_check_options_t *options,
    mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_client_repair_start(
    mt_client_t *client, mt_operation_t **out, mt_repair_report_t *report, const char *cap, const mt_check_options_t *options,
    mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_object_open_start(
    mt_client_t *client, mt_operation_t **out, const char *cap, mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_object_read_start(
    mt_object_t *object, mt_operation_t **out, uint8_t *dst, size_t dst_capacity, uint64_t offset, mt_completion_fn completion,
    void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_download_read_start(
    mt_download_t *download, mt_operation_t **out, uint8_t *dst, size_t dst_capacity, mt_completion_fn completion,
    void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_upload_write_start(
    mt_upload_t *upload, mt_operation_t **out, const uint8_t *data, size_t length, mt_completion_fn completion, void *context) MT_NOEXCEPT;
MT_API mt_status_t mt_upload_finish_start(
    mt_upload_t *upload, mt_operation_t **out, mt_completion_fn completion, void *context) MT_NOEXCEPT;

/* Asks an operation to stop. It completes soon, with MT_ERROR_CANCELED unless it was faster. Asking twice, or too late, does nothing. */
MT_API mt_status_t mt_operation_cancel(mt_operation_t *operation) MT_NOEXCEPT;

/*
 * Waits until the operation is complete, at most timeout_ms milliseconds (UINT32_MAX: for ever), and sets *done to 1 if it is, else to 0.
 * Its completion callback may not have returned yet; mt_operation_destroy waits for that. Inside a callback of the same operation:
 * MT_ERROR_STATE, unless it is complete.
 */
MT_API mt_status_t mt_operation_wait(mt_operation_t *operation, int32_t *done, uint32_t timeout_ms) MT_NOEXCEPT;

/*
 * How a complete operation ended: MT_OK or its error, whose detail becomes the last error of the calling thread. MT_ERROR_STATE while it is
 * under way.
 */
MT_API mt_status_t mt_operation_status(mt_operation_t *operation) MT_NOEXCEPT;

/*
 * Stores a file descriptor that is readable once the operation is complete: for poll, epoll, kqueue, libuv. It belongs to the operation:
 * do not read from it or close it; it is closed by mt_operation_destroy. MT_ERROR_UNSUPPORTED where the system has no such thing.
 */
MT_API mt_status_t mt_operation_get_descriptor(mt_operation_t *operation, int32_t *descriptor) MT_NOEXCEPT;

/*
 * What a complete operation gave; MT_ERROR_STATE while it is under way, if it failed, or if it gives no such thing. The capability of a put
 * or upload; the bytes that a read wrote; the client or object that was opened, which is then the caller's to close or destroy.
 */
MT_API mt_status_t mt_operation_get_capability(
    mt_operation_t *operation, char *cap, size_t cap_capacity, size_t *cap_length) MT_NOEXCEPT;
MT_API mt_status_t mt_operation_get_length(mt_operation_t *operation, size_t *length) MT_NOEXCEPT;
MT_API mt_status_t mt_operation_take_client(mt_operation_t *operation, mt_client_t **out) MT_NOEXCEPT;
MT_API mt_status_t mt_operation_take_object(mt_operation_t *operation, mt_object_t **out) MT_NOEXCEPT;

/*
 * Destroys an operation. One that is under way is cancelled first and waited for, so that nothing of the caller's is used afterwards;
 * inside its own progress callback, where that cannot be waited for, this is refused with the last error. NULL does nothing.
 */
MT_API void mt_operation_destroy(mt_operation_t *operation) MT_NOEXCEPT;


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 14  Log and processor
 * ------------------------------------------------------------------------------------------------------------------------------ */

#define MT_LOG_ERROR 1
#define MT_LOG_WARNING 2
#define MT_LOG_INFO 3
#define MT_LOG_DEBUG 4

/*
 * Takes one line in UTF-8, without an end of line. No secret is ever in it. Calls do not overlap, and what is said by a call that the
 * callback makes itself is dropped. Since it may be called in the middle of anything, nothing can be waited for inside it:
 * mt_client_close, and mt_operation_wait and mt_operation_destroy of an operation that is under way, are refused there.
 */
typedef void (*mt_log_fn)(void *context, int32_t level, const char *message) MT_CALLBACK_NOEXCEPT;

/*
 * Sends what the library has to say, up to a level, to a callback; NULL ends that, which is how it begins. After the call has returned the
 * callback that was set before is not called any more, except by a call that is made inside it.
 *
 * MT_ERROR_INVALID_ARGUMENT   level_max is not MT_LOG_*
 */
MT_API mt_status_t mt_log_set(mt_log_fn log, void *context, int32_t level_max) MT_NOEXCEPT;

/* The processor that this build of the library is for: "x86-64-v3", "x86-64-v4", or "portable". Valid until the process ends. */
MT_API const char *mt_processor_level(void) MT_NOEXCEPT;

/*
 * What is in use on this processor, for people: "erasure=avx2 cipher=ipsec-mb sha256=sha-ni". Valid until the process ends.
 */
MT_API const char *mt_processor_kernels(void) MT_NOEXCEPT;


#if defined(__cplusplus)
}
#endif

#endif /* MEGATORRENT_H */
