// megatorrent/noise.hpp - secure sessions without sockets: Noise XX, and who is on the other side
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_NOISE_HPP
#define MEGATORRENT_NOISE_HPP

#include <megatorrent/blob.hpp>
#include <megatorrent/detail.hpp>
#include <megatorrent/keys.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace megatorrent::noise
{

/// Whose turn it is: ours or theirs in the handshake, anyone's after it, nobody's after a failure.
enum class turn : std::uint32_t
{
    write = MT_NOISE_WRITE,
    read = MT_NOISE_READ,
    established = MT_NOISE_ESTABLISHED,
    dead = MT_NOISE_DEAD,
};

struct options
{
    /// This side's secret.
    x25519::secret static_secret{};

    /// Whether this side writes first.
    bool initiator = false;

    /// Both sides must have the same.
    cipher_suite suite = cipher_suite::standard;

    /// What both sides have said before in the clear; read during session::create only.
    bytes_view prologue{};

    /// Only in a test against published vectors: a secret that is used twice is none.
    std::optional<x25519::secret> ephemeral_secret{};
};

/// A session, which turns messages into messages. Both sides write in turn, the initiator first, until three messages have passed; then
/// both may write at any time. A message carries no length of its own. After a failed read or write the session is dead, unless the status
/// is state, buffer_too_small or limit_exceeded.
class session
{
public:
    static result<session> create(const options &how) noexcept
    {
        mt_noise_options_t native = detail::sized<mt_noise_options_t>();
        native.initiator = how.initiator ? 1 : 0;
        native.suite = static_cast<std::uint32_t>(how.suite);
        native.static_secret32 = how.static_secret.native();
        native.prologue = how.prologue.native();
        native.prologue_length = how.prologue.size();
        native.ephemeral_secret32 = how.ephemeral_secret ? how.ephemeral_secret->native() : nullptr;
        mt_noise_t *noise = nullptr;
        if (mt_status_t code = mt_noise_create(&noise, &native); code != MT_OK)
            return detail::last_failure(code);
        return session(noise);
    }

    [[nodiscard]] result<turn> state() const noexcept
    {
        std::uint32_t native = 0;
        if (mt_status_t code = mt_noise_state(_noise.get(), &native); code != MT_OK)
            return detail::last_failure(code);
        return static_cast<turn>(native);
    }

    /// The capacity that the next message needs for a payload; 0 for a session that is dead.
    [[nodiscard]] std::size_t write_bound(std::size_t payload_length) const noexcept
    {
        return mt_noise_write_bound(_noise.get(), payload_length);
    }

    /// Writes the next message into dst, and says how long it is. status::state if it is not this side's turn, or the session is dead;
    /// status::limit_exceeded if the message would be over MT_NOISE_MESSAGE_LENGTH_MAX.
    result<std::size_t> write_into(bytes_span dst, bytes_view payload = {}) noexcept
    {
        return detail::fill(
            [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                return mt_noise_write(_noise.get(), to, capacity, length, payload.native(), payload.size());
            },
            dst);
    }

    /// Writes the next message.
    result<bytes> write(bytes_view payload = {}) noexcept
    {
        return detail::read_bytes(
            [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                return mt_noise_write(_noise.get(), to, capacity, length, payload.native(), payload.size());
            },
            write_bound(payload.size()));
    }

    /// Reads the next message into dst, which may be as long as the message to be sure, and says how long its payload is.
    /// status::integrity if it was changed, lost, repeated, or is from another session; status::protocol_violation if no message can be so.
    result<std::size_t> read_into(bytes_span dst, bytes_view message) noexcept
    {
        return detail::fill(
            [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                return mt_noise_read(_noise.get(), to, capacity, length, message.native(), message.size());
            },
            dst);
    }

    /// Reads the next message.
    result<bytes> read(bytes_view message) noexcept
    {
        return detail::read_bytes(
            [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                return mt_noise_read(_noise.get(), to, capacity, length, message.native(), message.size());
            },
            message.size());
    }

    /// The other side's key. status::state before it is proved.
    [[nodiscard]] result<x25519::public_key> remote_key() const noexcept
    {
        x25519::public_key key;
        if (mt_status_t code = mt_noise_remote_key(_noise.get(), key.native()); code != MT_OK)
            return detail::last_failure(code);
        return key;
    }

    /// The hash that names the session, the same on both sides. status::state before it is established.
    [[nodiscard]] result<sha256_hash> handshake_hash() const noexcept
    {
        sha256_hash hash;
        if (mt_status_t code = mt_noise_handshake_hash(_noise.get(), hash.native()); code != MT_OK)
            return detail::last_failure(code);
        return hash;
    }

private:
    explicit session(mt_noise_t *noise) noexcept : _noise(noise) {}

    detail::handle<mt_noise_t, mt_noise_destroy> _noise;
};

/// The payload by which a client proves itself to a node of a cluster, in the second message that it writes.
struct peer_payload
{
    bytes payload;
    ed25519::public_key cluster_key;
};

/// Who is on the other side.
struct peer_info
{
    node_id id;
    ed25519::public_key public_key;

    /// Whether it has shown a valid certificate of the cluster.
    bool has_certificate = false;

    /// Of the protocol that both speak.
    std::uint32_t version = 0;
};

/// Makes the payload of the owner of a credential ("mtcred1:..."); static_key is this side's public key in the session.
inline result<peer_payload> create_peer_payload(std::string_view credential, const x25519::public_key &static_key) noexcept
{
    return detail::guard([&]() -> result<peer_payload> {
        detail::text text(credential);
        peer_payload made;
        result<bytes> payload = detail::read_bytes(
            [&](std::uint8_t *to, std::size_t capacity, std::size_t *length) {
                return mt_peer_payload_create(to, capacity, length, text.get(), static_key.native(), made.cluster_key.native());
            },
            MT_PEER_PAYLOAD_LENGTH_MAX);
        if (!payload)
            return std::move(payload).error();
        made.payload = std::move(*payload);
        return made;
    });
}

/// Checks the payload of the other side against the key that the session has proved. status::unauthorized if it does not prove who it is,
/// or its certificate is not valid for the cluster now.
inline result<peer_info> check_peer_payload(
    bytes_view payload, const x25519::public_key &remote_key, const ed25519::public_key &cluster_key) noexcept
{
    mt_peer_info_t native = detail::sized<mt_peer_info_t>();
    mt_status_t code =
        mt_peer_payload_check(&native, payload.native(), payload.size(), remote_key.native(), cluster_key.native());
    if (code != MT_OK)
        return detail::last_failure(code);
    return peer_info{
        detail::copy_from<node_id>(native.node_id), detail::copy_from<ed25519::public_key>(native.public_key),
        native.has_certificate != 0, native.version};
}

} // namespace megatorrent::noise

#endif
