using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Fuzz.Targets;

/// <summary>A chunk is sealed and opened again: what comes out is what went in, and a bit that was changed is seen.</summary>
[Covers(typeof(BlobSealer))]
internal sealed class SealedBlobTarget() : FuzzTarget("sealed-blob")
{
    /// <summary>The blob and the chunk, and what a compressor keeps while it works; zlib and Brotli have the most.</summary>
    protected override long AllocationFloor => 1 << 20;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 4)
            return;
        CipherSuite suite = (input[0] & 1) == 0 ? CipherSuite.Aes256Gcm : CipherSuite.ChaCha20Poly1305;
        var compression = (CompressionKind)((input[0] >> 1) % 5);
        ReadOnlySpan<byte> secret = (input[0] & 0x80) == 0 ? default : "0123456789abcdef0123456789abcdef"u8;
        int repeats = 1 + (input[1] & 15); // long enough to be compressed
        var chunk = new byte[(input.Length - 4) * repeats];
        for (int i = 0; i < repeats; i++)
            input[4..].CopyTo(chunk.AsSpan(i * (input.Length - 4)));

        Span<byte> key = stackalloc byte[32];
        var blob = new byte[BlobSealer.Bound(chunk.Length)];
        int length = BlobSealer.Seal(chunk, blob, suite, compression, secret, ConstantRandom.Instance, key);
        var opened = new byte[chunk.Length];
        FuzzFailure.Unless(BlobSealer.Open(blob.AsSpan(0, length), key, opened) == chunk.Length, "another length");
        FuzzFailure.UnlessSame(chunk, opened, "sealed and opened");

        int at = ((input[2] << 8) | input[3]) % length;
        blob[at] ^= 1;
        try
        {
            BlobSealer.Open(blob.AsSpan(0, length), key, opened);
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Integrity or ErrorKind.Malformed or ErrorKind.Unsupported)
        {
            return;
        }
        catch (ArgumentException) when (at is >= 12 and < 16)
        {
            return; // the length of the chunk was changed: the destination is too short for what the header says now
        }

        throw new FuzzFailure($"a blob opens whose byte {at} was changed");
    }
}
