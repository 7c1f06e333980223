using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The body of <c>lease-give</c>: leases that a member tells another without being asked, because it gave it a blob or descriptor of their
/// stripes. Layout: docs/spec/garbage.md.
/// </summary>
/// <param name="Stripes">The stripes that the report's indexes mean.</param>
/// <param name="Report">The leases.</param>
internal sealed record LeaseGift(IReadOnlyList<BlobId> Stripes, LeaseReport Report)
{
    /// <summary>The question's name. The answer is empty.</summary>
    public const string QuestionName = "lease-give";

    /// <summary>The most stripes, so that ids and report fit one message.</summary>
    public const int MaxStripes = 1024;

    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("i");
        writer.WriteBytes(IdList.Encode(Stripes));
        writer.WriteKey("r");
        writer.WriteBytes(Report.Encode());
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a gift; neither statements nor certificates are validated.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static LeaseGift Decode(ReadOnlySpan<byte> source)
    {
        BlobId[]? stripes = null;
        LeaseReport? report = null;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "lease gift");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("i"u8))
                stripes = IdList.Read(ref reader, MaxStripes);
            else if (key.SequenceEqual("r"u8)) // after "i": keys are in order
                report = LeaseReport.Decode(reader.ReadBytes(), stripes?.Length ?? 0);
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return stripes is not null && report is not null && versioned
            ? new LeaseGift(stripes, report)
            : throw reader.Malformed("the stripes, the report or the version is missing");
    }
}
