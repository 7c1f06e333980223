/*
 * Put before a process by LD_PRELOAD: every second read and write at an offset is given fewer bytes than it asked for, as the system may
 * do at any time. Who calls must go on with the rest. Only calls of more than one byte, on regular files.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

static atomic_uint calls;

static int is_cut(int descriptor)
{
    struct stat status;
    return atomic_fetch_add(&calls, 1) % 2 == 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/* From a byte to all but one, by the number of the call. */
static size_t part(size_t length)
{
    return length < 2 ? length : 1 + (atomic_load(&calls) * 2654435761u) % (length - 1);
}

static void *next(const char *name, void **kept)
{
    if (*kept == NULL)
        *kept = dlsym(RTLD_NEXT, name);
    return *kept;
}

ssize_t pread64(int descriptor, void *buffer, size_t length, off64_t offset)
{
    static void *kept;
    ssize_t (*real)(int, void *, size_t, off64_t) = next("pread64", &kept);
    return real(descriptor, buffer, is_cut(descriptor) ? part(length) : length, offset);
}

ssize_t pwrite64(int descriptor, const void *buffer, size_t length, off64_t offset)
{
    static void *kept;
    ssize_t (*real)(int, const void *, size_t, off64_t) = next("pwrite64", &kept);
    return real(descriptor, buffer, is_cut(descriptor) ? part(length) : length, offset);
}

/* Some of the buffers, and a part of the last of them. */
static int cut(const struct iovec *from, int count, struct iovec *to)
{
    int used = (int)part((size_t)count);
    for (int i = 0; i < used; i++)
        to[i] = from[i];
    to[used - 1].iov_len = part(to[used - 1].iov_len);
    return used;
}

ssize_t preadv64(int descriptor, const struct iovec *buffers, int count, off64_t offset)
{
    static void *kept;
    ssize_t (*real)(int, const struct iovec *, int, off64_t) = next("preadv64", &kept);
    struct iovec fewer[1024];
    if (count < 1 || count > 1024 || !is_cut(descriptor))
        return real(descriptor, buffers, count, offset);
    return real(descriptor, fewer, cut(buffers, count, fewer), offset);
}

ssize_t pwritev64(int descriptor, const struct iovec *buffers, int count, off64_t offset)
{
    static void *kept;
    ssize_t (*real)(int, const struct iovec *, int, off64_t) = next("pwritev64", &kept);
    struct iovec fewer[1024];
    if (count < 1 || count > 1024 || !is_cut(descriptor))
        return real(descriptor, buffers, count, offset);
    return real(descriptor, fewer, cut(buffers, count, fewer), offset);
}
