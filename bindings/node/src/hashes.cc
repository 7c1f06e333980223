// SHA-256, Merkle trees and CID texts: part 3 of the header.
#include "support.h"

namespace megatorrent
{
namespace
{
// (out, data[, callback])
Napi::Value Sha256(const Napi::CallbackInfo &info)
{
    // The one call that is made for very little data, so without the detour of a job.
    if (!IsAsync(info, 2))
    {
        Input data(info[1], "data");
        Check(info.Env(), mt_sha256(Output::Exactly(info[0], "out", MT_SHA256_LENGTH).data(), data.data(), data.length()));
        return info[0];
    }

    Output out = Output::Exactly(info[0], "out", MT_SHA256_LENGTH, true);
    auto data = std::make_shared<Input>(info[1], "data", true);
    return Perform(info, 2, [out, data] { return mt_sha256(out.data(), data->data(), data->length()); });
}

// (out, [data, ...][, callback])
Napi::Value Sha256Many(const Napi::CallbackInfo &info)
{
    struct State
    {
        std::vector<Input> inputs;
        std::vector<const uint8_t *> data;
        std::vector<size_t> lengths;
    };

    if (!info[1].IsArray())
        WrongType(info[1], "list", "an array");
    Napi::Array list = info[1].As<Napi::Array>();
    auto state = std::make_shared<State>();
    uint32_t count = list.Length();
    for (uint32_t i = 0; i < count; i++)
    {
        state->inputs.emplace_back(list.Get(i), "an element of list", IsAsync(info, 2));
        state->data.push_back(state->inputs.back().data());
        state->lengths.push_back(state->inputs.back().length());
    }

    Output out = Output::Exactly(info[0], "out", size_t{MT_SHA256_LENGTH} * count, IsAsync(info, 2));
    return Perform(info, 2,
        [out, state] { return mt_sha256_many(out.data(), state->data.data(), state->lengths.data(), state->data.size()); });
}

// (out, data[, callback])
Napi::Value MerkleRoot(const Napi::CallbackInfo &info)
{
    Output out = Output::Exactly(info[0], "out", MT_SHA256_LENGTH);
    auto data = std::make_shared<Input>(info[1], "data", IsAsync(info, 2));
    return Perform(info, 2, [out, data] { return mt_merkle_root(out.data(), data->data(), data->length()); });
}

// (id)
Napi::Value CidFormat(const Napi::CallbackInfo &info)
{
    char text[MT_CID_TEXT_LENGTH + 1];
    size_t length = 0;
    Check(info.Env(), mt_cid_format(text, sizeof text, &length, Input::Exactly(info[0], "id", MT_ID_LENGTH).data()));
    return Napi::String::New(info.Env(), text, length);
}

// (text)
Napi::Value CidParse(const Napi::CallbackInfo &info)
{
    uint8_t id[MT_ID_LENGTH];
    Check(info.Env(), mt_cid_parse(id, Text(info[0], "text").c_str()));
    return Copy(info.Env(), id, sizeof id);
}
} // namespace

void DefineHashes(Napi::Object exports)
{
    Define<Sha256>(exports, "sha256");
    Define<Sha256Many>(exports, "sha256Many");
    Define<MerkleRoot>(exports, "merkleRoot");
    Define<CidFormat>(exports, "cidFormat");
    Define<CidParse>(exports, "cidParse");
}
} // namespace megatorrent
