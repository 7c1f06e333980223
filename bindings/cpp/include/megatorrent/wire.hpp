// megatorrent/wire.hpp - what nodes and clients say to each other inside a session
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_WIRE_HPP
#define MEGATORRENT_WIRE_HPP

#include <megatorrent/detail.hpp>

#include <cstdint>
#include <optional>

namespace megatorrent::wire
{

enum class message_type : std::uint32_t
{
    hello = MT_WIRE_HELLO,
    ping = MT_WIRE_PING,
    pong = MT_WIRE_PONG,
    get = MT_WIRE_GET,
    data = MT_WIRE_DATA,
    want = MT_WIRE_WANT,
    have = MT_WIRE_HAVE,
    store = MT_WIRE_STORE,
    stored = MT_WIRE_STORED,
    find = MT_WIRE_FIND,
    found = MT_WIRE_FOUND,
    cancel = MT_WIRE_CANCEL,
    status = MT_WIRE_STATUS,
    status_reply = MT_WIRE_STATUS_REPLY,
    error = MT_WIRE_ERROR,
    gossip = MT_WIRE_GOSSIP,
    gossip_reply = MT_WIRE_GOSSIP_REPLY,
    probe = MT_WIRE_PROBE,
    probe_reply = MT_WIRE_PROBE_REPLY,
    join = MT_WIRE_JOIN,
    joined = MT_WIRE_JOINED,
    notice = MT_WIRE_NOTICE,
    proceed = MT_WIRE_PROCEED,
};

/// Flags of message_type::data.
inline constexpr std::uint32_t flag_last = MT_WIRE_FLAG_LAST;
inline constexpr std::uint32_t flag_upload = MT_WIRE_FLAG_UPLOAD;

/// One message. Which members count depends on the type (megatorrent.h, part 10); the others are 0 and empty, both ways.
struct message
{
    message_type type = message_type::ping;
    std::uint32_t flags = 0;
    std::uint32_t request_number = 0;
    blob_id id{};
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t code = 0;
    std::uint32_t count = 0;
    std::uint32_t version_min = 0;
    std::uint32_t version_max = 0;
    std::uint32_t features = 0;
    std::uint32_t requests_max = 0;
    std::uint32_t blob_length_max = 0;
    std::uint32_t idle_timeout_ms = 0;

    /// Of a message that was decoded these two are parts of the data that it was decoded from.
    megatorrent::bytes_view bytes{};
    bytes_view items{};
};

/// What lies at the start of some bytes.
struct decoded
{
    /// The message; none if the frame is cut.
    std::optional<wire::message> message;

    /// The length of the whole frame, where the next one begins; of a frame that is cut MT_WIRE_HEADER_LENGTH while it is not known.
    std::size_t frame_length = 0;
};

/// Writes a message as one frame. status::invalid_argument for a member that the type cannot have, or that is over its limit.
inline result<bytes> encode(const message &from) noexcept
{
    mt_wire_message_t native = detail::sized<mt_wire_message_t>();
    native.type = static_cast<std::uint32_t>(from.type);
    native.flags = from.flags;
    native.request_number = from.request_number;
    detail::copy_to(native.id, from.id);
    native.offset = from.offset;
    native.length = from.length;
    native.code = from.code;
    native.count = from.count;
    native.version_min = from.version_min;
    native.version_max = from.version_max;
    native.features = from.features;
    native.requests_max = from.requests_max;
    native.blob_length_max = from.blob_length_max;
    native.idle_timeout_ms = from.idle_timeout_ms;
    native.bytes = from.bytes.empty() ? nullptr : from.bytes.native();
    native.bytes_length = from.bytes.size();
    native.items = from.items.empty() ? nullptr : from.items.native();
    native.items_length = from.items.size();
    return detail::read_bytes(
        [&](std::uint8_t *dst, std::size_t capacity, std::size_t *length) { return mt_wire_encode(dst, capacity, length, &native); }, 256);
}

/// Reads the frame at the start of some bytes. status::protocol_violation if its header breaks the protocol, status::malformed if its body
/// does. A frame that is cut is no failure.
inline result<decoded> decode(bytes_view data) noexcept
{
    mt_wire_message_t native = detail::sized<mt_wire_message_t>();
    decoded into;
    mt_status_t code = mt_wire_decode(&native, &into.frame_length, data.native(), data.size());
    if (code == MT_ERROR_INCOMPLETE)
        return into;
    if (code != MT_OK)
        return detail::last_failure(code);
    into.message = message{
        static_cast<message_type>(native.type), native.flags, native.request_number, detail::copy_from<blob_id>(native.id), native.offset,
        native.length, native.code, native.count, native.version_min, native.version_max, native.features, native.requests_max,
        native.blob_length_max, native.idle_timeout_ms, bytes_view(native.bytes, native.bytes_length),
        bytes_view(native.items, native.items_length)};
    return into;
}

} // namespace megatorrent::wire

#endif
