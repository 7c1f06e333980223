using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// What a node knows of some stripes: since when its own blobs are good, and which blobs of others it audited. Ages, not times, so that
/// clocks need not agree. Layout: docs/spec/audit.md, "Evidence". Immutable.
/// </summary>
public sealed class EvidenceReply
{
    /// <summary>In place of an age: the node does not hold the blob.</summary>
    public const long NotHeld = -2;

    /// <summary>In place of an age: the node holds the blob, and does not know since when it is good.</summary>
    public const long Unknown = -1;

    /// <summary>Audits in one reply; the newest.</summary>
    internal const int AuditedMax = 512;

    private const int FormatVersion = 1;

    /// <summary>Joins the parts.</summary>
    /// <param name="stripes">
    /// For each stripe asked for, in order: for each of its ids an age in milliseconds, <see cref="Unknown"/> or <see cref="NotHeld"/>;
    /// null where the node does not know the stripe.
    /// </param>
    /// <param name="audited">Blobs of these stripes that the node audited at others and found right.</param>
    public EvidenceReply(IReadOnlyList<long[]?> stripes, IReadOnlyList<AuditedBlob> audited)
    {
        ArgumentNullException.ThrowIfNull(stripes);
        ArgumentNullException.ThrowIfNull(audited);
        Stripes = stripes;
        Audited = audited;
    }

    /// <summary>For each stripe asked for: an age for each of its ids; null where the node does not know the stripe.</summary>
    public IReadOnlyList<long[]?> Stripes { get; }

    /// <summary>Blobs that the node audited at others and found right.</summary>
    public IReadOnlyList<AuditedBlob> Audited { get; }

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("a");
        writer.BeginList();
        foreach ((NodeId holder, BlobId blob, long age) in Audited.Take(AuditedMax))
        {
            (NodeId node, BlobId id) = (holder, blob);
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.WriteInteger(age);
            writer.WriteKey("b");
            writer.WriteBytes(BlobId.AsSpan(in id));
            writer.WriteKey("n");
            writer.WriteBytes(NodeId.AsSpan(in node));
            writer.End();
        }
        writer.End();
        writer.WriteKey("s");
        writer.BeginList();
        foreach (long[]? ages in Stripes)
        {
            var bytes = new byte[(ages?.Length ?? 0) * sizeof(long)];
            for (int i = 0; i < bytes.Length / sizeof(long); i++)
                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * sizeof(long)), ages![i]);
            writer.WriteBytes(bytes);
        }
        writer.End();
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });

    /// <summary>Reads a reply to a question about some stripes.</summary>
    /// <param name="source">The encoding.</param>
    /// <param name="asked">The stripes asked for, in order.</param>
    /// <exception cref="MegatorrentException">Malformed: not a reply, or not to this question.</exception>
    public static EvidenceReply Decode(ReadOnlySpan<byte> source, IReadOnlyList<StripeDescriptor> asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        var stripes = new List<long[]?>();
        var audited = new List<AuditedBlob>();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "evidence");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'a']:
                    reader.BeginList();
                    while (reader.TryReadItem())
                    {
                        if (audited.Count == AuditedMax)
                            throw reader.Malformed($"more than {AuditedMax} audits");
                        audited.Add(ReadAudited(ref reader));
                    }
                    break;
                case [(byte)'s']:
                    reader.BeginList();
                    while (reader.TryReadItem())
                    {
                        if (stripes.Count == asked.Count)
                            throw reader.Malformed("more stripes than were asked for");
                        stripes.Add(ReadAges(ref reader, asked[stripes.Count].Ids.Length));
                    }
                    break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        return versioned && stripes.Count == asked.Count
            ? new EvidenceReply(stripes, audited)
            : throw reader.Malformed("the version, or a stripe that was asked for, is missing");
    }

    private static long[]? ReadAges(ref BencodeReader reader, int count)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(count * sizeof(long));
        if (bytes.IsEmpty)
            return null;
        if (bytes.Length != count * sizeof(long))
            throw reader.Malformed($"{bytes.Length} bytes where {count} ages belong");
        var ages = new long[count];
        for (int i = 0; i < count; i++)
            ages[i] = Math.Max(NotHeld, BinaryPrimitives.ReadInt64BigEndian(bytes[(i * sizeof(long))..]));
        return ages;
    }

    private static AuditedBlob ReadAudited(ref BencodeReader reader)
    {
        long age = -1;
        BlobId? blob = null;
        NodeId? holder = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'a']: age = reader.ReadInteger(0, long.MaxValue); break;
                case [(byte)'b']: blob = new BlobId(reader.ReadBytesExact(BlobId.Length)); break;
                case [(byte)'n']: holder = new NodeId(reader.ReadBytesExact(NodeId.Length)); break;
                default: reader.SkipValue(); break;
            }
        }
        return age >= 0 && blob is { } id && holder is { } node
            ? new AuditedBlob(node, id, age)
            : throw reader.Malformed("an entry of an audit is missing");
    }
}
