using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>How to put an object.</summary>
public sealed record PutOptions
{
    /// <summary>Data and parity blobs a stripe. Default 4+2.</summary>
    public Scheme Scheme { get; init; } = Scheme.Default;

    /// <summary>
    /// Whether equal chunks are stored once: content-defined chunks, keys derived from the tenant secret of the credential. Default off:
    /// every put is under fresh random keys.
    /// </summary>
    public bool Deduplicate { get; init; }

    /// <summary>
    /// How long the object is kept; null, the default, is for ever, until it is forgotten. What the owner keeps longer already stays kept as long.
    /// </summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>The cipher. Default AES-256-GCM.</summary>
    public CipherSuite Suite { get; init; } = CipherSuite.Aes256Gcm;

    /// <summary>The compression to try on every chunk that looks as if it would shrink. Default zstd.</summary>
    public CompressionKind Compression { get; init; } = CompressionKind.Zstd;
}
