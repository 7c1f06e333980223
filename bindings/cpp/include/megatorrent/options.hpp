// megatorrent/options.hpp - what the calls of a client take and give
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_OPTIONS_HPP
#define MEGATORRENT_OPTIONS_HPP

#include <megatorrent/blob.hpp>
#include <megatorrent/detail.hpp>
#include <megatorrent/operation.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace megatorrent
{

/// How a cluster is reached. Everything may stay as it is: then the cluster and the credential are those that the program `megatorrent`
/// would use (mt_client_open in megatorrent.h).
struct client_options
{
    /// "HOST:PORT", or several parted by commas.
    std::optional<std::string> cluster{};

    /// The credential itself, "mtcred1:...".
    std::optional<std::string> credential{};

    /// A file with the credential.
    std::filesystem::path credential_path{};

    /// How long one request may make no progress before another node is asked; 0: 15 s.
    std::chrono::milliseconds request_timeout{0};

    /// Memory for stripes under way, in each direction; 0: 96 MiB.
    std::uint64_t memory_bytes_max = 0;
};

struct put_options
{
    /// k and m; both 0: 4 and 2.
    std::uint32_t data_shards = 0;
    std::uint32_t parity_shards = 0;
    cipher_suite suite = cipher_suite::standard;
    megatorrent::compression compression = megatorrent::compression::standard;

    /// Chunks are cut by content, and equal ones under one credential are stored once.
    bool deduplicate = false;

    /// Of the object, where it has no path; empty: "data".
    std::string name{};
    progress_callback progress{};
};

struct put_result
{
    /// What reads the object; a secret.
    std::string capability{};

    /// Stripes of the object, manifests included, of which so many miss a blob; the nodes add it by themselves.
    std::uint32_t stripes = 0;
    std::uint32_t incomplete_stripes = 0;
    std::uint32_t missing_blobs = 0;
    std::uint32_t blobs_stored = 0;

    /// Blobs that were there already.
    std::uint32_t blobs_reused = 0;

    /// Bytes of the object, and of its blobs, parity and manifests included.
    std::uint64_t bytes = 0;
    std::uint64_t stored_bytes = 0;
};

struct get_options
{
    /// A file that is there is replaced; else it is an error.
    bool overwrite = false;
    progress_callback progress{};
};

struct get_result
{
    /// Data blobs that had to be computed from parity.
    std::uint32_t blobs_rebuilt = 0;

    /// Blobs that arrived with the wrong bytes, and were refused.
    std::uint32_t bad_blobs = 0;

    /// Bytes of the object, of which an earlier get that was interrupted had brought so many.
    std::uint64_t bytes = 0;
    std::uint64_t bytes_resumed = 0;
};

struct verify_report
{
    /// Every stripe has every blob, and each was read and hashed.
    bool healthy = false;

    /// Every stripe can be read.
    bool recoverable = false;

    /// How many more blobs the weakest stripe can lose; below 0 it is lost.
    std::int32_t lowest_margin = 0;
    std::uint32_t stripes = 0;
    std::uint32_t healthy_stripes = 0;

    /// Blobs and copies that should be there; that were read and are right; that no living node has; that a node has, and that are wrong.
    std::uint32_t blobs = 0;
    std::uint32_t good_blobs = 0;
    std::uint32_t missing_blobs = 0;
    std::uint32_t bad_blobs = 0;
};

struct repair_report
{
    std::uint32_t stripes = 0;

    /// That got at least one blob back.
    std::uint32_t stripes_repaired = 0;
    std::uint32_t blobs_restored = 0;

    /// Blobs for which there is no node now.
    std::uint32_t still_missing = 0;

    /// Stripes with fewer than k blobs.
    std::uint32_t unrecoverable = 0;
};

struct client_status
{
    /// Nodes of the cluster, dead ones too.
    std::uint32_t members = 0;
    std::uint32_t living_members = 0;

    /// Different ones among all members.
    std::uint32_t failure_domains = 0;
};

namespace detail
{

/// The arguments of a put as the C interface takes them, and where it writes its result. Must not move while the library has its address.
struct put_call
{
    explicit put_call(const put_options &how) : name(std::string_view(how.name))
    {
        progress.callback = how.progress;
        prepare(how, progress);
    }

    /// With a progress state that lies elsewhere.
    put_call(const put_options &how, progress_state &elsewhere) : name(std::string_view(how.name))
    {
        elsewhere.callback = how.progress;
        prepare(how, elsewhere);
    }

    put_call(const put_call &) = delete;
    put_call &operator=(const put_call &) = delete;

    [[nodiscard]] put_result give(std::string capability) const
    {
        return {std::move(capability), outcome.stripes, outcome.incomplete_stripes, outcome.missing_blobs, outcome.blobs_stored,
                outcome.blobs_reused,  outcome.bytes,   outcome.stored_bytes};
    }

    text name;
    progress_state progress;
    mt_put_result_t outcome = sized<mt_put_result_t>();
    mt_put_options_t native = sized<mt_put_options_t>();

private:
    void prepare(const put_options &how, progress_state &told)
    {
        native.data_shards = how.data_shards;
        native.parity_shards = how.parity_shards;
        native.suite = static_cast<std::uint32_t>(how.suite);
        native.compression = static_cast<std::uint32_t>(how.compression);
        native.deduplicate = how.deduplicate ? 1 : 0;
        native.name = name.get_or_null();
        native.progress = told.native();
        native.progress_context = &told;
        native.result = &outcome;
    }
};

struct get_call
{
    get_call(const get_options &how, progress_state &told)
    {
        told.callback = how.progress;
        native.overwrite = how.overwrite ? 1 : 0;
        native.progress = told.native();
        native.progress_context = &told;
        native.result = &outcome;
    }

    get_call(const get_call &) = delete;
    get_call &operator=(const get_call &) = delete;

    [[nodiscard]] get_result give() const noexcept
    {
        return {outcome.blobs_rebuilt, outcome.bad_blobs, outcome.bytes, outcome.bytes_resumed};
    }

    mt_get_result_t outcome = sized<mt_get_result_t>();
    mt_get_options_t native = sized<mt_get_options_t>();
};

struct check_call
{
    check_call(progress_callback callback, progress_state &told)
    {
        told.callback = std::move(callback);
        native.progress = told.native();
        native.progress_context = &told;
    }

    check_call(const check_call &) = delete;
    check_call &operator=(const check_call &) = delete;

    mt_check_options_t native = sized<mt_check_options_t>();
};

inline verify_report give(const mt_verify_report_t &from) noexcept
{
    return {from.healthy != 0, from.recoverable != 0, from.lowest_margin, from.stripes,  from.healthy_stripes,
            from.blobs,        from.good_blobs,       from.missing_blobs, from.bad_blobs};
}

inline repair_report give(const mt_repair_report_t &from) noexcept
{
    return {from.stripes, from.stripes_repaired, from.blobs_restored, from.still_missing, from.unrecoverable};
}

/// The arguments of an open as the C interface takes them.
struct open_call
{
    explicit open_call(const client_options &how) : credential_path(how.credential_path)
    {
        if (how.cluster)
            cluster.emplace(std::string_view(*how.cluster));
        if (how.credential)
            credential.emplace(std::string_view(*how.credential));
        native.request_timeout_ms =
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(how.request_timeout.count(), 0, UINT32_MAX));
        native.memory_bytes_max = how.memory_bytes_max;
        native.credential = credential ? credential->get() : nullptr;
        native.credential_path = credential_path.get_or_null();
    }

    open_call(const open_call &) = delete;
    open_call &operator=(const open_call &) = delete;

    [[nodiscard]] const char *cluster_or_null() const noexcept { return cluster ? cluster->get() : nullptr; }

    std::optional<text> cluster;
    std::optional<text> credential;
    text credential_path;
    mt_client_options_t native = sized<mt_client_options_t>();
};

} // namespace detail
} // namespace megatorrent

#endif
