using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// What one node thinks of others from what it has seen itself, signed. Immutable. Layout: docs/spec/reputation.md, "Opinion".
/// </summary>
internal sealed class Opinion
{
    /// <summary>The longest encoding, in bytes.</summary>
    public const int MaxLength = 24 * 1024;

    /// <summary>Members that one opinion speaks of; of more, those of which most was seen.</summary>
    public const int MaxEntries = 256;

    private const int Version = 1;
    private const int Unit = 1000; // scores and confidences travel in thousandths
    private const int SignatureLength = Ed25519.SignatureLength;

    private readonly byte[] _body;
    private readonly byte[] _signature;

    private Opinion(byte[] body, byte[] signature, NodeId observer, long sequence, Entry[] entries)
    {
        _body = body;
        _signature = signature;
        Observer = observer;
        Sequence = sequence;
        Entries = entries;
    }

    private static ReadOnlySpan<byte> Context => "megatorrent opinion v1\0"u8;

    /// <summary>One line of an opinion.</summary>
    /// <param name="Subject">Of whom.</param>
    /// <param name="Score">0 to 1.</param>
    /// <param name="Confidence">0 to 1.</param>
    internal readonly record struct Entry(NodeId Subject, double Score, double Confidence);

    /// <summary>Whose opinion.</summary>
    public NodeId Observer { get; }

    /// <summary>Grows with every opinion of that observer: the newest replaces the others.</summary>
    public long Sequence { get; }

    /// <summary>The lines; no subject twice, never the observer.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>Signs an opinion.</summary>
    /// <param name="identity">The observer.</param>
    /// <param name="sequence">Above that of the last.</param>
    /// <param name="entries">At most <see cref="MaxEntries"/>.</param>
    public static Opinion Create(Identity identity, long sequence, IEnumerable<Entry> entries)
    {
        Entry[] lines = [.. entries];
        byte[] body = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("e");
            writer.BeginList();
            foreach (Entry entry in lines)
            {
                writer.BeginDictionary();
                writer.WriteKey("c");
                writer.WriteInteger(ToUnit(entry.Confidence));
                writer.WriteKey("n");
                writer.WriteBytes(NodeId.AsSpan(entry.Subject));
                writer.WriteKey("s");
                writer.WriteInteger(ToUnit(entry.Score));
                writer.End();
            }
            writer.End();
            writer.WriteKey("o");
            writer.WriteBytes(NodeId.AsSpan(identity.Id));
            writer.WriteKey("q");
            writer.WriteInteger(sequence);
            writer.End();
        });
        var signature = new byte[SignatureLength];
        identity.Key.Sign([.. Context, .. body], signature);
        return Decode(Encode(body, signature));
    }

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => Encode(_body, _signature);

    /// <summary>Reads an opinion. The form is checked, not the signature: see <see cref="IsSignedBy"/>.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static Opinion Decode(ReadOnlySpan<byte> source)
    {
        byte[]? body = null, signature = null;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "opinion");
        if (source.Length > MaxLength)
            throw reader.Malformed($"{source.Length} bytes are more than {MaxLength}");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("b"u8))
                body = reader.ReadBytes(MaxLength).ToArray();
            else if (key.SequenceEqual("s"u8))
                signature = reader.ReadBytesExact(SignatureLength).ToArray();
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return body is not null && signature is not null && versioned
            ? DecodeBody(body, signature)
            : throw reader.Malformed("the body, its signature or the version is missing");
    }

    /// <summary>Whether the observer's key is this one, and has signed.</summary>
    /// <param name="publicKey">An Ed25519 public key, 32 bytes.</param>
    public bool IsSignedBy(ReadOnlySpan<byte> publicKey) =>
        NodeId.Of(publicKey) == Observer && Ed25519.Verify(publicKey, [.. Context, .. _body], _signature);

    private static Opinion DecodeBody(byte[] body, byte[] signature)
    {
        NodeId? observer = null;
        long sequence = -1;
        var entries = new List<Entry>();
        var seen = new HashSet<NodeId>();
        var reader = new BencodeReader(body, subject: "body of an opinion");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("e"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                {
                    Entry entry = ReadEntry(ref reader);
                    if (entries.Count == MaxEntries || !seen.Add(entry.Subject))
                        throw reader.Malformed($"more than {MaxEntries} lines, or a member twice");
                    entries.Add(entry);
                }
            }
            else if (key.SequenceEqual("o"u8))
            {
                observer = new NodeId(reader.ReadBytesExact(NodeId.Length));
            }
            else if (key.SequenceEqual("q"u8))
            {
                sequence = reader.ReadInteger(0, long.MaxValue);
            }
            else
            {
                reader.SkipValue();
            }
        }
        reader.ReadEndOfDocument();
        if (observer is not { } known || sequence < 0 || seen.Contains(known))
            throw reader.Malformed("the observer or the number is missing, or the observer speaks of itself");
        return new Opinion(body, signature, known, sequence, [.. entries]);
    }

    private static Entry ReadEntry(ref BencodeReader reader)
    {
        NodeId? subject = null;
        long score = -1, confidence = -1;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("c"u8))
                confidence = reader.ReadInteger(0, Unit);
            else if (key.SequenceEqual("n"u8))
                subject = new NodeId(reader.ReadBytesExact(NodeId.Length));
            else if (key.SequenceEqual("s"u8))
                score = reader.ReadInteger(0, Unit);
            else
                reader.SkipValue();
        }
        return subject is { } known && score >= 0 && confidence >= 0
            ? new Entry(known, score / (double)Unit, confidence / (double)Unit)
            : throw reader.Malformed("a line lacks its member, score or confidence");
    }

    private static byte[] Encode(byte[] body, byte[] signature) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("b");
        writer.WriteBytes(body);
        writer.WriteKey("s");
        writer.WriteBytes(signature);
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    private static long ToUnit(double share) => (long)Math.Round(Math.Clamp(share, 0, 1) * Unit);
}
