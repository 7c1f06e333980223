// The erasure code: part 4 of the header.
#include "support.h"

namespace megatorrent
{
namespace
{
constexpr Handle::Kind Kind = Handle::Kind::ReedSolomon;

// Shards that a call works on; all have the same length.
struct Shards
{
    std::vector<Input> inputs;
    std::vector<const uint8_t *> in;
    std::vector<uint8_t *> out;
    std::vector<uint8_t> present; // of a reconstruct
    size_t length = 0;
    bool has_length = false;
    int32_t agree = 0; // of a verify

    void Take(Napi::Env env, size_t shard_length)
    {
        if (has_length && length != shard_length)
            Fail(env, MT_ERROR_INVALID_ARGUMENT,
                "all shards must have the same length, not " + std::to_string(length) + " and " + std::to_string(shard_length) + " bytes");
        length = shard_length;
        has_length = true;
    }

    void AddInput(Napi::Value value, bool outlives_call)
    {
        inputs.emplace_back(value, "a shard", outlives_call);
        in.push_back(inputs.back().data());
        Take(value.Env(), inputs.back().length());
    }

    void AddOutput(Napi::Value value)
    {
        Output output(value, "a shard");
        out.push_back(output.data());
        Take(value.Env(), output.length());
    }
};

Napi::Array ListOf(Napi::Value value, const char *name, uint32_t count)
{
    if (!value.IsArray())
        WrongType(value, name, "an array");
    Napi::Array list = value.As<Napi::Array>();
    if (list.Length() != count)
        Fail(value.Env(), MT_ERROR_INVALID_ARGUMENT,
            std::string(name) + " must have " + std::to_string(count) + " elements, not " + std::to_string(list.Length()));
    return list;
}

// (dataShards, parityShards)
Napi::Value Create(const Napi::CallbackInfo &info)
{
    uint32_t data_shards = Whole32(info[0], "dataShards");
    uint32_t parity_shards = Whole32(info[1], "parityShards");
    mt_rs_t *rs = nullptr;
    Check(info.Env(), mt_rs_create(&rs, data_shards, parity_shards, nullptr));
    Napi::External<Handle> handle = Wrap<mt_rs_destroy>(info.Env(), Kind, rs);
    handle.Data()->data_shards = data_shards;
    handle.Data()->parity_shards = parity_shards;
    return handle;
}

// (rs, parity, data[, callback])
Napi::Value Encode(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    Napi::Array parity = ListOf(info[1], "parity", handle.parity_shards);
    Napi::Array data = ListOf(info[2], "data", handle.data_shards);
    auto shards = std::make_shared<Shards>();
    for (uint32_t i = 0; i < data.Length(); i++)
        shards->AddInput(data.Get(i), IsAsync(info, 3));
    for (uint32_t i = 0; i < parity.Length(); i++)
        shards->AddOutput(parity.Get(i));
    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 3,
        {[rs, shards] { return mt_rs_encode(rs, shards->out.data(), shards->in.data(), shards->length); }, nullptr});
}

// (rs, shards[, callback])
Napi::Value Verify(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    Napi::Array list = ListOf(info[1], "shards", handle.data_shards + handle.parity_shards);
    auto shards = std::make_shared<Shards>();
    for (uint32_t i = 0; i < list.Length(); i++)
        shards->AddInput(list.Get(i), IsAsync(info, 2));
    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 2,
        {[rs, shards] { return mt_rs_verify(rs, &shards->agree, shards->in.data(), shards->length); },
            [shards](Napi::Env env) -> Napi::Value { return Napi::Boolean::New(env, shards->agree != 0); }});
}

// (rs, shards, present[, callback]): an element that is undefined is missing and is left out.
Napi::Value Reconstruct(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    uint32_t count = handle.data_shards + handle.parity_shards;
    Napi::Array list = ListOf(info[1], "shards", count);
    Napi::Array present = ListOf(info[2], "present", count);
    auto shards = std::make_shared<Shards>();
    // A shard that is there is only read, so it may be a copy; the library takes all of them through one array.
    shards->inputs.reserve(count);
    for (uint32_t i = 0; i < count; i++)
    {
        bool is_present = Napi::Value(present.Get(i)).ToBoolean();
        shards->present.push_back(is_present ? 1 : 0);
        Napi::Value shard = list.Get(i);
        if (is_present)
        {
            shards->AddInput(shard, IsAsync(info, 3));
            shards->out.push_back(const_cast<uint8_t *>(shards->in.back()));
        }
        else if (shard.IsUndefined())
            shards->out.push_back(nullptr);
        else
            shards->AddOutput(shard);
    }

    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 3,
        {[rs, shards] { return mt_rs_reconstruct(rs, shards->out.data(), shards->present.data(), shards->length); }, nullptr});
}

// (rs, parity, dataIndex, oldData, newData[, callback])
Napi::Value Update(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    Napi::Array parity = ListOf(info[1], "parity", handle.parity_shards);
    uint32_t data_index = Whole32(info[2], "dataIndex");
    auto shards = std::make_shared<Shards>();
    shards->AddInput(info[3], IsAsync(info, 5));
    shards->AddInput(info[4], IsAsync(info, 5));
    for (uint32_t i = 0; i < parity.Length(); i++)
        shards->AddOutput(parity.Get(i));
    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 5,
        {[rs, shards, data_index]
            { return mt_rs_update(rs, shards->out.data(), data_index, shards->in[0], shards->in[1], shards->length); },
            nullptr});
}
} // namespace

void DefineReedSolomon(Napi::Object exports)
{
    exports.Set("rsShardsMax", Napi::Number::New(exports.Env(), MT_RS_SHARDS_MAX));
    Define<Create>(exports, "rsCreate");
    Define<Encode>(exports, "rsEncode");
    Define<Verify>(exports, "rsVerify");
    Define<Reconstruct>(exports, "rsReconstruct");
    Define<Update>(exports, "rsUpdate");
}
} // namespace megatorrent
