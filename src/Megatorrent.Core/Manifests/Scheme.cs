using System.Globalization;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Manifests;

/// <summary>How an object is spread: <paramref name="DataShards"/> data blobs and <paramref name="ParityShards"/> parity blobs a stripe.</summary>
public readonly record struct Scheme(int DataShards, int ParityShards)
{
    /// <summary>The smallest chunk that an object is cut into by default, in bytes; below it headers and requests cost more than they spread.</summary>
    public const int ChunkLengthMin = 64 * 1024;

    /// <summary>The chunk of large objects, in bytes: one request, one disk record, one unit of repair.</summary>
    public const int ChunkLengthDefault = 1024 * 1024;

    /// <summary>4+2: any two of six nodes may die, for 1.5 times the bytes.</summary>
    public static Scheme Default { get; } = new(4, 2);

    /// <summary>Blobs in a full stripe.</summary>
    public int TotalShards => DataShards + ParityShards;

    /// <summary>
    /// Reads "k+m". The text must be two decimal numbers with a plus sign between them, k ≥ 1, m ≥ 0, k+m ≤ 255.
    /// </summary>
    /// <exception cref="MegatorrentException">InvalidArgument: the text is something else; the message says what is allowed.</exception>
    public static Scheme Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        if (plus < 0
            || !DecimalText.TryParse(text.AsSpan(0, plus), out long data) || data > int.MaxValue
            || !DecimalText.TryParse(text.AsSpan(plus + 1), out long parity) || parity > int.MaxValue)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"'{text}' is not a scheme. Write DATA+PARITY, for example 4+2.");
        }

        var scheme = new Scheme((int)data, (int)parity);
        scheme.Validate();
        return scheme;
    }

    /// <summary>Checks the limits of the code.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: k below 1, m below 0, or k+m over 255.</exception>
    public void Validate()
    {
        if (DataShards < 1)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"The scheme {this} has no data shard; at least 1 is needed, for example 1+2.");
        if (ParityShards < 0)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"The scheme {this} has a negative number of parity shards.");
        if (DataShards > ReedSolomon.MaxShards || ParityShards > ReedSolomon.MaxShards || TotalShards > ReedSolomon.MaxShards)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument,
                $"The scheme {this} has {(long)DataShards + ParityShards} shards; the code over GF(2^8) allows {ReedSolomon.MaxShards} in all.");
        }
    }

    /// <summary>The chunk length for an object of <paramref name="length"/> bytes: clamp(length/k, 64 KiB, 1 MiB), in whole 4 KiB pages.</summary>
    public int ChunkLengthFor(long length)
    {
        const long Page = 4096;
        long share = (length + DataShards - 1) / DataShards;
        share = (share + Page - 1) / Page * Page;
        return (int)Math.Clamp(share, ChunkLengthMin, ChunkLengthDefault);
    }

    /// <summary>The blobs of a stripe with <paramref name="dataBlobs"/> data blobs that must be durable before a put is acknowledged: j+⌈m/2⌉.</summary>
    public int RequiredBlobs(int dataBlobs) => dataBlobs + ((ParityShards + 1) / 2);

    /// <summary>"k+m".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{DataShards}+{ParityShards}");
}
