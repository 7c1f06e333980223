using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Native.Exports;

/// <summary>Numbers of the header that several parts use, and what they are inside.</summary>
internal static class Constants
{
    /// <summary>The cipher of <c>MT_SUITE_*</c>; 0 is AES-256-GCM.</summary>
    /// <returns>Ok or Unsupported.</returns>
    public static Status ToSuite(uint number, out CipherSuite suite)
    {
        suite = number == 0 ? CipherSuite.Aes256Gcm : (CipherSuite)Math.Min(number, byte.MaxValue);
        return suite is CipherSuite.Aes256Gcm or CipherSuite.ChaCha20Poly1305
            ? Status.Ok
            : LastError.Set(
                Status.Unsupported, $"suite is {number}; MT_SUITE_AES_256_GCM (1) and MT_SUITE_CHACHA20_POLY1305 (2) are known.");
    }

    /// <summary>The compression of <c>MT_COMPRESSION_*</c>, which is one more than on disk, so that 0 can be the default, zstd.</summary>
    /// <returns>Ok or Unsupported.</returns>
    public static Status ToCompression(uint number, out CompressionKind compression)
    {
        compression = number == 0 ? CompressionKind.Zstd : (CompressionKind)Math.Min(number - 1, byte.MaxValue);
        return compression <= CompressionKind.Brotli
            ? Status.Ok
            : LastError.Set(
                Status.Unsupported, $"compression is {number}; MT_COMPRESSION_NONE (1) to MT_COMPRESSION_BROTLI (5) are known.");
    }

    /// <summary><c>MT_COMPRESSION_*</c> of what a blob says.</summary>
    public static uint FromCompression(CompressionKind compression) => (uint)compression + 1;
}
