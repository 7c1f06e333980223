/* Bytes, texts and numbers between Java and C. */
#include "glue.h"

/* One step of a long copy. */
#define COPY_STEP (1024 * 1024)

static _Thread_local size_t pinned_count;

bool memory_is_pinned(void)
{
    return pinned_count != 0;
}

void throw_out_of_memory(JNIEnv *env, const char *what)
{
    if ((*env)->ExceptionCheck(env))
        return;
    jclass error = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
    if (error == NULL)
        return; /* FindClass has thrown */
    (*env)->ThrowNew(env, error, what);
    (*env)->DeleteLocalRef(env, error);
}

void memory_copy_in(JNIEnv *env, uint8_t *to, jbyteArray array, jint first, jint length)
{
    for (jint done = 0; done < length;)
    {
        jint step = length - done < COPY_STEP ? length - done : COPY_STEP;
        (*env)->GetByteArrayRegion(env, array, first + done, step, (jbyte *)to + done);
        done += step;
    }
}

void memory_copy_out(JNIEnv *env, jbyteArray array, jint first, const uint8_t *from, size_t length)
{
    for (size_t done = 0; done < length;)
    {
        size_t step = length - done < COPY_STEP ? length - done : COPY_STEP;
        (*env)->SetByteArrayRegion(env, array, first + (jint)done, (jsize)step, (const jbyte *)from + done);
        done += step;
    }
}

bool memory_prepare(JNIEnv *env, memory_t *memory, jobject object, jint where, jint length, use_t use, uint8_t *small)
{
    memset(memory, 0, sizeof *memory);
    memory->object = object;
    memory->length = length;
    memory->use = use;
    memory->direct = where < 0;
    memory->first = memory->direct ? ~where : where;
    if (memory->direct)
    {
        uint8_t *address = (*env)->GetDirectBufferAddress(env, object);
        memory->data = address == NULL ? NULL : address + memory->first;
        return true;
    }

    if (use != USE_WRITE && small != NULL && length <= SMALL_LENGTH)
    {
        memory_copy_in(env, small, object, memory->first, length);
        memory->data = small;
        return true;
    }

    if ((use == USE_READ && length > PINNED_LENGTH_MAX) || (use == USE_READ_COPY && length > SMALL_LENGTH))
    {
        memory->copy = malloc((size_t)length);
        if (memory->copy == NULL)
        {
            throw_out_of_memory(env, "no native memory for a copy of an array");
            return false;
        }

        memory_copy_in(env, memory->copy, object, memory->first, length);
        memory->data = memory->copy;
    }

    return true;
}

bool memory_pin(JNIEnv *env, memory_t *memories, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        memory_t *memory = &memories[i];
        if (memory->object == NULL || memory->direct || memory->data != NULL)
            continue;
        memory->pinned = (*env)->GetPrimitiveArrayCritical(env, memory->object, NULL);
        if (memory->pinned == NULL)
        {
            memory_release(env, memories, count);
            throw_out_of_memory(env, "an array cannot be pinned");
            return false;
        }

        pinned_count++;
        memory->data = memory->pinned + memory->first;
    }

    return true;
}

void memory_unpin(JNIEnv *env, memory_t *memories, size_t count)
{
    for (size_t i = count; i-- > 0;)
    {
        memory_t *memory = &memories[i];
        if (memory->pinned == NULL)
            continue;
        (*env)->ReleasePrimitiveArrayCritical(env, memory->object, memory->pinned, memory->use == USE_WRITE ? 0 : JNI_ABORT);
        pinned_count--;
        memory->pinned = memory->data = NULL;
    }
}

void memory_release(JNIEnv *env, memory_t *memories, size_t count)
{
    memory_unpin(env, memories, count);
    for (size_t i = 0; i < count; i++)
    {
        free(memories[i].copy);
        memories[i].copy = NULL;
    }
}

bool memory_read(JNIEnv *env, memory_t *memory, jobject object, jint where, jint length, uint8_t *small)
{
    return memory_prepare(env, memory, object, where, length, USE_READ, small) && memory_pin(env, memory, 1);
}

const uint8_t *bytes_in(JNIEnv *env, uint8_t *to, jbyteArray array, jint length)
{
    if (array == NULL)
        return NULL;
    (*env)->GetByteArrayRegion(env, array, 0, length, (jbyte *)to);
    return to;
}

void bytes_out(JNIEnv *env, jbyteArray array, const uint8_t *from, jint length)
{
    (*env)->SetByteArrayRegion(env, array, 0, length, (const jbyte *)from);
}

bool text_in(JNIEnv *env, char **text, jbyteArray bytes)
{
    *text = NULL;
    if (bytes == NULL)
        return true;
    jint length = (*env)->GetArrayLength(env, bytes);
    *text = malloc((size_t)length);
    if (*text == NULL)
    {
        throw_out_of_memory(env, "no native memory for a text");
        return false;
    }

    memory_copy_in(env, (uint8_t *)*text, bytes, 0, length);
    return true;
}

void text_free(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

void longs_out(JNIEnv *env, jlongArray array, const jlong *from, jint count)
{
    (*env)->SetLongArrayRegion(env, array, 0, count, from);
}

jbyteArray bytes_of(JNIEnv *env, jintArray status_out, get_bytes_t get, void *context)
{
    uint8_t small[SMALL_LENGTH];
    uint8_t *bytes = small;
    size_t capacity = sizeof small;
    size_t length = 0;
    mt_status_t status;
    while ((status = get(context, bytes, capacity, &length)) == MT_ERROR_BUFFER_TOO_SMALL)
    {
        if (bytes != small)
            free(bytes);
        capacity = length + 1;
        bytes = malloc(capacity);
        if (bytes == NULL)
        {
            throw_out_of_memory(env, "no native memory for a result");
            return NULL;
        }
    }

    jbyteArray array = NULL;
    (*env)->SetIntArrayRegion(env, status_out, 0, 1, &status);
    if (status == MT_OK && (array = (*env)->NewByteArray(env, (jsize)length)) != NULL)
        memory_copy_out(env, array, 0, bytes, length);
    if (bytes != small)
        free(bytes);
    return array;
}
