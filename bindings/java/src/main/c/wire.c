/* Part 10 of megatorrent.h: wire messages. Numbers travel in one array, in the order of the struct. */
#include "glue.h"

#define NUMBER_COUNT 13

/* Behind the numbers of a message that was decoded: bytes of the frame; places of bytes and items in it. */
#define PLACE_COUNT 5

static void take_numbers(mt_wire_message_t *message, const jlong *numbers)
{
    message->type = (uint32_t)numbers[0];
    message->flags = (uint32_t)numbers[1];
    message->request_number = (uint32_t)numbers[2];
    message->offset = (uint64_t)numbers[3];
    message->length = (uint32_t)numbers[4];
    message->code = (uint32_t)numbers[5];
    message->count = (uint32_t)numbers[6];
    message->version_min = (uint32_t)numbers[7];
    message->version_max = (uint32_t)numbers[8];
    message->features = (uint32_t)numbers[9];
    message->requests_max = (uint32_t)numbers[10];
    message->blob_length_max = (uint32_t)numbers[11];
    message->idle_timeout_ms = (uint32_t)numbers[12];
}

/* Java gives empty arrays where a message has none, and a dst of MT_WIRE_FRAME_LENGTH_MAX or less. */
static jint encode(
    JNIEnv *env, jclass class, jobject dst, jint dst_where, jint dst_length, jlongArray numbers, jbyteArray id, jbyteArray bytes,
    jbyteArray items)
{
    (void)class;
    jlong values[NUMBER_COUNT];
    mt_wire_message_t message = { .struct_size = sizeof message };
    size_t length = 0;
    jint bytes_length = (*env)->GetArrayLength(env, bytes);
    jint items_length = (*env)->GetArrayLength(env, items);
    (*env)->GetLongArrayRegion(env, numbers, 0, NUMBER_COUNT, values);
    take_numbers(&message, values);
    bytes_in(env, message.id, id, MT_ID_LENGTH);

    memory_t memory[3] = { { .object = NULL } };
    if (!memory_prepare(env, &memory[0], dst, dst_where, dst_length, USE_WRITE, NULL)
        || !memory_prepare(env, &memory[1], bytes, 0, bytes_length, USE_READ, NULL)
        || !memory_prepare(env, &memory[2], items, 0, items_length, USE_READ, NULL) || !memory_pin(env, memory, 3))
    {
        memory_release(env, memory, 3);
        return 0;
    }

    message.bytes = bytes_length == 0 ? NULL : memory[1].data;
    message.bytes_length = (size_t)bytes_length;
    message.items = items_length == 0 ? NULL : memory[2].data;
    message.items_length = (size_t)items_length;
    mt_status_t status = mt_wire_encode(memory[0].data, (size_t)dst_length, &length, &message);
    memory_release(env, memory, 3);
    return status == MT_OK ? (jint)length : status;
}

static jlong place_of(const uint8_t *part, const uint8_t *whole)
{
    return part == NULL ? 0 : (jlong)(part - whole);
}

static jint decode(JNIEnv *env, jclass class, jlongArray numbers, jbyteArray id, jobject data, jint where, jint length)
{
    (void)class;
    mt_wire_message_t message = { .struct_size = sizeof message };
    size_t frame_length = 0;
    memory_t memory;
    if (!memory_read(env, &memory, data, where, length, NULL))
        return 0;
    mt_status_t status = mt_wire_decode(&message, &frame_length, memory.data, (size_t)length);
    jlong values[NUMBER_COUNT + PLACE_COUNT] = {
        message.type, message.flags, message.request_number, (jlong)message.offset, message.length, message.code, message.count,
        message.version_min, message.version_max, message.features, message.requests_max, message.blob_length_max,
        message.idle_timeout_ms, (jlong)frame_length, place_of(message.bytes, memory.data), (jlong)message.bytes_length,
        place_of(message.items, memory.data), (jlong)message.items_length,
    };
    memory_release(env, &memory, 1);
    if (status == MT_OK || status == MT_ERROR_INCOMPLETE)
        longs_out(env, numbers, values, NUMBER_COUNT + PLACE_COUNT);
    if (status == MT_OK)
        bytes_out(env, id, message.id, MT_ID_LENGTH);
    return status;
}

static const JNINativeMethod methods[] = {
    { "wireEncode", "(Ljava/lang/Object;II[J[B[B[B)I", encode },
    { "wireDecode", "([J[BLjava/lang/Object;II)I", decode },
};

const methods_t wire_methods = METHODS(methods);
