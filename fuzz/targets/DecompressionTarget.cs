using Megatorrent.Core;
using Megatorrent.Core.Compression;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// Streams of four compressions. Input: the method, the length that should come out (two bytes), the stream. And backwards: the bytes are
/// compressed and must come back.
/// </summary>
[Covers(typeof(Compressor))]
[Covers(typeof(Libzstd))]
[Covers(typeof(Liblz4))]
[Covers(typeof(Gzip))]
internal sealed class DecompressionTarget() : FuzzTarget("decompression")
{
    /// <summary>The destination has up to 64 KiB, and a compressor's own objects some more.</summary>
    protected override long AllocationFloor => 512 << 10;

    protected override bool IsRefusal(ErrorKind kind) => kind == ErrorKind.Integrity;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 3)
            return;
        var kind = (CompressionKind)(input[0] % 5);
        ReadOnlySpan<byte> source = input[3..];
        var packed = new byte[source.Length + 64];
        if (kind != CompressionKind.None && source.Length > 0 && Compressor.TryCompress(kind, source, packed, out int written))
        {
            var unpacked = new byte[source.Length];
            Compressor.Decompress(kind, packed.AsSpan(0, written), unpacked);
            FuzzFailure.UnlessSame(source, unpacked, $"{kind}, compressed and decompressed");
        }

        Compressor.Decompress(kind, source, new byte[(input[1] << 8) | input[2]]);
    }
}
