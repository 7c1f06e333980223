// megatorrent/manifest.hpp - what an object consists of: streams of stripes of blobs
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_MANIFEST_HPP
#define MEGATORRENT_MANIFEST_HPP

#include <megatorrent/blob.hpp>
#include <megatorrent/detail.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace megatorrent
{

/// What a manifest is of: a part of a tree of manifests (and whatever was opened without a key), a file, or a directory.
enum class manifest_kind : std::uint32_t
{
    node = MT_MANIFEST_NODE,
    file = MT_MANIFEST_FILE,
    directory = MT_MANIFEST_DIRECTORY,
};

struct manifest_info
{
    manifest_kind kind = manifest_kind::file;

    /// Permission bits, as chmod has them.
    std::uint32_t mode = 0;

    /// Nanoseconds since 1970.
    std::int64_t modified_unix_ns = 0;

    /// Not used by manifest::create.
    std::uint32_t stream_count = 0;
    bool has_keys = false;
};

struct manifest_stream
{
    /// 0: its stripes hold the bytes. Above: they hold manifests whose streams have the depth below.
    std::uint32_t depth = 0;

    /// Bytes behind it; 0 without keys.
    std::uint64_t length = 0;
    std::uint32_t stripe_count = 0;
};

struct stripe_info
{
    std::uint32_t data_shards = 0;
    std::uint32_t parity_shards = 0;

    /// Bytes of the longest blob, and of every parity blob.
    std::uint32_t shard_length = 0;

    /// k + m, or 1 with k = 1.
    std::uint32_t id_count = 0;
    stripe_id id;
};

struct stripe_blob
{
    /// Bytes of the blob.
    std::uint32_t length = 0;

    /// Of a data blob with keys: bytes behind it; else 0.
    std::uint64_t plaintext_length = 0;
    blob_id id;

    /// What opens it; none without keys and for parity.
    std::optional<blob_key> key;
};

/// A data blob, as manifest::add_stripe takes it.
struct data_blob
{
    blob_id id{};
    blob_key key{};
    std::uint32_t length = 0;
    std::uint64_t plaintext_length = 0;
};

/// A manifest that was opened, or one that is being made.
class manifest
{
public:
    /// Reads a manifest blob: with its key both parts, without one only the public part. status::malformed, status::unsupported,
    /// status::integrity (the key is another's)
    static result<manifest> open(bytes_view blob, const std::optional<blob_key> &key = std::nullopt) noexcept
    {
        mt_manifest_t *native = nullptr;
        if (mt_status_t code = mt_manifest_open(&native, blob.native(), blob.size(), key ? key->native() : nullptr); code != MT_OK)
            return detail::last_failure(code);
        return manifest(native);
    }

    /// Begins a manifest; the name is that of the object, empty for a node.
    static result<manifest> create(const manifest_info &about, std::string_view name) noexcept
    {
        return detail::guard([&]() -> result<manifest> {
            mt_manifest_info_t info = detail::sized<mt_manifest_info_t>();
            info.kind = static_cast<std::uint32_t>(about.kind);
            info.mode = about.mode;
            info.modified_unix_ns = about.modified_unix_ns;
            mt_manifest_t *native = nullptr;
            if (mt_status_t code = mt_manifest_create(&native, &info, detail::text(name).get()); code != MT_OK)
                return detail::last_failure(code);
            return manifest(native);
        });
    }

    [[nodiscard]] result<manifest_info> info() const noexcept
    {
        mt_manifest_info_t native = detail::sized<mt_manifest_info_t>();
        if (mt_status_t code = mt_manifest_get_info(_manifest.get(), &native); code != MT_OK)
            return detail::last_failure(code);
        return manifest_info{
            static_cast<manifest_kind>(native.kind), native.mode, native.modified_unix_ns, native.stream_count, native.has_keys != 0};
    }

    /// The name of the object, without a path; empty for a node.
    [[nodiscard]] result<std::string> name() const noexcept
    {
        return detail::read_text(
            [&](char *dst, std::size_t capacity, std::size_t *length) {
                return mt_manifest_get_name(_manifest.get(), dst, capacity, length);
            },
            255);
    }

    /// status::invalid_argument if there is no such stream, stripe or blob, here and in the next two.
    [[nodiscard]] result<manifest_stream> stream(std::uint32_t stream_index) const noexcept
    {
        mt_manifest_stream_t native = detail::sized<mt_manifest_stream_t>();
        if (mt_status_t code = mt_manifest_get_stream(_manifest.get(), &native, stream_index); code != MT_OK)
            return detail::last_failure(code);
        return manifest_stream{native.depth, native.length, native.stripe_count};
    }

    [[nodiscard]] result<stripe_info> stripe(std::uint32_t stream_index, std::uint32_t stripe_index) const noexcept
    {
        mt_stripe_info_t native = detail::sized<mt_stripe_info_t>();
        if (mt_status_t code = mt_manifest_get_stripe(_manifest.get(), &native, stream_index, stripe_index); code != MT_OK)
            return detail::last_failure(code);
        return stripe_info{
            native.data_shards, native.parity_shards, native.shard_length, native.id_count, detail::copy_from<stripe_id>(native.id)};
    }

    /// A blob of a stripe, data before parity.
    [[nodiscard]] result<stripe_blob> blob(
        std::uint32_t stream_index, std::uint32_t stripe_index, std::uint32_t blob_index) const noexcept
    {
        mt_stripe_blob_t native = detail::sized<mt_stripe_blob_t>();
        mt_status_t code = mt_manifest_get_blob(_manifest.get(), &native, stream_index, stripe_index, blob_index);
        if (code != MT_OK)
            return detail::last_failure(code);
        stripe_blob found{native.length, native.plaintext_length, detail::copy_from<blob_id>(native.id), std::nullopt};
        if (native.has_key != 0)
            found.key = detail::copy_from<blob_key>(native.key);
        return found;
    }

    /// Adds a stream, empty at first. status::state for a manifest that was opened.
    result<void> add_stream(std::uint32_t depth) noexcept { return detail::check(mt_manifest_add_stream(_manifest.get(), depth)); }

    /// Adds a stripe to the last stream: its k data blobs, and the ids of its m parity blobs.
    result<void> add_stripe(std::span<const data_blob> data, std::span<const blob_id> parity) noexcept
    {
        return add(data, parity, static_cast<std::uint32_t>(parity.size()));
    }

    /// Adds a stripe of one data blob, of which there are so many copies beyond the first.
    result<void> add_copied(const data_blob &data, std::uint32_t copies) noexcept { return add({&data, 1}, {}, copies); }

    /// Seals a manifest; the compression of the options is not used.
    [[nodiscard]] result<blob::sealed> seal(const blob::options &how = {}) const noexcept
    {
        return detail::guard([&]() -> result<blob::sealed> {
            mt_blob_options_t native = detail::sized<mt_blob_options_t>();
            native.suite = static_cast<std::uint32_t>(how.suite);
            native.tenant_secret32 = how.secret ? how.secret->native() : nullptr;
            blob::sealed done;
            result<bytes> sealed = detail::read_bytes(
                [&](std::uint8_t *dst, std::size_t capacity, std::size_t *length) {
                    return mt_manifest_seal(_manifest.get(), dst, capacity, length, done.id.native(), done.key.native(), &native);
                },
                4096);
            if (!sealed)
                return std::move(sealed).error();
            done.blob = std::move(*sealed);
            return done;
        });
    }

private:
    explicit manifest(mt_manifest_t *native) noexcept : _manifest(native) {}

    result<void> add(std::span<const data_blob> data, std::span<const blob_id> parity, std::uint32_t parity_shards) noexcept
    {
        return detail::guard([&]() -> result<void> {
            std::vector<blob_id> ids;
            std::vector<blob_key> keys;
            std::vector<std::uint32_t> lengths;
            std::vector<std::uint64_t> plaintext_lengths;
            ids.reserve(data.size() + parity.size() + 1); // one more, so that none of them is NULL when there is no blob
            keys.reserve(data.size() + 1);
            lengths.reserve(data.size() + 1);
            plaintext_lengths.reserve(data.size() + 1);
            for (const data_blob &each : data)
            {
                ids.push_back(each.id);
                keys.push_back(each.key);
                lengths.push_back(each.length);
                plaintext_lengths.push_back(each.plaintext_length);
            }

            // One data blob has one id, also where m says that there are copies of it.
            if (data.size() == 1 && !parity.empty())
                return detail::refuse(status::invalid_argument, "A stripe of one data blob has copies of it, no parity: add_copied.");
            ids.insert(ids.end(), parity.begin(), parity.end());
            static_assert(sizeof(blob_id) == MT_ID_LENGTH && sizeof(blob_key) == MT_KEY_LENGTH, "ids and keys lie without gaps");
            return detail::check(mt_manifest_add_stripe(
                _manifest.get(), static_cast<std::uint32_t>(data.size()), parity_shards, reinterpret_cast<const std::uint8_t *>(ids.data()),
                lengths.data(), reinterpret_cast<const std::uint8_t *>(keys.data()), plaintext_lengths.data()));
        });
    }

    detail::handle<mt_manifest_t, mt_manifest_destroy> _manifest;
};

} // namespace megatorrent

#endif
