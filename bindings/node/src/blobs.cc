// Sealed chunks: part 5 of the header.
#include "support.h"

namespace megatorrent
{
namespace
{
// (length)
Napi::Value Bound(const Napi::CallbackInfo &info)
{
    return Number(info.Env(), mt_blob_bound(static_cast<size_t>(Whole(info[0], "length", SIZE_MAX))));
}

// (blob, id, key, data, suite, compression, tenantSecret[, callback]); gives the length of the blob
Napi::Value Seal(const Napi::CallbackInfo &info)
{
    struct State
    {
        Output blob, id, key;
        Input data, secret;
        mt_blob_options_t options = {};
        size_t length = 0;
    };

    bool async = IsAsync(info, 7);
    auto state = std::make_shared<State>();
    state->blob = Output(info[0], "into", async);
    state->id = Output::Exactly(info[1], "id", MT_ID_LENGTH);
    state->key = Output::Exactly(info[2], "key", MT_KEY_LENGTH);
    state->data = Input(info[3], "data", async);
    state->secret = Input::Optionally(info[6], "tenantSecret", MT_KEY_LENGTH, async);
    state->options.struct_size = sizeof state->options;
    state->options.suite = Whole32(info[4], "suite");
    state->options.compression = Whole32(info[5], "compression");
    state->options.tenant_secret32 = state->secret.data();
    return Perform(info, 7,
        [state]
        {
            return mt_blob_seal(state->blob.data(), state->blob.length(), &state->length, state->id.data(), state->key.data(),
                state->data.data(), state->data.length(), &state->options);
        },
        [state](Napi::Env env) { return Number(env, state->length); });
}

// (data, key, blob[, callback]); gives the length of the data
Napi::Value Open(const Napi::CallbackInfo &info)
{
    struct State
    {
        Output data;
        Input key, blob;
        size_t length = 0;
    };

    bool async = IsAsync(info, 3);
    auto state = std::make_shared<State>();
    state->data = Output(info[0], "into", async);
    state->key = Input::Exactly(info[1], "key", MT_KEY_LENGTH, async);
    state->blob = Input(info[2], "blob", async);
    return Perform(info, 3,
        [state]
        {
            return mt_blob_open(state->data.data(), state->data.length(), &state->length, state->key.data(), state->blob.data(),
                state->blob.length());
        },
        [state](Napi::Env env) { return Number(env, state->length); });
}

// (blob)
Napi::Value Inspect(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    Input blob(info[0], "blob");
    mt_blob_info_t about = {};
    about.struct_size = sizeof about;
    Check(env, mt_blob_inspect(&about, blob.data(), blob.length()));
    Napi::Object result = Napi::Object::New(env);
    result.Set("suite", about.suite);
    result.Set("compression", about.compression);
    result.Set("plaintextLength", about.plaintext_length);
    return result;
}
} // namespace

void DefineBlobs(Napi::Object exports)
{
    exports.Set("blobPlaintextLengthMax", Napi::Number::New(exports.Env(), MT_BLOB_PLAINTEXT_LENGTH_MAX));
    Define<Bound>(exports, "blobBound");
    Define<Seal>(exports, "blobSeal");
    Define<Open>(exports, "blobOpen");
    Define<Inspect>(exports, "blobInspect");
}
} // namespace megatorrent
