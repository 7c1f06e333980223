namespace Megatorrent.Core.Compression;

/// <summary>How a chunk was compressed. The numbers are written to disk and wire, so they are frozen and never reused.</summary>
public enum CompressionKind : byte
{
    /// <summary>Not at all: the bytes as they are.</summary>
    None = 0,

    /// <summary>One Zstandard frame (RFC 8878).</summary>
    Zstd = 1,

    /// <summary>One LZ4 block, without the frame around it.</summary>
    Lz4 = 2,

    /// <summary>One gzip member (RFC 1952).</summary>
    Gzip = 3,

    /// <summary>One Brotli stream (RFC 7932).</summary>
    Brotli = 4,
}
