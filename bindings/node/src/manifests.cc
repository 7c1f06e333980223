// Capabilities and manifests: part 8 of the header.
#include "support.h"

#include <cstring>

namespace megatorrent
{
namespace
{
constexpr Handle::Kind Kind = Handle::Kind::Manifest;

mt_manifest_t *Manifest(const Napi::CallbackInfo &info) { return Live<mt_manifest_t>(info[0], Kind); }

// (text)
Napi::Value CapabilityParse(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_capability_info_t about = {};
    about.struct_size = sizeof about;
    Check(env, mt_capability_parse(&about, Text(info[0], "capability").c_str()));
    Napi::Object result = Napi::Object::New(env);
    result.Set("canRead", about.can_read != 0);
    result.Set("rootId", Copy(env, about.root_id, sizeof about.root_id));
    result.Set("key", about.can_read != 0 ? Copy(env, about.key, sizeof about.key) : env.Null());
    result.Set("rootLength", about.root_length);
    result.Set("parityShards", about.parity_shards);
    return result;
}

// (canRead, rootId, key, rootLength, parityShards)
Napi::Value CapabilityFormat(const Napi::CallbackInfo &info)
{
    mt_capability_info_t about = {};
    about.struct_size = sizeof about;
    about.can_read = info[0].ToBoolean() ? 1 : 0;
    memcpy(about.root_id, Input::Exactly(info[1], "rootId", sizeof about.root_id).data(), sizeof about.root_id);
    if (about.can_read != 0)
        memcpy(about.key, Input::Exactly(info[2], "key", sizeof about.key).data(), sizeof about.key);
    about.root_length = Whole32(info[3], "rootLength");
    about.parity_shards = Whole32(info[4], "parityShards");
    char text[MT_CAPABILITY_CAPACITY];
    size_t length = 0;
    Check(info.Env(), mt_capability_format(text, sizeof text, &length, &about));
    return Napi::String::New(info.Env(), text, length);
}

// (text)
Napi::Value CapabilityToVerify(const Napi::CallbackInfo &info)
{
    char text[MT_CAPABILITY_CAPACITY];
    size_t length = 0;
    Check(info.Env(), mt_capability_to_verify(text, sizeof text, &length, Text(info[0], "capability").c_str()));
    return Napi::String::New(info.Env(), text, length);
}

// (blob, key or undefined)
Napi::Value Open(const Napi::CallbackInfo &info)
{
    Input blob(info[0], "blob");
    Input key = Input::Optionally(info[1], "key", MT_KEY_LENGTH);
    mt_manifest_t *manifest = nullptr;
    Check(info.Env(), mt_manifest_open(&manifest, blob.data(), blob.length(), key.data()));
    return Wrap<mt_manifest_destroy>(info.Env(), Kind, manifest);
}

// (kind, mode, modifiedNs, name)
Napi::Value Create(const Napi::CallbackInfo &info)
{
    mt_manifest_info_t about = {};
    about.struct_size = sizeof about;
    about.kind = Whole32(info[0], "kind");
    about.mode = Whole32(info[1], "mode");
    about.modified_unix_ns = Signed(info[2], "modifiedNs");
    mt_manifest_t *manifest = nullptr;
    Check(info.Env(), mt_manifest_create(&manifest, &about, Text(info[3], "name").c_str()));
    return Wrap<mt_manifest_destroy>(info.Env(), Kind, manifest);
}

// (manifest)
Napi::Value Info(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_manifest_t *manifest = Manifest(info);
    mt_manifest_info_t about = {};
    about.struct_size = sizeof about;
    Check(env, mt_manifest_get_info(manifest, &about));
    std::string name;
    size_t length = 0;
    mt_status_t status = mt_manifest_get_name(manifest, nullptr, 0, &length);
    if (status == MT_ERROR_BUFFER_TOO_SMALL)
    {
        name.resize(length);
        status = mt_manifest_get_name(manifest, name.data(), length + 1, &length);
    }

    Check(env, status);
    Napi::Object result = Napi::Object::New(env);
    result.Set("kind", about.kind);
    result.Set("mode", about.mode);
    result.Set("modifiedNs", Napi::BigInt::New(env, about.modified_unix_ns));
    result.Set("name", name);
    result.Set("streamCount", about.stream_count);
    result.Set("hasKeys", about.has_keys != 0);
    return result;
}

// (manifest, streamIndex)
Napi::Value Stream(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_manifest_stream_t stream = {};
    stream.struct_size = sizeof stream;
    Check(env, mt_manifest_get_stream(Manifest(info), &stream, Whole32(info[1], "streamIndex")));
    Napi::Object result = Napi::Object::New(env);
    result.Set("depth", stream.depth);
    result.Set("length", Number(env, stream.length));
    result.Set("stripeCount", stream.stripe_count);
    return result;
}

// (manifest, streamIndex, stripeIndex)
Napi::Value Stripe(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_stripe_info_t stripe = {};
    stripe.struct_size = sizeof stripe;
    Check(env, mt_manifest_get_stripe(Manifest(info), &stripe, Whole32(info[1], "streamIndex"), Whole32(info[2], "stripeIndex")));
    Napi::Object result = Napi::Object::New(env);
    result.Set("dataShards", stripe.data_shards);
    result.Set("parityShards", stripe.parity_shards);
    result.Set("shardLength", stripe.shard_length);
    result.Set("idCount", stripe.id_count);
    result.Set("id", Copy(env, stripe.id, sizeof stripe.id));
    return result;
}

// (manifest, streamIndex, stripeIndex, blobIndex)
Napi::Value Blob(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_stripe_blob_t blob = {};
    blob.struct_size = sizeof blob;
    Check(env, mt_manifest_get_blob(Manifest(info), &blob, Whole32(info[1], "streamIndex"), Whole32(info[2], "stripeIndex"),
        Whole32(info[3], "blobIndex")));
    Napi::Object result = Napi::Object::New(env);
    result.Set("length", blob.length);
    result.Set("plaintextLength", Number(env, blob.plaintext_length));
    result.Set("id", Copy(env, blob.id, sizeof blob.id));
    result.Set("key", blob.has_key != 0 ? Copy(env, blob.key, sizeof blob.key) : env.Null());
    return result;
}

// (manifest, depth)
Napi::Value AddStream(const Napi::CallbackInfo &info)
{
    Check(info.Env(), mt_manifest_add_stream(Manifest(info), Whole32(info[1], "depth")));
    return info.Env().Undefined();
}

Napi::Array ArrayIn(Napi::Value value, const char *name, size_t count)
{
    if (!value.IsArray())
        WrongType(value, name, "an array");
    Napi::Array list = value.As<Napi::Array>();
    if (list.Length() != count)
        Fail(value.Env(), MT_ERROR_INVALID_ARGUMENT,
            std::string(name) + " must have " + std::to_string(count) + " elements, not " + std::to_string(list.Length()));
    return list;
}

// (manifest, dataShards, parityShards, ids, lengths, keys, plaintextLengths)
Napi::Value AddStripe(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_manifest_t *manifest = Manifest(info);
    uint32_t data_shards = Whole32(info[1], "dataShards");
    uint32_t parity_shards = Whole32(info[2], "parityShards");
    if (data_shards > MT_RS_SHARDS_MAX || parity_shards > MT_RS_SHARDS_MAX)
        Fail(env, MT_ERROR_INVALID_ARGUMENT, "a stripe has at most " + std::to_string(MT_RS_SHARDS_MAX) + " shards");

    // The library believes that the arrays are as long as k and m say, so here is where that is seen to.
    auto together = [&](Napi::Value value, const char *name, size_t count)
    {
        std::vector<uint8_t> bytes;
        Napi::Array list = ArrayIn(value, name, count);
        for (uint32_t i = 0; i < list.Length(); i++)
        {
            Input element = Input::Exactly(list.Get(i), name, MT_ID_LENGTH);
            bytes.insert(bytes.end(), element.data(), element.data() + element.length());
        }

        bytes.push_back(0); // so that there is an address
        return bytes;
    };
    std::vector<uint8_t> ids = together(info[3], "ids", data_shards == 1 ? 1 : data_shards + parity_shards);
    std::vector<uint8_t> keys = together(info[5], "keys", data_shards);
    std::vector<uint32_t> lengths(data_shards + 1);
    std::vector<uint64_t> plaintext_lengths(data_shards + 1);
    Napi::Array length_list = ArrayIn(info[4], "lengths", data_shards);
    Napi::Array plaintext_list = ArrayIn(info[6], "plaintextLengths", data_shards);
    for (uint32_t i = 0; i < data_shards; i++)
    {
        lengths[i] = Whole32(length_list.Get(i), "an element of lengths");
        plaintext_lengths[i] = Whole(plaintext_list.Get(i), "an element of plaintextLengths", UINT64_MAX);
    }

    mt_status_t status = mt_manifest_add_stripe(
        manifest, data_shards, parity_shards, ids.data(), lengths.data(), keys.data(), plaintext_lengths.data());
    for (volatile uint8_t &byte : keys)
        byte = 0;
    Check(env, status);
    return env.Undefined();
}

// (manifest, blob, id, key, suite, tenantSecret); gives the length of the blob
Napi::Value Seal(const Napi::CallbackInfo &info)
{
    mt_manifest_t *manifest = Manifest(info);
    Output blob(info[1], "blob");
    Output id = Output::Exactly(info[2], "id", MT_ID_LENGTH);
    Output key = Output::Exactly(info[3], "key", MT_KEY_LENGTH);
    Input secret = Input::Optionally(info[5], "tenantSecret", MT_KEY_LENGTH);
    mt_blob_options_t options = {};
    options.struct_size = sizeof options;
    options.suite = Whole32(info[4], "suite");
    options.tenant_secret32 = secret.data();
    size_t length = 0;
    Check(info.Env(), mt_manifest_seal(manifest, blob.data(), blob.length(), &length, id.data(), key.data(), &options));
    return Number(info.Env(), length);
}
} // namespace

void DefineManifests(Napi::Object exports)
{
    exports.Set("manifestLengthMax", Napi::Number::New(exports.Env(), MT_MANIFEST_LENGTH_MAX));
    Define<CapabilityParse>(exports, "capabilityParse");
    Define<CapabilityFormat>(exports, "capabilityFormat");
    Define<CapabilityToVerify>(exports, "capabilityToVerify");
    Define<Open>(exports, "manifestOpen");
    Define<Create>(exports, "manifestCreate");
    Define<Info>(exports, "manifestInfo");
    Define<Stream>(exports, "manifestStream");
    Define<Stripe>(exports, "manifestStripe");
    Define<Blob>(exports, "manifestBlob");
    Define<AddStream>(exports, "manifestAddStream");
    Define<AddStripe>(exports, "manifestAddStripe");
    Define<Seal>(exports, "manifestSeal");
}
} // namespace megatorrent
