/* Wire messages: part 10 of the header. */
#include "suite.h"

static mt_wire_message_t message_of(const cJSON *item)
{
    mt_wire_message_t message;
    bytes_t bytes = bytes_member(item, "bytes"), items = bytes_member(item, "items");
    memset(&message, 0, sizeof message);
    message.struct_size = sizeof message;
    message.type = (uint32_t)number_member(item, "type");
    message.flags = (uint32_t)number_member(item, "flags");
    message.request_number = (uint32_t)number_member(item, "requestNumber");
    memcpy(message.id, fixed_member(item, "id", 32), 32);
    message.offset = number_member(item, "offset");
    message.length = (uint32_t)number_member(item, "length");
    message.code = (uint32_t)number_member(item, "code");
    message.count = (uint32_t)number_member(item, "count");
    message.version_min = (uint32_t)number_member(item, "versionMin");
    message.version_max = (uint32_t)number_member(item, "versionMax");
    message.features = (uint32_t)number_member(item, "features");
    message.requests_max = (uint32_t)number_member(item, "requestsMax");
    message.blob_length_max = (uint32_t)number_member(item, "blobLengthMax");
    message.idle_timeout_ms = (uint32_t)number_member(item, "idleTimeoutMs");
    message.bytes = bytes.length > 0 ? bytes.data : NULL;
    message.bytes_length = bytes.length;
    message.items = items.length > 0 ? items.data : NULL;
    message.items_length = items.length;
    return message;
}

static int equal(const mt_wire_message_t *left, const mt_wire_message_t *right)
{
    return left->type == right->type && left->flags == right->flags && left->request_number == right->request_number &&
        same(left->id, right->id, 32) && left->offset == right->offset && left->length == right->length && left->code == right->code &&
        left->count == right->count && left->version_min == right->version_min && left->version_max == right->version_max &&
        left->features == right->features && left->requests_max == right->requests_max &&
        left->blob_length_max == right->blob_length_max && left->idle_timeout_ms == right->idle_timeout_ms &&
        left->reserved == right->reserved && left->bytes_length == right->bytes_length &&
        same(left->bytes, right->bytes, left->bytes_length) && left->items_length == right->items_length &&
        same(left->items, right->items, left->items_length);
}

static void show_encoded(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("wire.json", "good"))
    {
        bytes_t expected = bytes_member(each, "frame"), frame = new_bytes(expected.length);
        mt_wire_message_t message = message_of(member(each, "message"));
        must(mt_wire_encode(frame.data, frame.length, &frame.length, &message), "%s", case_name(each));
        EXPECT(
            frame.length == expected.length && same(frame.data, expected.data, frame.length), "%s is %s", case_name(each),
            hex_text(frame.data, frame.length));
    }
}

static void expect_decoded(const cJSON *item, bytes_t data, size_t frame_length)
{
    mt_wire_message_t expected = message_of(member(item, "message")), message;
    size_t length = 77;
    memset(&message, 0xcd, sizeof message);
    message.struct_size = sizeof message;
    must(mt_wire_decode(&message, &length, data.data, data.length), "%s", case_name(item));
    EXPECT(length == frame_length, "%s takes %zu bytes of %zu", case_name(item), length, frame_length);
    EXPECT(equal(&message, &expected), "%s has other members", case_name(item));
    EXPECT(
        message.bytes_length == 0 || (message.bytes >= data.data && message.bytes + message.bytes_length <= data.data + length),
        "the bytes of %s do not point into the frame", case_name(item));
    EXPECT(
        message.items_length == 0 || (message.items >= data.data && message.items + message.items_length <= data.data + length),
        "the items of %s do not point into the frame", case_name(item));
}

static void show_decoded(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("wire.json", "good"))
    {
        bytes_t frame = bytes_member(each, "frame"), longer = new_bytes(frame.length + 20);
        memcpy(longer.data, frame.data, frame.length);
        expect_decoded(each, frame, frame.length);
        expect_decoded(each, longer, frame.length);
    }
}

static void show_stream(void)
{
    const cJSON *each;
    bytes_t all = { NULL, 0 };
    size_t position = 0, length;
    cJSON_ArrayForEach(each, vectors("wire.json", "good"))
        all.length += bytes_member(each, "frame").length;
    all.data = allocate(all.length);
    cJSON_ArrayForEach(each, vectors("wire.json", "good"))
    {
        bytes_t frame = bytes_member(each, "frame");
        memcpy(all.data + position, frame.data, frame.length);
        position += frame.length;
    }

    position = 0;
    cJSON_ArrayForEach(each, vectors("wire.json", "good"))
    {
        bytes_t rest = { all.data + position, all.length - position };
        expect_decoded(each, rest, bytes_member(each, "frame").length);
        position += bytes_member(each, "frame").length;
    }

    cJSON_ArrayForEach(each, vectors("wire.json", "good"))
    {
        bytes_t frame = bytes_member(each, "frame");
        size_t cut;
        for (cut = 0; frame.length <= 200 && cut < frame.length; cut++)
        {
            bytes_t part = copy_bytes(frame.data, cut);
            mt_wire_message_t message = { sizeof message, 0, 0, 0, { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0 };
            size_t expected = cut < MT_WIRE_HEADER_LENGTH ? MT_WIRE_HEADER_LENGTH : frame.length;
            length = 77;
            expect_status(
                mt_wire_decode(&message, &length, part.data, part.length), MT_ERROR_INCOMPLETE, "%zu bytes of %s", cut, case_name(each));
            EXPECT(length == expected, "%zu bytes of %s: the frame is said to have %zu", cut, case_name(each), length);
        }
    }
}

static void show_bad_frames(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("wire.json", "bad"))
    {
        bytes_t frame = bytes_member(each, "frame");
        mt_wire_message_t message;
        size_t length = 0;
        memset(&message, 0xcd, sizeof message);
        message.struct_size = sizeof message;
        expect_status(mt_wire_decode(&message, &length, frame.data, frame.length), status_member(each, "status"), "%s", case_name(each));
        EXPECT(length == number_member(each, "frameLength"), "%s: the frame is said to have %zu bytes", case_name(each), length);
        EXPECT(message.type == 0xcdcdcdcdu && message.bytes_length == SIZE_MAX / 255 * 0xcd, "%s wrote something", case_name(each));
    }
}

static void show_unencodable(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("wire.json", "unencodable"))
    {
        bytes_t frame = new_bytes(MT_WIRE_FRAME_LENGTH_MAX);
        mt_wire_message_t message = message_of(member(each, "message"));
        size_t length = 77;
        expect_status(mt_wire_encode(frame.data, frame.length, &length, &message), status_member(each, "status"), "%s", case_name(each));
        EXPECT(length == 77 && is_all(frame.data, 0xcd, frame.length), "%s wrote something", case_name(each));
    }
}

const behaviour_t wire_behaviours[] = {
    { "wire.encode", show_encoded, 0 },
    { "wire.decode", show_decoded, 0 },
    { "wire.stream", show_stream, 0 },
    { "wire.bad", show_bad_frames, 0 },
    { "wire.unencodable", show_unencodable, 0 },
    { NULL, NULL, 0 },
};
