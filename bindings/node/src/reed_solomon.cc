// The erasure code: part 4 of the header. Shards are passed as arguments of their own, one after the other, since an element of an array
// costs a property to look up.
#include "support.h"

#include <array>

namespace megatorrent
{
namespace
{
constexpr Handle::Kind Kind = Handle::Kind::ReedSolomon;

// Shards that a call works on; all have the same length.
class Shards
{
  public:
    Shards(const Napi::CallbackInfo &info, size_t callback_index) : info_(info), outlives_call_(IsAsync(info, callback_index)) {}

    // Takes the shards of the next arguments. Those that are only read may be copies.
    const uint8_t *Read(size_t argument_index)
    {
        Input input(info_[argument_index], "a shard", outlives_call_);
        Take(input.length());
        if (auto copy = input.TakeCopy())
            copies_.push_back(std::move(copy));
        return input.data();
    }

    uint8_t *Write(size_t argument_index)
    {
        Output output(info_[argument_index], "a shard", outlives_call_);
        Take(output.length());
        return output.data();
    }

    size_t length = 0;
    std::array<const uint8_t *, MT_RS_SHARDS_MAX> in;
    std::array<uint8_t *, MT_RS_SHARDS_MAX> out;
    std::array<uint8_t, MT_RS_SHARDS_MAX> present; // of a reconstruct
    int32_t agree = 0;                             // of a verify

  private:
    void Take(size_t shard_length)
    {
        if (has_length_ && length != shard_length)
            Fail(info_.Env(), MT_ERROR_INVALID_ARGUMENT,
                "all shards must have the same length, not " + std::to_string(length) + " and " + std::to_string(shard_length) + " bytes");
        length = shard_length;
        has_length_ = true;
    }

    const Napi::CallbackInfo &info_; // used only while the arguments are taken
    const bool outlives_call_;
    bool has_length_ = false;
    std::vector<std::unique_ptr<uint8_t[]>> copies_;
};

// Throws unless there are so many arguments from an index on.
void CheckCount(const Napi::CallbackInfo &info, size_t first, uint32_t count)
{
    if (info.Length() != first + count)
        Fail(info.Env(), MT_ERROR_INVALID_ARGUMENT, "the code has " + std::to_string(count) + " shards, not " +
            std::to_string(info.Length() < first ? 0 : info.Length() - first));
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

// (rs, callback, data..., parity...)
Napi::Value Encode(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    CheckCount(info, 2, handle.data_shards + handle.parity_shards);
    auto shards = std::make_shared<Shards>(info, 1);
    for (uint32_t i = 0; i < handle.data_shards; i++)
        shards->in[i] = shards->Read(2 + i);
    for (uint32_t i = 0; i < handle.parity_shards; i++)
        shards->out[i] = shards->Write(2 + handle.data_shards + i);
    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 1, [rs, shards] { return mt_rs_encode(rs, shards->out.data(), shards->in.data(), shards->length); });
}

// (rs, callback, shards...)
Napi::Value Verify(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    uint32_t count = handle.data_shards + handle.parity_shards;
    CheckCount(info, 2, count);
    auto shards = std::make_shared<Shards>(info, 1);
    for (uint32_t i = 0; i < count; i++)
        shards->in[i] = shards->Read(2 + i);
    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 1, [rs, shards] { return mt_rs_verify(rs, &shards->agree, shards->in.data(), shards->length); },
        [shards](Napi::Env env) -> Napi::Value { return Napi::Boolean::New(env, shards->agree != 0); });
}

// (rs, callback, present, shards...): present has a byte a shard, 0 for one that is missing; of those, undefined ones are left out.
Napi::Value Reconstruct(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    uint32_t count = handle.data_shards + handle.parity_shards;
    CheckCount(info, 3, count);
    Input present = Input::Exactly(info[2], "present", count);
    auto shards = std::make_shared<Shards>(info, 1);
    for (uint32_t i = 0; i < count; i++)
    {
        shards->present[i] = present.data()[i];
        // The library takes all of them through one array, and only reads those that are there.
        if (shards->present[i] != 0)
            shards->out[i] = const_cast<uint8_t *>(shards->Read(3 + i));
        else
            shards->out[i] = info[3 + i].IsUndefined() ? nullptr : shards->Write(3 + i);
    }

    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 1,
        [rs, shards] { return mt_rs_reconstruct(rs, shards->out.data(), shards->present.data(), shards->length); });
}

// (rs, callback, dataIndex, oldData, newData, parity...)
Napi::Value Update(const Napi::CallbackInfo &info)
{
    Handle &handle = LiveHandle(info[0], Kind);
    uint32_t data_index = Whole32(info[2], "dataIndex");
    CheckCount(info, 5, handle.parity_shards);
    auto shards = std::make_shared<Shards>(info, 1);
    shards->in[0] = shards->Read(3);
    shards->in[1] = shards->Read(4);
    for (uint32_t i = 0; i < handle.parity_shards; i++)
        shards->out[i] = shards->Write(5 + i);
    auto *rs = static_cast<mt_rs_t *>(handle.value);
    return Perform(info, 1,
        [rs, shards, data_index]
        { return mt_rs_update(rs, shards->out.data(), data_index, shards->in[0], shards->in[1], shards->length); });
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
