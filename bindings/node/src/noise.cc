// Noise sessions, and who the other side is: part 9 of the header.
#include "support.h"

#include <algorithm>
#include <cstring>

namespace megatorrent
{
namespace
{
constexpr Handle::Kind Kind = Handle::Kind::Noise;

mt_noise_t *Noise(const Napi::CallbackInfo &info) { return Live<mt_noise_t>(info[0], Kind); }

// (initiator, suite, staticSecret, prologue or undefined, ephemeralSecret or undefined)
Napi::Value Create(const Napi::CallbackInfo &info)
{
    Input secret = Input::Exactly(info[2], "staticSecret", MT_X25519_KEY_LENGTH);
    Input prologue = info[3].IsUndefined() ? Input() : Input(info[3], "prologue");
    Input ephemeral = Input::Optionally(info[4], "ephemeralSecret", MT_X25519_KEY_LENGTH);
    mt_noise_options_t options = {};
    options.struct_size = sizeof options;
    options.initiator = info[0].ToBoolean() ? 1 : 0;
    options.suite = Whole32(info[1], "suite");
    options.static_secret32 = secret.data();
    options.prologue = prologue.data();
    options.prologue_length = prologue.length();
    options.ephemeral_secret32 = ephemeral.data();
    mt_noise_t *noise = nullptr;
    Check(info.Env(), mt_noise_create(&noise, &options));
    return Wrap<mt_noise_destroy>(info.Env(), Kind, noise);
}

// (noise)
Napi::Value State(const Napi::CallbackInfo &info)
{
    uint32_t state = 0;
    Check(info.Env(), mt_noise_state(Noise(info), &state));
    return Napi::Number::New(info.Env(), state);
}

// (noise, payload); gives the message
Napi::Value Write(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_noise_t *noise = Noise(info);
    Input payload(info[1], "payload");
    // The bound is 0 for a dead session; the write then says so.
    std::vector<uint8_t> message(std::min<size_t>(mt_noise_write_bound(noise, payload.length()), MT_NOISE_MESSAGE_LENGTH_MAX));
    size_t length = 0;
    Check(env, mt_noise_write(noise, message.data(), message.size(), &length, payload.data(), payload.length()));
    return Copy(env, message.data(), length);
}

// (noise, payload, message); gives the length of the payload
Napi::Value Read(const Napi::CallbackInfo &info)
{
    mt_noise_t *noise = Noise(info);
    Output payload(info[1], "payload");
    Input message(info[2], "message");
    size_t length = 0;
    Check(info.Env(), mt_noise_read(noise, payload.data(), payload.length(), &length, message.data(), message.length()));
    return Number(info.Env(), length);
}

// (noise)
Napi::Value RemoteKey(const Napi::CallbackInfo &info)
{
    uint8_t key[MT_X25519_KEY_LENGTH];
    Check(info.Env(), mt_noise_remote_key(Noise(info), key));
    return Copy(info.Env(), key, sizeof key);
}

// (noise)
Napi::Value HandshakeHash(const Napi::CallbackInfo &info)
{
    uint8_t hash[MT_SHA256_LENGTH];
    Check(info.Env(), mt_noise_handshake_hash(Noise(info), hash));
    return Copy(info.Env(), hash, sizeof hash);
}

// (credential, staticKey); gives {payload, clusterKey}
Napi::Value PeerPayload(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    std::string credential = Text(info[0], "credential");
    Input static_key = Input::Exactly(info[1], "staticKey", MT_X25519_KEY_LENGTH);
    uint8_t payload[MT_PEER_PAYLOAD_LENGTH_MAX];
    uint8_t cluster_key[MT_ED25519_PUBLIC_KEY_LENGTH];
    size_t length = 0;
    Check(env, mt_peer_payload_create(payload, sizeof payload, &length, credential.c_str(), static_key.data(), cluster_key));
    Napi::Object result = Napi::Object::New(env);
    result.Set("payload", Copy(env, payload, length));
    result.Set("clusterKey", Copy(env, cluster_key, sizeof cluster_key));
    return result;
}

// (payload, remoteStaticKey, clusterKey)
Napi::Value PeerCheck(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    Input payload(info[0], "payload");
    Input static_key = Input::Exactly(info[1], "remoteStaticKey", MT_X25519_KEY_LENGTH);
    Input cluster_key = Input::Exactly(info[2], "clusterKey", MT_ED25519_PUBLIC_KEY_LENGTH);
    mt_peer_info_t peer = {};
    peer.struct_size = sizeof peer;
    Check(env, mt_peer_payload_check(&peer, payload.data(), payload.length(), static_key.data(), cluster_key.data()));
    Napi::Object result = Napi::Object::New(env);
    result.Set("hasCertificate", peer.has_certificate != 0);
    result.Set("nodeId", Copy(env, peer.node_id, sizeof peer.node_id));
    result.Set("publicKey", Copy(env, peer.public_key, sizeof peer.public_key));
    result.Set("version", peer.version);
    return result;
}
} // namespace

void DefineNoise(Napi::Object exports)
{
    Define<Create>(exports, "noiseCreate");
    Define<State>(exports, "noiseState");
    Define<Write>(exports, "noiseWrite");
    Define<Read>(exports, "noiseRead");
    Define<RemoteKey>(exports, "noiseRemoteKey");
    Define<HandshakeHash>(exports, "noiseHandshakeHash");
    Define<PeerPayload>(exports, "peerPayload");
    Define<PeerCheck>(exports, "peerCheck");
}
} // namespace megatorrent
