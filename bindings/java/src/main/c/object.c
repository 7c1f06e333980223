/* Part 12 of megatorrent.h: objects, downloads, uploads. */
#include "glue.h"

static jint object_open_start(JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong client, jbyteArray capability)
{
    (void)class;
    char *text;
    call_t *call = NULL;
    jint status = 0;
    if (text_in(env, &text, capability) && (call = call_create(env, CALL_OBJECT, owner)) != NULL)
    {
        mt_operation_t *operation = NULL;
        mt_status_t started = mt_object_open_start(HANDLE(mt_client_t, client), &operation, text, call_completed, call);
        status = call_started(env, call, started, operation, out);
    }

    text_free(text);
    return status;
}

static jint object_get_info(JNIEnv *env, jclass class, jlong object, jlongArray out)
{
    (void)class;
    mt_object_info_t info = { .struct_size = sizeof info };
    mt_status_t status = mt_object_get_info(HANDLE(mt_object_t, object), &info);
    if (status == MT_OK)
        longs_out(env, out, (jlong[]){ info.kind, info.mode, info.entry_count, (jlong)info.length, info.modified_unix_ns }, 5);
    return status;
}

static mt_status_t name_of(void *object, uint8_t *dst, size_t capacity, size_t *length)
{
    return mt_object_get_name(object, (char *)dst, capacity, length);
}

static jbyteArray object_get_name(JNIEnv *env, jclass class, jlong object, jintArray status)
{
    (void)class;
    return bytes_of(env, status, name_of, HANDLE(mt_object_t, object));
}

static jint object_get_entry(JNIEnv *env, jclass class, jlong object, jlongArray out, jint entry_index)
{
    (void)class;
    mt_entry_info_t entry = { .struct_size = sizeof entry };
    mt_status_t status = mt_object_get_entry(HANDLE(mt_object_t, object), &entry, (uint32_t)entry_index);
    if (status == MT_OK)
        longs_out(
            env, out, (jlong[]){ entry.kind, entry.mode, (jlong)entry.length, (jlong)entry.offset, entry.modified_unix_ns }, 5);
    return status;
}

typedef struct entry_place
{
    mt_object_t *object;
    uint32_t index;
} entry_place_t;

static mt_status_t path_of(void *context, uint8_t *dst, size_t capacity, size_t *length)
{
    const entry_place_t *place = context;
    return mt_object_get_entry_path(place->object, (char *)dst, capacity, length, place->index);
}

static jbyteArray object_get_entry_path(JNIEnv *env, jclass class, jlong object, jintArray status, jint entry_index)
{
    (void)class;
    entry_place_t place = { HANDLE(mt_object_t, object), (uint32_t)entry_index };
    return bytes_of(env, status, path_of, &place);
}

static jint object_read_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong object, jobject dst, jint where, jint length, jlong offset)
{
    (void)class;
    uint8_t *bytes = NULL;
    call_t *call = call_create_with(env, CALL_READ, owner, dst, where, length, &bytes);
    if (call == NULL)
        return 0;
    mt_operation_t *operation = NULL;
    mt_status_t started = mt_object_read_start(
        HANDLE(mt_object_t, object), &operation, bytes, (size_t)length, (uint64_t)offset, call_completed, call);
    return call_started(env, call, started, operation, out);
}

static void object_destroy(JNIEnv *env, jclass class, jlong object)
{
    (void)env, (void)class;
    mt_object_destroy(HANDLE(mt_object_t, object));
}

static jint download_create(JNIEnv *env, jclass class, jlongArray out, jlong object, jlong offset, jlong length)
{
    (void)class;
    mt_download_t *download = NULL;
    mt_status_t status = mt_download_create(HANDLE(mt_object_t, object), &download, (uint64_t)offset, (uint64_t)length);
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(download) }, 1);
    return status;
}

static jint download_read_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong download, jobject dst, jint where, jint length)
{
    (void)class;
    uint8_t *bytes = NULL;
    call_t *call = call_create_with(env, CALL_READ, owner, dst, where, length, &bytes);
    if (call == NULL)
        return 0;
    mt_operation_t *operation = NULL;
    mt_status_t started = mt_download_read_start(
        HANDLE(mt_download_t, download), &operation, bytes, (size_t)length, call_completed, call);
    return call_started(env, call, started, operation, out);
}

static void download_destroy(JNIEnv *env, jclass class, jlong download)
{
    (void)env, (void)class;
    mt_download_destroy(HANDLE(mt_download_t, download));
}

static jint upload_write_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong upload, jobject data, jint where, jint length)
{
    (void)class;
    uint8_t *bytes = NULL;
    call_t *call = call_create_with(env, CALL_WRITE, owner, data, where, length, &bytes);
    if (call == NULL)
        return 0;
    mt_operation_t *operation = NULL;
    mt_status_t started = mt_upload_write_start(
        HANDLE(mt_upload_t, upload), &operation, bytes, (size_t)length, call_completed, call);
    return call_started(env, call, started, operation, out);
}

static jint upload_finish_start(JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong upload, jlong result)
{
    (void)class;
    call_t *call = call_create(env, CALL_FINISH, owner);
    if (call == NULL)
        return 0;
    call->upload = HANDLE(upload_result_t, result);
    __atomic_add_fetch(&call->upload->owners, 1, __ATOMIC_RELAXED);
    mt_operation_t *operation = NULL;
    mt_status_t started = mt_upload_finish_start(HANDLE(mt_upload_t, upload), &operation, call_completed, call);
    return call_started(env, call, started, operation, out);
}

static void upload_destroy(JNIEnv *env, jclass class, jlong upload)
{
    (void)env, (void)class;
    mt_upload_destroy(HANDLE(mt_upload_t, upload));
}

static void upload_result(JNIEnv *env, jclass class, jlong result)
{
    (void)env, (void)class;
    upload_result_release(HANDLE(upload_result_t, result));
}

static const JNINativeMethod methods[] = {
    { "objectOpenStart", "(Lorg/megatorrent/Operation;[JJ[B)I", object_open_start },
    { "objectGetInfo", "(J[J)I", object_get_info },
    { "objectGetName", "(J[I)[B", object_get_name },
    { "objectGetEntry", "(J[JI)I", object_get_entry },
    { "objectGetEntryPath", "(J[II)[B", object_get_entry_path },
    { "objectReadStart", "(Lorg/megatorrent/Operation;[JJLjava/lang/Object;IIJ)I", object_read_start },
    { "objectDestroy", "(J)V", object_destroy },
    { "downloadCreate", "([JJJJ)I", download_create },
    { "downloadReadStart", "(Lorg/megatorrent/Operation;[JJLjava/lang/Object;II)I", download_read_start },
    { "downloadDestroy", "(J)V", download_destroy },
    { "uploadWriteStart", "(Lorg/megatorrent/Operation;[JJLjava/lang/Object;II)I", upload_write_start },
    { "uploadFinishStart", "(Lorg/megatorrent/Operation;[JJJ)I", upload_finish_start },
    { "uploadDestroy", "(J)V", upload_destroy },
    { "uploadResultRelease", "(J)V", upload_result },
};

const methods_t object_methods = METHODS(methods);
