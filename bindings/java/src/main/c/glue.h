/*
 * What the files of the JNI glue share. Each file serves one part of megatorrent.h and lists its methods for org.megatorrent.Native.
 *
 * Rules: Java has checked every index, length and null before it calls; a negative result is a status of the library, whose text
 * Native.lastError gives to the same thread; a Java exception is only ever an OutOfMemoryError. No class is held, so that the class
 * loader of the binding can be collected.
 */
#ifndef MEGATORRENT_GLUE_H
#define MEGATORRENT_GLUE_H

#include <jni.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <megatorrent.h>

/* ---- load.c ---- */

/* The environment of this thread; a thread of the library is attached as a daemon until it ends. NULL if the JVM will not have it. */
JNIEnv *glue_attach(void);

/* Methods of org.megatorrent.Operation and LogSink that are called from here. */
extern jmethodID operation_progress;
extern jmethodID operation_completed;
extern jmethodID log_sink_line;

typedef struct methods
{
    const JNINativeMethod *list;
    jint count;
} methods_t;

#define METHODS(list) { list, (jint)(sizeof list / sizeof *list) }

extern const methods_t library_methods, hash_methods, erasure_methods, blob_methods, bencode_methods, manifest_methods, noise_methods,
    wire_methods, operation_methods, client_methods, object_methods;

/* ---- memory.c ---- */

/* Reading fewer bytes than this copies them; more would make a large frame. */
#define SMALL_LENGTH 512

/* A heap array is pinned for at most so many bytes at once, for as long as no garbage collection can run; more are copied. */
#define PINNED_LENGTH_MAX (16 * 1024 * 1024)

typedef enum use
{
    USE_READ,      /* a heap array may be pinned */
    USE_READ_COPY, /* the call takes long for its length: copy a heap array first */
    USE_WRITE
} use_t;

/* Bytes in Java's hands: a run of a byte[] or of a direct ByteBuffer. */
typedef struct memory
{
    jobject object;
    jint first;      /* index of the first byte */
    jint length;
    use_t use;
    bool direct;
    uint8_t *data;   /* where the bytes are, from memory_prepare or memory_pin on */
    uint8_t *pinned; /* the array, while it is pinned */
    uint8_t *copy;   /* to be freed */
} memory_t;

/*
 * Takes the three arguments by which Java passes bytes: where is the index of the first one in a byte[], and its complement in a direct
 * ByteBuffer. small may be NULL, else SMALL_LENGTH bytes that live as long as the memory. False: an OutOfMemoryError is pending.
 */
bool memory_prepare(JNIEnv *env, memory_t *memory, jobject object, jint where, jint length, use_t use, uint8_t *small);

/* Whether this thread holds a pinned array, and so may call no JNI function. */
bool memory_is_pinned(void);

/* Pins what must be pinned. No other JNI function may be called until memory_release. False: nothing is held, an error is pending. */
bool memory_pin(JNIEnv *env, memory_t *memories, size_t count);

/* Ends memory_pin and memory_prepare. */
void memory_release(JNIEnv *env, memory_t *memories, size_t count);

/* Ends memory_pin only; memory_pin may follow again. */
void memory_unpin(JNIEnv *env, memory_t *memories, size_t count);

/* memory_prepare and memory_pin for one input. */
bool memory_read(JNIEnv *env, memory_t *memory, jobject object, jint where, jint length, uint8_t *small);

/* Copies between an array and native memory in steps that let a garbage collection in between. */
void memory_copy_in(JNIEnv *env, uint8_t *to, jbyteArray array, jint first, jint length);
void memory_copy_out(JNIEnv *env, jbyteArray array, jint first, const uint8_t *from, size_t length);

/* A whole array of known, small length; NULL for a null array. */
const uint8_t *bytes_in(JNIEnv *env, uint8_t *to, jbyteArray array, jint length);
void bytes_out(JNIEnv *env, jbyteArray array, const uint8_t *from, jint length);

/* The text that Java passes as bytes with a NUL at the end: allocated, or NULL for null. False: an OutOfMemoryError is pending. */
bool text_in(JNIEnv *env, char **text, jbyteArray bytes);

/* Zeroes and frees a text, which may be a secret. NULL does nothing. */
void text_free(char *text);

/* Stores numbers in a Java array that has room for them. */
void longs_out(JNIEnv *env, jlongArray array, const jlong *from, jint count);

void throw_out_of_memory(JNIEnv *env, const char *what);

/* Calls get until the capacity suffices; the bytes without NUL, or NULL with a status. */
typedef mt_status_t (*get_bytes_t)(void *context, uint8_t *dst, size_t capacity, size_t *length);
jbyteArray bytes_of(JNIEnv *env, jintArray status_out, get_bytes_t get, void *context);

/* Handles travel as long. */
#define HANDLE(type, value) ((type *)(uintptr_t)(value))
#define JLONG(handle) ((jlong)(uintptr_t)(handle))

/* ---- operation.c ---- */

typedef enum call_kind
{
    CALL_OPEN,
    CALL_PUT,
    CALL_GET,
    CALL_READ,
    CALL_VERIFY,
    CALL_REPAIR,
    CALL_OBJECT,
    CALL_WRITE,
    CALL_FINISH
} call_kind_t;

/* What the options of an upload point to. It lives as long as the Java side or an operation that fills it in. */
typedef struct upload_result
{
    int owners;
    mt_put_result_t put;
} upload_result_t;

void upload_result_release(upload_result_t *result);

/* What an operation of the library needs until it is complete. */
typedef struct call
{
    call_kind_t kind;
    jobject owner;   /* the org.megatorrent.Operation; global */
    jobject object;  /* the direct buffer, or the array that a read goes to; global, may be NULL */
    jint first;      /* in the array */
    uint8_t *copy;   /* stands for the array */
    upload_result_t *upload;
    union
    {
        mt_put_result_t put;
        mt_get_result_t get;
        mt_verify_report_t verify;
        mt_repair_report_t repair;
    } result;
} call_t;

/* NULL: an OutOfMemoryError is pending. */
call_t *call_create(JNIEnv *env, call_kind_t kind, jobject owner);

/* call_create with the memory that the operation reads from or writes to. NULL: an OutOfMemoryError is pending. */
call_t *call_create_with(JNIEnv *env, call_kind_t kind, jobject owner, jobject object, jint where, jint length, uint8_t **bytes);

void call_destroy(JNIEnv *env, call_t *call);

/* Ends a start: keeps the handle, or gives everything back. The call must not be touched afterwards: it may be complete already. */
jint call_started(JNIEnv *env, call_t *call, mt_status_t status, mt_operation_t *operation, jlongArray out);

int32_t call_progress(void *context, uint64_t done, uint64_t total);
void call_completed(void *context, mt_operation_t *operation, mt_status_t status);

#endif
