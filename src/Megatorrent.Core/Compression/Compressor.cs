using System.Buffers;
using System.IO.Compression;

namespace Megatorrent.Core.Compression;

/// <summary>
/// Compresses and decompresses whole chunks. Every operation is bounded by the spans that it is given: nothing is believed that a
/// compressed stream claims about itself. Thread-safe.
/// </summary>
public static class Compressor
{
    /// <summary>
    /// The zstd level of a put. Chosen for speed: on a megabyte of machine code level 3 saves a tenth of the bytes more than level 1 and
    /// takes three times as long (11 against 3.9 ms); on text the two differ little in either.
    /// </summary>
    public const int ZstdLevel = 1;

    private const int Lz4Acceleration = 1; // liblz4's own default
    // zlib-ng's level 1 has fixed codes and a sixth more bytes; from 3 on the time grows faster than the gain.
    private const int GzipLevel = 2;
    private const int BrotliQuality = 1; // from 2 on it takes four times as long for a tenth fewer bytes
    private const int BrotliWindowBits = 22; // 4 MiB, brotli's own default

    /// <summary>The probe looks at this many samples, spread evenly,</summary>
    private const int ProbeSamples = 4;

    /// <summary>of this many bytes each,</summary>
    private const int ProbeSampleLength = 4096;

    /// <summary>and shorter chunks than this are not worth a header and a pass.</summary>
    private const int ProbeMinLength = 64;

    /// <summary>Compresses <paramref name="source"/> if the result fits.</summary>
    /// <param name="kind">The method; <see cref="CompressionKind.None"/> copies.</param>
    /// <param name="source">Any length from 0.</param>
    /// <param name="destination">
    /// Its length is the most that the caller will accept, e.g. a little less than the source; contents past
    /// <paramref name="written"/> are undefined, all of it when false. May not overlap the source.
    /// </param>
    /// <param name="written">Bytes written; 0 when false.</param>
    /// <returns>False when the result does not fit.</returns>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    /// <exception cref="MegatorrentException">Unsupported: the method's library is missing.</exception>
    public static bool TryCompress(CompressionKind kind, ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        switch (kind)
        {
            case CompressionKind.None:
                bool fits = source.TryCopyTo(destination);
                written = fits ? source.Length : 0;
                return fits;
            case CompressionKind.Zstd:
                return Libzstd.TryCompress(source, destination, ZstdLevel, out written);
            case CompressionKind.Lz4:
                return Liblz4.TryCompress(source, destination, Lz4Acceleration, out written);
            case CompressionKind.Gzip:
                return Gzip.TryCompress(source, destination, GzipLevel, out written);
            case CompressionKind.Brotli:
                if (BrotliEncoder.TryCompress(source, destination, out written, BrotliQuality, BrotliWindowBits))
                    return true;
                written = 0;
                return false;
            default:
                throw Unknown(kind);
        }
    }

    /// <summary>
    /// Decompresses <paramref name="source"/> into the whole of <paramref name="destination"/>. Memory does not depend on what the source
    /// claims: beyond the destination it is a constant of the method, at most some 16 MiB (Brotli's window).
    /// </summary>
    /// <param name="kind">The method it was compressed with.</param>
    /// <param name="source">One compressed stream, complete, nothing after it.</param>
    /// <param name="destination">
    /// Exactly as long as the original; overwritten; undefined after an exception. May not overlap the source.
    /// </param>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    /// <exception cref="MegatorrentException">
    /// Integrity: the source is cut or broken, or does not give exactly as many bytes as the destination holds.
    /// Unsupported: the method's library is missing.
    /// </exception>
    public static void Decompress(CompressionKind kind, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        bool exact = kind switch
        {
            CompressionKind.None => source.Length == destination.Length && source.TryCopyTo(destination),
            CompressionKind.Zstd => Libzstd.Decompress(source, destination) == destination.Length,
            CompressionKind.Lz4 => Liblz4.Decompress(source, destination) == destination.Length,
            CompressionKind.Gzip => Gzip.TryDecompress(source, destination),
            CompressionKind.Brotli => TryDecompressBrotli(source, destination),
            _ => throw Unknown(kind),
        };
        if (!exact)
            throw new MegatorrentException(
                ErrorKind.Integrity,
                $"{source.Length} bytes compressed with {kind} are damaged: they do not give the {destination.Length} that they should.");
    }

    /// <summary>
    /// Guesses from a few samples whether <paramref name="chunk"/> will shrink by some percent: cheap (some tens of microseconds, whatever
    /// the length), and wrong now and then in both directions, which costs time or space but never data.
    /// </summary>
    /// <exception cref="MegatorrentException">Unsupported: liblz4 is missing.</exception>
    public static bool LooksCompressible(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < ProbeMinLength)
            return false;
        if (chunk.Length <= ProbeSamples * ProbeSampleLength)
            return SampleShrinks(chunk);

        int stride = (chunk.Length - ProbeSampleLength) / (ProbeSamples - 1);
        for (int i = 0; i < ProbeSamples; i++)
        {
            if (SampleShrinks(chunk.Slice(i * stride, ProbeSampleLength)))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Two ways to shrink: bytes that are unevenly used (entropy coding) and strings that come again (matches, which LZ4 finds quickly).
    /// </summary>
    private static bool SampleShrinks(ReadOnlySpan<byte> sample)
    {
        // The collision count sum(n_i²) is about length²/256 + length when all 256 values are used evenly, with a standard deviation below
        // 1 % at 4,096 bytes. A third above that is about a quarter of a bit less entropy a byte, 3 %: far out of reach of chance.
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (byte value in sample)
            counts[value]++;
        long collisions = 0;
        foreach (int count in counts)
            collisions += (long)count * count;
        double even = (double)sample.Length * sample.Length / 256 + sample.Length;
        if (collisions > even * UnevenFactor(sample.Length))
            return true;

        byte[] scratch = ArrayPool<byte>.Shared.Rent(sample.Length);
        try
        {
            int target = sample.Length - (sample.Length >> 5) - 8; // 3 % and a little
            return Liblz4.TryCompress(sample, scratch.AsSpan(0, target), Lz4Acceleration, out _);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    // Short samples scatter more; this keeps random bytes of 64 bytes and more below the line.
    private static double UnevenFactor(int length) => 1.33 + 40.0 / length;

    private static bool TryDecompressBrotli(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Span<byte> one = stackalloc byte[1];
        Span<byte> output = destination.IsEmpty ? one : destination; // with no room at all the decoder does not even start
        var decoder = new BrotliDecoder();
        try
        {
            OperationStatus status = decoder.Decompress(source, output, out int consumed, out int written);
            return status == OperationStatus.Done && consumed == source.Length && written == destination.Length;
        }
        finally
        {
            decoder.Dispose();
        }
    }

    private static ArgumentException Unknown(CompressionKind kind) => new($"There is no compression kind {(byte)kind}.", nameof(kind));
}
