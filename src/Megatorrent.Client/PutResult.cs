using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>What a put did. It is acknowledged: every stripe has at least j+⌈m/2⌉ blobs durable.</summary>
public sealed record PutResult
{
    /// <summary>Reads the object. A secret.</summary>
    public required Capability Capability { get; init; }

    /// <summary>Bytes of the object.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of blobs durable in the cluster for it, parity, copies and manifests included.</summary>
    public required long StoredBytes { get; init; }

    /// <summary>Stripes of the object, manifests included.</summary>
    public required int Stripes { get; init; }

    /// <summary>Stripes that miss at least one blob.</summary>
    public required int IncompleteStripes { get; init; }

    /// <summary>Blobs that could not be stored; repair adds them.</summary>
    public required int MissingBlobs { get; init; }

    /// <summary>Blobs that this put stored.</summary>
    public required int BlobsStored { get; init; }

    /// <summary>Blobs that were there already (deduplicating mode).</summary>
    public required int BlobsReused { get; init; }

    /// <summary>Why blobs are missing, a line a node.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Paths inside a directory that are neither file, folder nor link (sockets, devices) and were left out.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }
}
