/* Part 11 of megatorrent.h: the client. Whatever waits for the network is started here and ends in operation.c. */
#include "glue.h"

static jint open_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jbyteArray cluster, jbyteArray credential, jbyteArray credential_path,
    jint request_timeout_ms, jlong memory_bytes_max)
{
    (void)class;
    char *texts[3] = { NULL, NULL, NULL };
    jint status = 0;
    call_t *call = NULL;
    if (text_in(env, &texts[0], cluster) && text_in(env, &texts[1], credential) && text_in(env, &texts[2], credential_path)
        && (call = call_create(env, CALL_OPEN, owner)) != NULL)
    {
        mt_client_options_t options = {
            .struct_size = sizeof options,
            .request_timeout_ms = (uint32_t)request_timeout_ms,
            .memory_bytes_max = (uint64_t)memory_bytes_max,
            .credential = texts[1],
            .credential_path = texts[2],
        };
        mt_operation_t *operation = NULL;
        status = call_started(
            env, call, mt_client_open_start(&operation, texts[0], &options, call_completed, call), operation, out);
    }

    for (int i = 0; i < 3; i++)
        text_free(texts[i]);
    return status;
}

static mt_put_options_t put_options(
    jint data_shards, jint parity_shards, jint suite, jint compression, jboolean deduplicate, const char *name, mt_put_result_t *result)
{
    result->struct_size = sizeof *result;
    return (mt_put_options_t){
        .struct_size = sizeof(mt_put_options_t),
        .data_shards = (uint32_t)data_shards,
        .parity_shards = (uint32_t)parity_shards,
        .suite = (uint32_t)suite,
        .compression = (uint32_t)compression,
        .deduplicate = deduplicate ? 1 : 0,
        .name = name,
        .result = result,
    };
}

static jint put_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong client, jobject data, jint where, jint length, jint data_shards,
    jint parity_shards, jint suite, jint compression, jboolean deduplicate, jbyteArray name, jboolean progress)
{
    (void)class;
    char *text;
    call_t *call = NULL;
    uint8_t *bytes = NULL;
    jint status = 0;
    if (text_in(env, &text, name) && (call = call_create_with(env, CALL_PUT, owner, data, where, length, &bytes)) != NULL)
    {
        mt_operation_t *operation = NULL;
        mt_put_options_t options = put_options(
            data_shards, parity_shards, suite, compression, deduplicate, text, &call->result.put);
        options.progress = progress ? call_progress : NULL;
        options.progress_context = call;
        mt_status_t started = mt_client_put_start(
            HANDLE(mt_client_t, client), &operation, bytes, (size_t)length, &options, call_completed, call);
        status = call_started(env, call, started, operation, out);
    }

    text_free(text);
    return status;
}

static jint put_file_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong client, jbyteArray path, jint data_shards, jint parity_shards,
    jint suite, jint compression, jboolean deduplicate, jbyteArray name, jboolean progress)
{
    (void)class;
    char *texts[2] = { NULL, NULL };
    call_t *call = NULL;
    jint status = 0;
    if (text_in(env, &texts[0], path) && text_in(env, &texts[1], name) && (call = call_create(env, CALL_PUT, owner)) != NULL)
    {
        mt_operation_t *operation = NULL;
        mt_put_options_t options = put_options(
            data_shards, parity_shards, suite, compression, deduplicate, texts[1], &call->result.put);
        options.progress = progress ? call_progress : NULL;
        options.progress_context = call;
        mt_status_t started = mt_client_put_file_start(
            HANDLE(mt_client_t, client), &operation, texts[0], &options, call_completed, call);
        status = call_started(env, call, started, operation, out);
    }

    text_free(texts[0]);
    text_free(texts[1]);
    return status;
}

static jint get_file_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong client, jbyteArray path, jbyteArray capability, jboolean overwrite,
    jboolean progress)
{
    (void)class;
    char *texts[2] = { NULL, NULL };
    call_t *call = NULL;
    jint status = 0;
    if (text_in(env, &texts[0], path) && text_in(env, &texts[1], capability) && (call = call_create(env, CALL_GET, owner)) != NULL)
    {
        mt_operation_t *operation = NULL;
        call->result.get.struct_size = sizeof call->result.get;
        mt_get_options_t options = {
            .struct_size = sizeof options,
            .overwrite = overwrite ? 1 : 0,
            .progress = progress ? call_progress : NULL,
            .progress_context = call,
            .result = &call->result.get,
        };
        mt_status_t started = mt_client_get_file_start(
            HANDLE(mt_client_t, client), &operation, texts[0], texts[1], &options, call_completed, call);
        status = call_started(env, call, started, operation, out);
    }

    text_free(texts[0]);
    text_free(texts[1]);
    return status;
}

static jint read_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong client, jobject dst, jint where, jint length, jbyteArray capability,
    jlong offset)
{
    (void)class;
    char *text;
    call_t *call = NULL;
    uint8_t *bytes = NULL;
    jint status = 0;
    if (text_in(env, &text, capability)
        && (call = call_create_with(env, CALL_READ, owner, dst, where, length, &bytes)) != NULL)
    {
        mt_operation_t *operation = NULL;
        mt_status_t started = mt_client_read_start(
            HANDLE(mt_client_t, client), &operation, bytes, (size_t)length, text, (uint64_t)offset, call_completed, call);
        status = call_started(env, call, started, operation, out);
    }

    text_free(text);
    return status;
}

static jint check_start(
    JNIEnv *env, call_kind_t kind, jobject owner, jlongArray out, jlong client, jbyteArray capability, jboolean progress)
{
    char *text;
    call_t *call = NULL;
    jint status = 0;
    if (text_in(env, &text, capability) && (call = call_create(env, kind, owner)) != NULL)
    {
        mt_client_t *handle = HANDLE(mt_client_t, client);
        mt_operation_t *operation = NULL;
        mt_status_t started;
        mt_check_options_t options = {
            .struct_size = sizeof options,
            .progress = progress ? call_progress : NULL,
            .progress_context = call,
        };
        if (kind == CALL_VERIFY)
        {
            call->result.verify.struct_size = sizeof call->result.verify;
            started = mt_client_verify_start(handle, &operation, &call->result.verify, text, &options, call_completed, call);
        }
        else
        {
            call->result.repair.struct_size = sizeof call->result.repair;
            started = mt_client_repair_start(handle, &operation, &call->result.repair, text, &options, call_completed, call);
        }

        status = call_started(env, call, started, operation, out);
    }

    text_free(text);
    return status;
}

static jint verify_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong client, jbyteArray capability, jboolean progress)
{
    (void)class;
    return check_start(env, CALL_VERIFY, owner, out, client, capability, progress);
}

static jint repair_start(
    JNIEnv *env, jclass class, jobject owner, jlongArray out, jlong client, jbyteArray capability, jboolean progress)
{
    (void)class;
    return check_start(env, CALL_REPAIR, owner, out, client, capability, progress);
}

static jint client_status(JNIEnv *env, jclass class, jlong client, jlongArray out)
{
    (void)class;
    mt_client_status_t found = { .struct_size = sizeof found };
    mt_status_t status = mt_client_status(HANDLE(mt_client_t, client), &found);
    if (status == MT_OK)
        longs_out(env, out, (jlong[]){ found.members, found.living_members, found.failure_domains }, 3);
    return status;
}

static void client_close(JNIEnv *env, jclass class, jlong client)
{
    (void)env, (void)class;
    mt_client_close(HANDLE(mt_client_t, client));
}

/* The result is the Java side's until uploadResultRelease; see upload_result_t. */
static jint upload_create(
    JNIEnv *env, jclass class, jlongArray out, jlong client, jint data_shards, jint parity_shards, jint suite, jint compression,
    jboolean deduplicate, jbyteArray name)
{
    (void)class;
    char *text;
    if (!text_in(env, &text, name))
        return 0;
    upload_result_t *result = calloc(1, sizeof *result);
    if (result == NULL)
    {
        text_free(text);
        throw_out_of_memory(env, "no native memory for an upload");
        return 0;
    }

    mt_upload_t *upload = NULL;
    mt_put_options_t options = put_options(data_shards, parity_shards, suite, compression, deduplicate, text, &result->put);
    result->owners = 1;
    mt_status_t status = mt_upload_create(HANDLE(mt_client_t, client), &upload, &options);
    text_free(text);
    if (status == MT_OK)
        longs_out(env, out, (jlong[]){ JLONG(upload), JLONG(result) }, 2);
    else
        upload_result_release(result);
    return status;
}

static const JNINativeMethod methods[] = {
    { "clientOpenStart", "(Lorg/megatorrent/Operation;[J[B[B[BIJ)I", open_start },
    { "clientPutStart", "(Lorg/megatorrent/Operation;[JJLjava/lang/Object;IIIIIIZ[BZ)I", put_start },
    { "clientPutFileStart", "(Lorg/megatorrent/Operation;[JJ[BIIIIZ[BZ)I", put_file_start },
    { "clientGetFileStart", "(Lorg/megatorrent/Operation;[JJ[B[BZZ)I", get_file_start },
    { "clientReadStart", "(Lorg/megatorrent/Operation;[JJLjava/lang/Object;II[BJ)I", read_start },
    { "clientVerifyStart", "(Lorg/megatorrent/Operation;[JJ[BZ)I", verify_start },
    { "clientRepairStart", "(Lorg/megatorrent/Operation;[JJ[BZ)I", repair_start },
    { "clientStatus", "(J[J)I", client_status },
    { "clientClose", "(J)V", client_close },
    { "uploadCreate", "([JJIIIIZ[B)I", upload_create },
};

const methods_t client_methods = METHODS(methods);
