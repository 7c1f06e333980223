// megatorrent/keys.hpp - Ed25519 (RFC 8032) signs, X25519 (RFC 7748) agrees
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_KEYS_HPP
#define MEGATORRENT_KEYS_HPP

#include <megatorrent/detail.hpp>

namespace megatorrent
{

namespace ed25519
{

/// The secret of a key pair.
using seed = fixed_bytes<struct seed_tag, MT_ED25519_SEED_LENGTH>;
using public_key = fixed_bytes<struct public_key_tag, MT_ED25519_PUBLIC_KEY_LENGTH>;
using signature = fixed_bytes<struct signature_tag, MT_ED25519_SIGNATURE_LENGTH>;

struct key_pair
{
    ed25519::seed seed;
    ed25519::public_key public_key;
};

/// Makes a new key pair.
inline result<key_pair> generate() noexcept
{
    key_pair pair;
    if (mt_status_t code = mt_ed25519_generate(pair.seed.native(), pair.public_key.native()); code != MT_OK)
        return detail::last_failure(code);
    return pair;
}

/// The public key of a seed.
inline result<public_key> derive(const seed &secret) noexcept
{
    public_key key;
    if (mt_status_t code = mt_ed25519_public_key(key.native(), secret.native()); code != MT_OK)
        return detail::last_failure(code);
    return key;
}

/// Signs bytes, at most 2^31 - 1 of them.
inline result<signature> sign(const seed &secret, bytes_view data) noexcept
{
    signature signed_with;
    if (mt_status_t code = mt_ed25519_sign(signed_with.native(), secret.native(), data.native(), data.size()); code != MT_OK)
        return detail::last_failure(code);
    return signed_with;
}

/// Whether a signature over bytes is by the owner of a public key.
inline result<bool> verify(const public_key &key, const signature &signed_with, bytes_view data) noexcept
{
    std::int32_t ok = 0;
    mt_status_t code = mt_ed25519_verify(&ok, key.native(), signed_with.native(), data.native(), data.size());
    if (code != MT_OK)
        return detail::last_failure(code);
    return ok == 1;
}

} // namespace ed25519

namespace x25519
{

using secret = fixed_bytes<struct secret_tag, MT_X25519_KEY_LENGTH>;
using public_key = fixed_bytes<struct public_key_tag, MT_X25519_KEY_LENGTH>;

struct key_pair
{
    x25519::secret secret;
    x25519::public_key public_key;
};

/// Makes a new key pair, as Noise wants it.
inline result<key_pair> generate() noexcept
{
    key_pair pair;
    if (mt_status_t code = mt_x25519_generate(pair.secret.native(), pair.public_key.native()); code != MT_OK)
        return detail::last_failure(code);
    return pair;
}

/// The public key of a secret.
inline result<public_key> derive(const secret &from) noexcept
{
    public_key key;
    if (mt_status_t code = mt_x25519_public_key(key.native(), from.native()); code != MT_OK)
        return detail::last_failure(code);
    return key;
}

} // namespace x25519
} // namespace megatorrent

#endif
