/*
 * Part 13 of megatorrent.h: how an operation of the library becomes one of Java.
 *
 *      Java thread     Native.*Start -> call_create, mt_*_start, call_started
 *      library thread  call_progress -> Operation.progress, any number of times
 *      library thread  call_completed -> Operation.completed, once; the call is gone afterwards
 *
 * The completion may come before the start has returned. Both callbacks may also come on a Java thread that is inside the library.
 */
#include "glue.h"

void upload_result_release(upload_result_t *result)
{
    if (result != NULL && __atomic_sub_fetch(&result->owners, 1, __ATOMIC_ACQ_REL) == 0)
        free(result);
}

call_t *call_create(JNIEnv *env, call_kind_t kind, jobject owner)
{
    call_t *call = calloc(1, sizeof *call);
    if (call != NULL)
    {
        call->kind = kind;
        call->owner = (*env)->NewGlobalRef(env, owner);
        if (call->owner != NULL)
            return call;
    }

    free(call);
    throw_out_of_memory(env, "no native memory for an operation");
    return NULL;
}

call_t *call_create_with(JNIEnv *env, call_kind_t kind, jobject owner, jobject object, jint where, jint length, uint8_t **bytes)
{
    call_t *call = call_create(env, kind, owner);
    if (call == NULL)
        return NULL;
    call->first = where < 0 ? ~where : where;
    call->object = (*env)->NewGlobalRef(env, object);
    if (call->object != NULL && where < 0)
    {
        *bytes = (*env)->GetDirectBufferAddress(env, object);
        if (*bytes != NULL)
            *bytes += call->first;
        return call;
    }

    if (call->object != NULL)
        *bytes = call->copy = malloc(length == 0 ? 1 : (size_t)length);
    if (call->copy == NULL)
    {
        call_destroy(env, call);
        throw_out_of_memory(env, "no native memory for a copy of an array");
        return NULL;
    }

    if (kind != CALL_READ)
        memory_copy_in(env, call->copy, object, call->first, length);
    return call;
}

void call_destroy(JNIEnv *env, call_t *call)
{
    if (env != NULL)
    {
        (*env)->DeleteGlobalRef(env, call->owner);
        if (call->object != NULL)
            (*env)->DeleteGlobalRef(env, call->object);
    }

    upload_result_release(call->upload);
    free(call->copy);
    free(call);
}

jint call_started(JNIEnv *env, call_t *call, mt_status_t status, mt_operation_t *operation, jlongArray out)
{
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(operation) }, 1);
    else
        call_destroy(env, call);
    return status;
}

int32_t call_progress(void *context, uint64_t done, uint64_t total)
{
    call_t *call = context;
    JNIEnv *env = glue_attach();
    if (env == NULL)
        return 1; /* the JVM goes away: nobody waits for the end */
    jboolean go_on = (*env)->CallBooleanMethod(env, call->owner, operation_progress, (jlong)done, (jlong)total);
    if (!(*env)->ExceptionCheck(env))
        return go_on ? 0 : 1;
    (*env)->ExceptionClear(env); /* out of memory: this step is not told */
    return 0;
}

/* What an operation gave, for Operation.completed. */
typedef struct outcome
{
    mt_status_t status;
    jbyteArray detail;
    jbyteArray text;
    jlong value;
    jlongArray numbers;
} outcome_t;

static jbyteArray new_bytes(JNIEnv *env, outcome_t *outcome, const char *bytes, size_t length)
{
    jbyteArray array = (*env)->NewByteArray(env, (jsize)length);
    if (array != NULL)
        memory_copy_out(env, array, 0, (const uint8_t *)bytes, length);
    else
        outcome->status = MT_ERROR_OUT_OF_MEMORY;
    (*env)->ExceptionClear(env);
    return array;
}

static void give_numbers(JNIEnv *env, outcome_t *outcome, const jlong *numbers, jint count)
{
    outcome->numbers = (*env)->NewLongArray(env, count);
    if (outcome->numbers != NULL)
        longs_out(env, outcome->numbers, numbers, count);
    else
        outcome->status = MT_ERROR_OUT_OF_MEMORY;
    (*env)->ExceptionClear(env);
}

static void give_detail(JNIEnv *env, outcome_t *outcome, mt_operation_t *operation)
{
    char text[2048];
    mt_operation_status(operation);
    size_t length = mt_last_error(text, sizeof text);
    if (length >= sizeof text)
        length = strlen(text);
    outcome->detail = new_bytes(env, outcome, text, length);
}

static void give_capability(JNIEnv *env, outcome_t *outcome, mt_operation_t *operation, const mt_put_result_t *put)
{
    char text[MT_CAPABILITY_CAPACITY];
    size_t length = 0;
    outcome->status = mt_operation_get_capability(operation, text, sizeof text, &length);
    if (outcome->status != MT_OK)
        return;
    outcome->text = new_bytes(env, outcome, text, length);
    give_numbers(
        env, outcome,
        (jlong[]){ put->stripes, put->incomplete_stripes, put->missing_blobs, put->blobs_stored, put->blobs_reused, (jlong)put->bytes,
            (jlong)put->stored_bytes },
        7);
}

static void give_result(JNIEnv *env, outcome_t *outcome, call_t *call, mt_operation_t *operation)
{
    mt_client_t *client = NULL;
    mt_object_t *object = NULL;
    size_t length = 0;
    switch (call->kind)
    {
        case CALL_OPEN:
            outcome->status = mt_operation_take_client(operation, &client);
            outcome->value = JLONG(client);
            break;
        case CALL_OBJECT:
            outcome->status = mt_operation_take_object(operation, &object);
            outcome->value = JLONG(object);
            break;
        case CALL_PUT:
            give_capability(env, outcome, operation, &call->result.put);
            break;
        case CALL_FINISH:
            give_capability(env, outcome, operation, &call->upload->put);
            break;
        case CALL_READ:
            outcome->status = mt_operation_get_length(operation, &length);
            outcome->value = (jlong)length;
            if (outcome->status == MT_OK && call->copy != NULL)
                memory_copy_out(env, call->object, call->first, call->copy, length);
            break;
        case CALL_GET:
        {
            const mt_get_result_t *get = &call->result.get;
            give_numbers(
                env, outcome, (jlong[]){ get->blobs_rebuilt, get->bad_blobs, (jlong)get->bytes, (jlong)get->bytes_resumed }, 4);
            break;
        }

        case CALL_VERIFY:
        {
            const mt_verify_report_t *report = &call->result.verify;
            give_numbers(
                env, outcome,
                (jlong[]){ report->healthy, report->recoverable, report->lowest_margin, report->stripes, report->healthy_stripes,
                    report->blobs, report->good_blobs, report->missing_blobs, report->bad_blobs },
                9);
            break;
        }

        case CALL_REPAIR:
        {
            const mt_repair_report_t *report = &call->result.repair;
            give_numbers(
                env, outcome,
                (jlong[]){ report->stripes, report->stripes_repaired, report->blobs_restored, report->still_missing,
                    report->unrecoverable },
                5);
            break;
        }

        case CALL_WRITE:
            break;
    }
}

void call_completed(void *context, mt_operation_t *operation, mt_status_t status)
{
    call_t *call = context;
    JNIEnv *env = glue_attach();
    if (env == NULL)
    {
        mt_operation_destroy(operation);
        call_destroy(NULL, call);
        return;
    }

    outcome_t outcome = { .status = status };
    bool framed = (*env)->PushLocalFrame(env, 8) == 0;
    (*env)->ExceptionClear(env);
    if (status != MT_OK)
        give_detail(env, &outcome, operation);
    else
        give_result(env, &outcome, call, operation);
    mt_operation_destroy(operation);

    /* Operation.completed lets nothing out; should it yet, nobody is there to take it. */
    (*env)->CallVoidMethod(
        env, call->owner, operation_completed, outcome.status, outcome.detail, outcome.text, outcome.value, outcome.numbers);
    (*env)->ExceptionClear(env);
    if (framed)
        (*env)->PopLocalFrame(env, NULL);
    call_destroy(env, call);
}

static jint cancel(JNIEnv *env, jclass class, jlong operation)
{
    (void)env, (void)class;
    return mt_operation_cancel(HANDLE(mt_operation_t, operation));
}

static const JNINativeMethod methods[] = {
    { "operationCancel", "(J)I", cancel },
};

const methods_t operation_methods = METHODS(methods);
