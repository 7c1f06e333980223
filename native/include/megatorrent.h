/*
 * megatorrent.h - the C interface of libmegatorrent
 *
 * Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
 *
 *
 * INTRODUCTION
 *
 * This library is the data plane of Megatorrent: the erasure code that lets a file survive the loss of the nodes it is stored on,
 * and the hash that names every stored blob. It needs nothing beside the C library of the system; link with -lmegatorrent.
 *
 * The parts, simple things first:
 *
 *      1  Versions             which library is this
 *      2  Status and errors    how a call fails, and how to learn why
 *      3  SHA-256              one message, or many at once
 *      4  Reed-Solomon         k data shards, m parity shards, any m may be lost
 *
 *
 * RULES THAT HOLD EVERYWHERE
 *
 *  Names       Every function is mt_*, every type mt_*_t, every macro MT_*. Names that end in _index, _count and _length are three
 *              different things: a position, a number of things, a number of bytes.
 *  Order       Handle, output, capacity, length of the output, input, length, options.
 *  Failure     A function that can fail returns mt_status_t: 0 (MT_OK) or a negative code. Nothing is thrown, and nothing is
 *              printed. After a failure outputs are as they were before the call, unless a function says otherwise.
 *  Pointers    NULL where something is needed is MT_ERROR_NULL_POINTER. Any other pointer is believed: it must point to as many
 *              bytes as the function says. No alignment is needed. Inputs are never written to.
 *  Overlap     An output must not overlap another output or an input. This is not checked.
 *  Handles     Opaque values, not addresses. A handle that was destroyed, that is of another kind, or that never came from this
 *              library gives MT_ERROR_INVALID_HANDLE. Every create has one destroy; destroying NULL does nothing.
 *  Memory      What the library allocates it frees itself. It never keeps a pointer of yours after a call has returned.
 *  Threads     Every function may be called from any thread at any time, with the same handle too. Destroying a handle that another
 *              thread is using is safe: the other call completes.
 *  Options     A pointer to an options struct may be NULL: the defaults. Else set struct_size to the sizeof of the struct and every
 *              member that you do not use to 0. So a program that was compiled with an older header goes on working.
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
#define MT_ABI_VERSION_MINOR 1u
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

/* The bytes are not what they should be: -20 to -39. */
#define MT_ERROR_MALFORMED (-20)         /* they break their format */
#define MT_ERROR_INTEGRITY (-21)         /* they are not what their hash, checksum or tag says */
#define MT_ERROR_NOT_ENOUGH_SHARDS (-22) /* fewer than k of a stripe are there */
#define MT_ERROR_NOT_FOUND (-23)         /* what was asked for is not there */

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


/* ---------------------------------------------------------------------------------------------------------------------------------
 * 3  SHA-256 (FIPS 180-4)
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
 */
MT_API mt_status_t mt_sha256_many(uint8_t *out, const uint8_t *const *data, const size_t *lengths, size_t count) MT_NOEXCEPT;


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
 */
MT_API mt_status_t mt_rs_update(
    mt_rs_t *rs, uint8_t *const *parity, uint32_t data_index, const uint8_t *old_data, const uint8_t *new_data,
    size_t shard_length) MT_NOEXCEPT;

/* Destroys a code. NULL does nothing; neither does a handle that is not a live one, except that mt_last_error then says so. */
MT_API void mt_rs_destroy(mt_rs_t *rs) MT_NOEXCEPT;


#if defined(__cplusplus)
}
#endif

#endif /* MEGATORRENT_H */
