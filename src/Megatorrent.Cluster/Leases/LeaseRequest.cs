using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The body of the questions <c>keep</c> and <c>forget</c>: a statement and some of the stripes of its object. A keep that is repeated
/// with other stripes adds them; none takes any away. Layout: docs/spec/garbage.md.
/// </summary>
/// <param name="Statement">The owner's word.</param>
/// <param name="Certificate">The owner's certificate.</param>
/// <param name="Stripes">Stripe ids, at most <see cref="MaxStripes"/>.</param>
public sealed record LeaseRequest(LeaseStatement Statement, Certificate Certificate, IReadOnlyList<BlobId> Stripes)
{
    /// <summary>The name of the question that keeps.</summary>
    public const string KeepName = "keep";

    /// <summary>The name of the question that ends a lease.</summary>
    public const string ForgetName = "forget";

    /// <summary>The most stripes of one request: the answer, of at most 33 bytes a stripe, fits one message.</summary>
    public const int MaxStripes = 4096;

    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("a");
        writer.WriteBytes(Certificate.Encoded);
        writer.WriteKey("i");
        writer.WriteBytes(IdList.Encode(Stripes));
        writer.WriteKey("s");
        writer.WriteBytes(Statement.Encode());
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a request; neither statement nor certificate is validated.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static LeaseRequest Decode(ReadOnlySpan<byte> source)
    {
        Certificate? certificate = null;
        BlobId[]? stripes = null;
        LeaseStatement? statement = null;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "lease request");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
                certificate = Certificate.Decode(reader.ReadBytes(Certificate.MaxEncodedLength));
            else if (key.SequenceEqual("i"u8))
                stripes = IdList.Read(ref reader, MaxStripes);
            else if (key.SequenceEqual("s"u8))
                statement = LeaseStatement.Decode(reader.ReadBytes(LeaseStatement.MaxEncodedLength));
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return certificate is not null && stripes is not null && statement is not null && versioned
            ? new LeaseRequest(statement, certificate, stripes)
            : throw reader.Malformed("the certificate, the stripes, the statement or the version is missing");
    }
}
