/* Loading and unloading, threads, and parts 1, 2 and 14 of megatorrent.h. */
#include "glue.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static JavaVM *java;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t attached;
static bool has_key;

jmethodID operation_progress;
jmethodID operation_completed;
jmethodID log_sink_line;

/* Where log lines go; global. Written only by Native.logSet, of which Java calls one at a time. */
static jobject log_sink;

static void detach(void *value)
{
    JavaVM *vm = value;
    (*vm)->DetachCurrentThread(vm);
}

static void make_key(void)
{
    has_key = pthread_key_create(&attached, detach) == 0;
}

JNIEnv *glue_attach(void)
{
    JavaVM *vm = java;
    void *env = NULL;
    jint result = (*vm)->GetEnv(vm, &env, JNI_VERSION_1_8);
    if (result == JNI_OK)
        return env;
    if (result != JNI_EDETACHED || !has_key)
        return NULL;

    JavaVMAttachArgs args = { JNI_VERSION_1_8, (char *)"megatorrent", NULL };
    if ((*vm)->AttachCurrentThreadAsDaemon(vm, &env, &args) != JNI_OK)
        return NULL;
    if (pthread_setspecific(attached, vm) != 0)
    {
        /* Nobody would detach it. */
        (*vm)->DetachCurrentThread(vm);
        return NULL;
    }

    return env;
}

static jint abi_version(JNIEnv *env, jclass class)
{
    (void)env, (void)class;
    return (jint)mt_abi_version();
}

static jstring version_string(JNIEnv *env, jclass class)
{
    (void)class;
    return (*env)->NewStringUTF(env, mt_version_string());
}

static jstring status_name(JNIEnv *env, jclass class, jint status)
{
    (void)class;
    return (*env)->NewStringUTF(env, mt_status_name(status));
}

static jstring processor_level(JNIEnv *env, jclass class)
{
    (void)class;
    return (*env)->NewStringUTF(env, mt_processor_level());
}

static jstring processor_kernels(JNIEnv *env, jclass class)
{
    (void)class;
    return (*env)->NewStringUTF(env, mt_processor_kernels());
}

static jbyteArray last_error(JNIEnv *env, jclass class)
{
    (void)class;
    char small[SMALL_LENGTH];
    char *text = small;
    size_t length = mt_last_error(small, sizeof small);
    if (length >= sizeof small)
    {
        text = malloc(length + 1);
        if (text == NULL)
        {
            throw_out_of_memory(env, "no native memory for a text");
            return NULL;
        }

        mt_last_error(text, length + 1);
    }

    jbyteArray bytes = (*env)->NewByteArray(env, (jsize)length);
    if (bytes != NULL)
        memory_copy_out(env, bytes, 0, (const uint8_t *)text, length);
    if (text != small)
        free(text);
    return bytes;
}

static void log_line(void *context, int32_t level, const char *message)
{
    if (memory_is_pinned())
        return; /* called by a function of the library that works on an array: a lost line is better than a dead JVM */
    JNIEnv *env = glue_attach();
    if (env == NULL || (*env)->PushLocalFrame(env, 4) != 0)
    {
        if (env != NULL)
            (*env)->ExceptionClear(env);
        return;
    }

    size_t length = strlen(message);
    jbyteArray bytes = (*env)->NewByteArray(env, (jsize)length);
    if (bytes != NULL)
    {
        memory_copy_out(env, bytes, 0, (const uint8_t *)message, length);
        (*env)->CallVoidMethod(env, context, log_sink_line, level, bytes);
    }

    (*env)->ExceptionClear(env); /* out of memory: the line is lost */
    (*env)->PopLocalFrame(env, NULL);
}

static jint log_set(JNIEnv *env, jclass class, jobject sink, jint level)
{
    (void)class;
    jobject next = sink == NULL ? NULL : (*env)->NewGlobalRef(env, sink);
    if (sink != NULL && next == NULL)
    {
        throw_out_of_memory(env, "no memory for a reference");
        return 0;
    }

    mt_status_t status = mt_log_set(next == NULL ? NULL : log_line, next, level);
    jobject unused = status == MT_OK ? log_sink : next;
    if (status == MT_OK)
        log_sink = next;
    if (unused != NULL)
        (*env)->DeleteGlobalRef(env, unused);
    return status;
}

static const JNINativeMethod methods[] = {
    { "abiVersion", "()I", abi_version },
    { "versionString", "()Ljava/lang/String;", version_string },
    { "statusName", "(I)Ljava/lang/String;", status_name },
    { "processorLevel", "()Ljava/lang/String;", processor_level },
    { "processorKernels", "()Ljava/lang/String;", processor_kernels },
    { "lastError", "()[B", last_error },
    { "logSet", "(Lorg/megatorrent/LogSink;I)I", log_set },
};

const methods_t library_methods = METHODS(methods);

/*
 * Starts the library. Its runtime takes SIGSEGV and SIGFPE and passes on to the JVM what is not its own, which is as it should be; but it
 * also ignores SIGPIPE, which programs that the JVM starts would inherit. The JVM has a handler that does nothing, so that is put back.
 */
static uint32_t start_library(void)
{
    struct sigaction before;
    bool handled = sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN;
    uint32_t version = mt_abi_version();
    if (handled)
        sigaction(SIGPIPE, &before, NULL);
    return version;
}

static bool refuse(JNIEnv *env, const char *text)
{
    jclass error = (*env)->FindClass(env, "java/lang/UnsatisfiedLinkError");
    if (error != NULL)
        (*env)->ThrowNew(env, error, text);
    return false;
}

/*
 * The library loads OpenSSL when it needs it first, and ends the process where there is none: an exception is better. The names are those
 * that it tries; whoever sets the variable knows of another one.
 */
static bool check_openssl(JNIEnv *env)
{
    if (getenv("CLR_OPENSSL_VERSION_OVERRIDE") != NULL || dlopen("libssl.so.3", RTLD_LAZY) != NULL
        || dlopen("libssl.so.1.1", RTLD_LAZY) != NULL)
        return true;
    return refuse(env, "OpenSSL 3 (libssl.so.3) is not installed");
}

/* The library must be the one of megatorrent.h, or a later one that can stand for it. */
static bool check_version(JNIEnv *env)
{
    uint32_t found = start_library();
    if (found >> 16 == MT_ABI_VERSION_MAJOR && found >= MT_ABI_VERSION)
        return true;

    char text[160];
    snprintf(
        text, sizeof text, "libmegatorrent has interface %u.%u (version %.20s); this jar needs %u.%u", found >> 16, found & 0xffff,
        mt_version_string(), MT_ABI_VERSION_MAJOR, MT_ABI_VERSION_MINOR);
    return refuse(env, text);
}

static bool register_all(JNIEnv *env, jclass native)
{
    const methods_t *const parts[] = {
        &library_methods, &hash_methods, &erasure_methods, &blob_methods, &bencode_methods, &manifest_methods, &noise_methods,
        &wire_methods, &operation_methods, &client_methods, &object_methods,
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    {
        if ((*env)->RegisterNatives(env, native, parts[i]->list, parts[i]->count) != 0)
            return false;
    }

    return true;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
    (void)reserved;
    void *environment = NULL;
    if ((*vm)->GetEnv(vm, &environment, JNI_VERSION_1_8) != JNI_OK)
        return JNI_ERR;

    JNIEnv *env = environment;
    java = vm;
    pthread_once(&once, make_key);
    if (!check_openssl(env) || !check_version(env))
        return JNI_ERR;

    jclass native = (*env)->FindClass(env, "org/megatorrent/Native");
    if (native == NULL || !register_all(env, native))
        return JNI_ERR;
    jclass operation = (*env)->FindClass(env, "org/megatorrent/Operation");
    if (operation == NULL)
        return JNI_ERR;
    operation_progress = (*env)->GetMethodID(env, operation, "progress", "(JJ)Z");
    if (operation_progress == NULL)
        return JNI_ERR;
    operation_completed = (*env)->GetMethodID(env, operation, "completed", "(I[B[BJ[J)V");
    if (operation_completed == NULL)
        return JNI_ERR;
    jclass sink = (*env)->FindClass(env, "org/megatorrent/LogSink");
    if (sink == NULL)
        return JNI_ERR;
    log_sink_line = (*env)->GetMethodID(env, sink, "line", "(I[B)V");
    return log_sink_line == NULL ? JNI_ERR : JNI_VERSION_1_8;
}

/*
 * Runs when the class loader is gone. The code stays (it is linked with nodelete), and so does the key: threads of the library that are
 * attached must still be detached when they end.
 */
JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved)
{
    (void)vm, (void)reserved;
    if (log_sink != NULL)
        mt_log_set(NULL, NULL, MT_LOG_ERROR);
}
