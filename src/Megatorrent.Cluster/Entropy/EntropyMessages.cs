using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Entropy;

/// <summary>The two questions of a comparison and their answers. Layout: docs/spec/repair.md, "Anti-entropy".</summary>
internal static class EntropyMessages
{
    /// <summary>The call for sums of ranges.</summary>
    public const string DigestName = "digest";

    /// <summary>The call for the stripes of ranges.</summary>
    public const string RangeName = "range";

    /// <summary>Ranges in one question at most.</summary>
    public const int MaxRanges = 512;

    /// <summary>Bits by which a range is divided in an answer at most: 512 ranges of 16 parts are 160 KiB.</summary>
    public const int MaxBits = 4;

    /// <summary>Stripes in one answer at most: 192 KiB.</summary>
    public const int MaxStripes = 4096;

    private const int FormatVersion = 1;
    private const int StripeLength = BlobId.Length + 16;

    /// <summary>The body of either question.</summary>
    /// <param name="layout">The name of the asker's layout.</param>
    /// <param name="bits">By how many bits each range is to be divided.</param>
    /// <param name="ranges">The ranges.</param>
    public static byte[] EncodeQuestion(byte[] layout, int bits, IReadOnlyList<StripeRange> ranges)
    {
        var encoded = new byte[ranges.Count * StripeRange.EncodedLength];
        for (int i = 0; i < ranges.Count; i++)
        {
            Span<byte> entry = encoded.AsSpan(i * StripeRange.EncodedLength);
            entry[0] = (byte)ranges[i].Depth;
            BinaryPrimitives.WriteUInt64BigEndian(entry[1..], ranges[i].Prefix);
        }
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("f");
            writer.WriteInteger(bits);
            writer.WriteKey("l");
            writer.WriteBytes(layout);
            writer.WriteKey("r");
            writer.WriteBytes(encoded);
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
    }

    /// <summary>Reads a question.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static (byte[] Layout, int Bits, StripeRange[] Ranges) DecodeQuestion(ReadOnlySpan<byte> source)
    {
        byte[]? layout = null;
        StripeRange[]? ranges = null;
        int bits = 0;
        var reader = new BencodeReader(source, subject: "anti-entropy question");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("f"u8))
                bits = (int)reader.ReadInteger(0, MaxBits);
            else if (key.SequenceEqual("l"u8))
                layout = reader.ReadBytesExact(EntropyLayout.NameLength).ToArray();
            else if (key.SequenceEqual("r"u8))
                ranges = ReadRanges(ref reader);
            else if (key.SequenceEqual("v"u8))
                reader.ReadInteger(FormatVersion, long.MaxValue);
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return layout is not null && ranges is not null
            ? (layout, bits, ranges)
            : throw reader.Malformed("the layout or the ranges are missing");
    }

    /// <summary>The answer to a question for sums; null when the answerer has another layout.</summary>
    public static byte[] EncodeSums(IReadOnlyList<RangeSum>? sums)
    {
        var encoded = new byte[(sums?.Count ?? 0) * RangeSum.EncodedLength];
        for (int i = 0; i < sums?.Count; i++)
            sums[i].Write(encoded.AsSpan(i * RangeSum.EncodedLength));
        return Encode("s", sums is null ? null : encoded, isCut: false);
    }

    /// <summary>Reads an answer of sums; null when the answerer has another layout.</summary>
    /// <param name="source">The answer.</param>
    /// <param name="count">How many were asked for.</param>
    /// <exception cref="MegatorrentException">Malformed, or another number of sums.</exception>
    public static RangeSum[]? DecodeSums(ReadOnlySpan<byte> source, int count)
    {
        RangeSum[]? sums = null;
        var reader = new BencodeReader(source, subject: "anti-entropy sums");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("s"u8))
            {
                ReadOnlySpan<byte> bytes = reader.ReadBytesExact(count * RangeSum.EncodedLength);
                sums = new RangeSum[count];
                for (int i = 0; i < count; i++)
                    sums[i] = RangeSum.Read(bytes[(i * RangeSum.EncodedLength)..]);
            }
            else if (key.SequenceEqual("v"u8))
            {
                reader.ReadInteger(FormatVersion, long.MaxValue);
            }
            else
            {
                reader.SkipValue();
            }
        }
        reader.ReadEndOfDocument();
        return sums;
    }

    /// <summary>The answer to a question for stripes; null when the answerer has another layout.</summary>
    public static byte[] EncodeStripes(IReadOnlyList<(BlobId Stripe, UInt128 Total)>? stripes, bool isCut)
    {
        var encoded = new byte[(stripes?.Count ?? 0) * StripeLength];
        for (int i = 0; i < stripes?.Count; i++)
        {
            Span<byte> entry = encoded.AsSpan(i * StripeLength);
            stripes[i].Stripe.CopyTo(entry);
            BinaryPrimitives.WriteUInt128BigEndian(entry[BlobId.Length..], stripes[i].Total);
        }
        return Encode("e", stripes is null ? null : encoded, isCut);
    }

    /// <summary>Reads an answer of stripes; null when the answerer has another layout.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static (List<(BlobId Stripe, UInt128 Total)> Stripes, bool IsCut)? DecodeStripes(ReadOnlySpan<byte> source)
    {
        List<(BlobId Stripe, UInt128 Total)>? stripes = null;
        bool isCut = false;
        var reader = new BencodeReader(source, subject: "anti-entropy stripes");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("e"u8))
                stripes = ReadStripes(ref reader);
            else if (key.SequenceEqual("m"u8))
                isCut = reader.ReadInteger(0, 1) == 1;
            else if (key.SequenceEqual("v"u8))
                reader.ReadInteger(FormatVersion, long.MaxValue);
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return stripes is null ? null : (stripes, isCut);
    }

    private static byte[] Encode(string name, byte[]? value, bool isCut) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        if (value is not null)
        {
            writer.WriteKey(name);
            writer.WriteBytes(value);
        }
        if (isCut)
        {
            writer.WriteKey("m");
            writer.WriteInteger(1);
        }
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });

    private static List<(BlobId Stripe, UInt128 Total)> ReadStripes(ref BencodeReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(MaxStripes * StripeLength);
        if (bytes.Length % StripeLength != 0)
            throw reader.Malformed("the stripes are cut off");
        var stripes = new List<(BlobId Stripe, UInt128 Total)>(bytes.Length / StripeLength);
        for (; !bytes.IsEmpty; bytes = bytes[StripeLength..])
            stripes.Add((new BlobId(bytes[..BlobId.Length]), BinaryPrimitives.ReadUInt128BigEndian(bytes[BlobId.Length..])));
        return stripes;
    }

    private static StripeRange[] ReadRanges(ref BencodeReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(MaxRanges * StripeRange.EncodedLength);
        if (bytes.Length % StripeRange.EncodedLength != 0)
            throw reader.Malformed("the ranges are cut off");
        var ranges = new StripeRange[bytes.Length / StripeRange.EncodedLength];
        for (int i = 0; i < ranges.Length; i++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(i * StripeRange.EncodedLength, StripeRange.EncodedLength);
            ranges[i] = new StripeRange(entry[0], BinaryPrimitives.ReadUInt64BigEndian(entry[1..]));
            if (!ranges[i].IsValid())
                throw reader.Malformed("a range is none");
        }
        return ranges;
    }
}
