/* Part 7 of megatorrent.h: bencode. */
#include "glue.h"

static jint reader_create(JNIEnv *env, jclass class, jlongArray out, jobject data, jint where, jint length)
{
    (void)class;
    mt_bencode_reader_t *reader = NULL;
    memory_t memory;
    if (!memory_read(env, &memory, data, where, length, NULL))
        return 0;
    mt_status_t status = mt_bencode_reader_create(&reader, memory.data, (size_t)length);
    memory_release(env, &memory, 1);
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(reader) }, 1);
    return status;
}

static jint reader_next(JNIEnv *env, jclass class, jlong reader, jlongArray out)
{
    (void)class;
    mt_bencode_token_t token = { .struct_size = sizeof token };
    mt_status_t status = mt_bencode_reader_next(HANDLE(mt_bencode_reader_t, reader), &token);
    if (status == MT_OK)
        longs_out(env, out, (jlong[]){ token.type, token.depth, token.integer, (jlong)token.offset, (jlong)token.length }, 5);
    return status;
}

static jint reader_skip(JNIEnv *env, jclass class, jlong reader)
{
    (void)env, (void)class;
    return mt_bencode_reader_skip(HANDLE(mt_bencode_reader_t, reader));
}

static void reader_destroy(JNIEnv *env, jclass class, jlong reader)
{
    (void)env, (void)class;
    mt_bencode_reader_destroy(HANDLE(mt_bencode_reader_t, reader));
}

static jint writer_create(JNIEnv *env, jclass class, jlongArray out)
{
    (void)class;
    mt_bencode_writer_t *writer = NULL;
    mt_status_t status = mt_bencode_writer_create(&writer);
    if (status == MT_OK)
        longs_out(env, out, &(jlong){ JLONG(writer) }, 1);
    return status;
}

static jint writer_integer(JNIEnv *env, jclass class, jlong writer, jlong value)
{
    (void)env, (void)class;
    return mt_bencode_writer_integer(HANDLE(mt_bencode_writer_t, writer), value);
}

static jint write_text(
    JNIEnv *env, jlong writer, jobject data, jint where, jint length,
    mt_status_t (*function)(mt_bencode_writer_t *writer, const uint8_t *data, size_t length))
{
    uint8_t small[SMALL_LENGTH];
    memory_t memory;
    if (!memory_read(env, &memory, data, where, length, small))
        return 0;
    mt_status_t status = function(HANDLE(mt_bencode_writer_t, writer), memory.data, (size_t)length);
    memory_release(env, &memory, 1);
    return status;
}

static jint writer_bytes(JNIEnv *env, jclass class, jlong writer, jobject data, jint where, jint length)
{
    (void)class;
    return write_text(env, writer, data, where, length, mt_bencode_writer_bytes);
}

static jint writer_key(JNIEnv *env, jclass class, jlong writer, jobject data, jint where, jint length)
{
    (void)class;
    return write_text(env, writer, data, where, length, mt_bencode_writer_key);
}

static jint writer_begin_list(JNIEnv *env, jclass class, jlong writer)
{
    (void)env, (void)class;
    return mt_bencode_writer_begin_list(HANDLE(mt_bencode_writer_t, writer));
}

static jint writer_begin_dictionary(JNIEnv *env, jclass class, jlong writer)
{
    (void)env, (void)class;
    return mt_bencode_writer_begin_dictionary(HANDLE(mt_bencode_writer_t, writer));
}

static jint writer_end(JNIEnv *env, jclass class, jlong writer)
{
    (void)env, (void)class;
    return mt_bencode_writer_end(HANDLE(mt_bencode_writer_t, writer));
}

static mt_status_t get_document(void *writer, uint8_t *dst, size_t capacity, size_t *length)
{
    return mt_bencode_writer_finish(writer, dst, capacity, length);
}

static jbyteArray writer_finish(JNIEnv *env, jclass class, jlong writer, jintArray status)
{
    (void)class;
    return bytes_of(env, status, get_document, HANDLE(mt_bencode_writer_t, writer));
}

static void writer_destroy(JNIEnv *env, jclass class, jlong writer)
{
    (void)env, (void)class;
    mt_bencode_writer_destroy(HANDLE(mt_bencode_writer_t, writer));
}

static const JNINativeMethod methods[] = {
    { "bencodeReaderCreate", "([JLjava/lang/Object;II)I", reader_create },
    { "bencodeReaderNext", "(J[J)I", reader_next },
    { "bencodeReaderSkip", "(J)I", reader_skip },
    { "bencodeReaderDestroy", "(J)V", reader_destroy },
    { "bencodeWriterCreate", "([J)I", writer_create },
    { "bencodeWriterInteger", "(JJ)I", writer_integer },
    { "bencodeWriterBytes", "(JLjava/lang/Object;II)I", writer_bytes },
    { "bencodeWriterKey", "(JLjava/lang/Object;II)I", writer_key },
    { "bencodeWriterBeginList", "(J)I", writer_begin_list },
    { "bencodeWriterBeginDictionary", "(J)I", writer_begin_dictionary },
    { "bencodeWriterEnd", "(J)I", writer_end },
    { "bencodeWriterFinish", "(J[I)[B", writer_finish },
    { "bencodeWriterDestroy", "(J)V", writer_destroy },
};

const methods_t bencode_methods = METHODS(methods);
