using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>Where the cluster is, who asks, and what the client runs on.</summary>
public sealed record ClientOptions
{
    /// <summary>Endpoints "host:port" of nodes; any one that answers is enough. Empty: those that the credential names.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Who the client is.</summary>
    public required Credential Credential { get; init; }

    /// <summary>
    /// Where the client is: a site, or a longer path of failure domains such as "site/rack". Of several holders of a blob the nearest is
    /// asked first. Null: all are equally near.
    /// </summary>
    public string? Site { get; init; }

    /// <summary>How nodes are reached. Default: TCP, by the fastest engine of the machine.</summary>
    public ITransport Transport { get; init; } = SystemTransport.Auto;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where keys and jitter come from.</summary>
    public IRandomSource Random { get; init; } = SystemRandomSource.Instance;

    /// <summary>Where sealing, hashing and encoding run.</summary>
    public IWorkExecutor Executor { get; init; } = ThreadPoolExecutor.Instance;

    /// <summary>Bytes of stripes under way at once, in each direction; more overlap costs more memory. Default 96 MiB.</summary>
    public long BytesUnderWayMax { get; init; } = 96L * 1024 * 1024;

    /// <summary>How long one request may make no progress, in milliseconds, before another node is asked. Default 15 s.</summary>
    public int RequestTimeoutMs { get; init; } = 15_000;

    /// <summary>
    /// How long a put tries again to store a stripe that too few nodes took, and a get to read one of which too few gave blobs, because some
    /// did not answer, in milliseconds; 0 gives up at once. Default 8 s: a node that is restarted costs no request.
    /// </summary>
    public int ShortagePatienceMs { get; init; } = 8_000;

    /// <summary>
    /// At about this many bytes a manifest of the tree is closed, so that sealed and encoded it stays far below the limit for manifests.
    /// Smaller only in tests, which want deep trees of few bytes.
    /// </summary>
    internal int ManifestLengthTarget { get; init; } = 256 * 1024;
}
