// Ed25519 and X25519: part 6 of the header. Outputs are buffers of the caller, so that a secret lies in no other place.
#include "support.h"

namespace megatorrent
{
namespace
{
// (seed, publicKey)
Napi::Value Ed25519Generate(const Napi::CallbackInfo &info)
{
    Output seed = Output::Exactly(info[0], "seed", MT_ED25519_SEED_LENGTH);
    Check(info.Env(), mt_ed25519_generate(seed.data(), Output::Exactly(info[1], "publicKey", MT_ED25519_PUBLIC_KEY_LENGTH).data()));
    return info.Env().Undefined();
}

// (publicKey, seed)
Napi::Value Ed25519PublicKey(const Napi::CallbackInfo &info)
{
    Output out = Output::Exactly(info[0], "publicKey", MT_ED25519_PUBLIC_KEY_LENGTH);
    Check(info.Env(), mt_ed25519_public_key(out.data(), Input::Exactly(info[1], "seed", MT_ED25519_SEED_LENGTH).data()));
    return info[0];
}

// (signature, seed, data)
Napi::Value Ed25519Sign(const Napi::CallbackInfo &info)
{
    Output out = Output::Exactly(info[0], "signature", MT_ED25519_SIGNATURE_LENGTH);
    Input seed = Input::Exactly(info[1], "seed", MT_ED25519_SEED_LENGTH);
    Input data(info[2], "data");
    Check(info.Env(), mt_ed25519_sign(out.data(), seed.data(), data.data(), data.length()));
    return info[0];
}

// (publicKey, signature, data)
Napi::Value Ed25519Verify(const Napi::CallbackInfo &info)
{
    Input public_key = Input::Exactly(info[0], "publicKey", MT_ED25519_PUBLIC_KEY_LENGTH);
    Input signature = Input::Exactly(info[1], "signature", MT_ED25519_SIGNATURE_LENGTH);
    Input data(info[2], "data");
    int32_t ok = 0;
    Check(info.Env(), mt_ed25519_verify(&ok, public_key.data(), signature.data(), data.data(), data.length()));
    return Napi::Boolean::New(info.Env(), ok != 0);
}

// (secret, publicKey)
Napi::Value X25519Generate(const Napi::CallbackInfo &info)
{
    Output secret = Output::Exactly(info[0], "secret", MT_X25519_KEY_LENGTH);
    Check(info.Env(), mt_x25519_generate(secret.data(), Output::Exactly(info[1], "publicKey", MT_X25519_KEY_LENGTH).data()));
    return info.Env().Undefined();
}

// (publicKey, secret)
Napi::Value X25519PublicKey(const Napi::CallbackInfo &info)
{
    Output out = Output::Exactly(info[0], "publicKey", MT_X25519_KEY_LENGTH);
    Check(info.Env(), mt_x25519_public_key(out.data(), Input::Exactly(info[1], "secret", MT_X25519_KEY_LENGTH).data()));
    return info[0];
}
} // namespace

void DefineKeys(Napi::Object exports)
{
    Define<Ed25519Generate>(exports, "ed25519Generate");
    Define<Ed25519PublicKey>(exports, "ed25519PublicKey");
    Define<Ed25519Sign>(exports, "ed25519Sign");
    Define<Ed25519Verify>(exports, "ed25519Verify");
    Define<X25519Generate>(exports, "x25519Generate");
    Define<X25519PublicKey>(exports, "x25519PublicKey");
}
} // namespace megatorrent
