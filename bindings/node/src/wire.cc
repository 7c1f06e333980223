// Wire messages: part 10 of the header.
#include "support.h"

#include <cstring>

namespace megatorrent
{
namespace
{
// The members that are plain numbers, as JavaScript spells them.
constexpr struct
{
    const char *name;
    uint32_t mt_wire_message_t::*member;
} Numbers[] = {
    {"type", &mt_wire_message_t::type},
    {"flags", &mt_wire_message_t::flags},
    {"requestNumber", &mt_wire_message_t::request_number},
    {"length", &mt_wire_message_t::length},
    {"code", &mt_wire_message_t::code},
    {"count", &mt_wire_message_t::count},
    {"versionMin", &mt_wire_message_t::version_min},
    {"versionMax", &mt_wire_message_t::version_max},
    {"features", &mt_wire_message_t::features},
    {"requestsMax", &mt_wire_message_t::requests_max},
    {"blobLengthMax", &mt_wire_message_t::blob_length_max},
    {"idleTimeoutMs", &mt_wire_message_t::idle_timeout_ms},
};

// (message with numbers, id, offset, bytes, items; what is undefined does not count); gives the frame
Napi::Value Encode(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsObject())
        WrongType(info[0], "message", "an object");
    auto object = info[0].As<Napi::Object>();
    mt_wire_message_t message = {};
    message.struct_size = sizeof message;
    for (const auto &number : Numbers)
    {
        Napi::Value value = object.Get(number.name);
        if (!value.IsUndefined())
            message.*number.member = Whole32(value, number.name);
    }

    Input id = Input::Optionally(object.Get("id"), "id", MT_ID_LENGTH);
    if (id.data() != nullptr)
        memcpy(message.id, id.data(), id.length());
    if (Napi::Value offset = object.Get("offset"); !offset.IsUndefined())
        message.offset = Whole(offset, "offset", UINT64_MAX);

    Input bytes, items;
    if (Napi::Value value = object.Get("bytes"); !value.IsUndefined())
        bytes = Input(value, "bytes");
    if (Napi::Value value = object.Get("items"); !value.IsUndefined())
        items = Input(value, "items");
    message.bytes = bytes.length() == 0 ? nullptr : bytes.data();
    message.bytes_length = bytes.length();
    message.items = items.length() == 0 ? nullptr : items.data();
    message.items_length = items.length();

    size_t length = 0;
    mt_status_t status = mt_wire_encode(nullptr, 0, &length, &message);
    if (status != MT_ERROR_BUFFER_TOO_SMALL)
        Check(env, status);
    Napi::Buffer<uint8_t> frame = Napi::Buffer<uint8_t>::New(env, length);
    Check(env, mt_wire_encode(frame.Data(), length, &length, &message));
    return frame;
}

// (data); gives every member, for bytes and items where they lie in data: bytesOffset, bytesLength, itemsOffset, itemsLength
Napi::Value Decode(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    Input data(info[0], "data");
    mt_wire_message_t message = {};
    message.struct_size = sizeof message;
    size_t frame_length = 0;
    mt_status_t status = mt_wire_decode(&message, &frame_length, data.data(), data.length());
    if (status == MT_ERROR_INCOMPLETE)
    {
        Napi::Error error(env, MakeError(env, status, LastError()));
        error.Set("frameLength", Number(env, frame_length));
        throw error;
    }

    Check(env, status);
    Napi::Object result = Napi::Object::New(env);
    result.Set("frameLength", Number(env, frame_length));
    for (const auto &number : Numbers)
        result.Set(number.name, message.*number.member);
    result.Set("id", Copy(env, message.id, sizeof message.id));
    result.Set("offset", message.offset <= 9007199254740991u ? Number(env, message.offset) : Napi::BigInt::New(env, message.offset));
    result.Set("bytesOffset", Number(env, message.bytes == nullptr ? 0 : message.bytes - data.data()));
    result.Set("bytesLength", Number(env, message.bytes_length));
    result.Set("itemsOffset", Number(env, message.items == nullptr ? 0 : message.items - data.data()));
    result.Set("itemsLength", Number(env, message.items_length));
    return result;
}
} // namespace

void DefineWire(Napi::Object exports)
{
    Define<Encode>(exports, "wireEncode");
    Define<Decode>(exports, "wireDecode");
}
} // namespace megatorrent
