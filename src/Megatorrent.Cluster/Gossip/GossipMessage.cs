using System.Buffers.Binary;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>
/// One half of a push-pull exchange, and the file that a node remembers its members in. Layout: docs/spec/cluster.md, "Gossip".
/// </summary>
internal sealed class GossipMessage
{
    /// <summary>The longest body, in bytes: what the network house carries in one opaque message.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>Members in one message.</summary>
    public const int MaxEntries = 1024;

    /// <summary>Spent invitations in one message.</summary>
    public const int MaxSpent = 256;

    private const int Version = 1;

    /// <summary>The members told about; when it comes from the network the first is the sender.</summary>
    public List<GossipEntry> Entries { get; } = [];

    /// <summary>Invitations that were used.</summary>
    public List<SpentInvitation> Spent { get; } = [];

    /// <summary>Which layout the sender has; null where gossip does not spread layouts.</summary>
    public LayoutHead? Layout { get; set; }

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        if (Layout is { } head)
        {
            writer.WriteKey("l");
            head.Write(writer);
        }
        writer.WriteKey("m");
        writer.BeginList();
        foreach (GossipEntry entry in Entries)
            WriteEntry(writer, entry);
        writer.End();
        writer.WriteKey("n");
        writer.BeginList();
        Span<byte> nonce = stackalloc byte[16];
        foreach (SpentInvitation spent in Spent)
        {
            writer.BeginDictionary();
            writer.WriteKey("e");
            writer.WriteInteger(spent.Expires.ToUnixTimeSeconds());
            writer.WriteKey("n");
            BinaryPrimitives.WriteUInt128BigEndian(nonce, spent.Nonce);
            writer.WriteBytes(nonce);
            writer.WriteKey("u");
            NodeId subject = spent.Subject;
            writer.WriteBytes(NodeId.AsSpan(in subject));
            writer.End();
        }
        writer.End();
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a message. Records are decoded, not validated.</summary>
    /// <exception cref="MegatorrentException">Malformed: not this format, or past a limit.</exception>
    public static GossipMessage Decode(ReadOnlySpan<byte> source)
    {
        if (source.Length > MaxLength)
            throw Malformed($"a message of {source.Length} bytes is longer than {MaxLength}");
        var message = new GossipMessage();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "gossip");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("l"u8))
            {
                message.Layout = LayoutHead.Read(ref reader);
            }
            else if (key.SequenceEqual("m"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                {
                    if (message.Entries.Count == MaxEntries)
                        throw Malformed($"more than {MaxEntries} members in one message");
                    message.Entries.Add(ReadEntry(ref reader));
                }
            }
            else if (key.SequenceEqual("n"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                {
                    if (message.Spent.Count == MaxSpent)
                        throw Malformed($"more than {MaxSpent} spent invitations in one message");
                    message.Spent.Add(ReadSpent(ref reader));
                }
            }
            else if (key.SequenceEqual("v"u8))
            {
                reader.ReadInteger(Version, long.MaxValue);
                versioned = true;
            }
            else
            {
                reader.SkipValue(); // a later version's addition
            }
        }
        reader.ReadEndOfDocument();
        return versioned ? message : throw Malformed("no version");
    }

    /// <summary>Writes one entry as a dictionary: a age, r record, s state.</summary>
    public static void WriteEntry(BencodeWriter writer, in GossipEntry entry)
    {
        writer.BeginDictionary();
        writer.WriteKey("a");
        writer.WriteInteger(entry.AgeMs);
        writer.WriteKey("r");
        writer.WriteBytes(entry.Record.Encoded);
        writer.WriteKey("s");
        writer.WriteInteger((byte)entry.State);
        writer.End();
    }

    /// <summary>Reads one entry.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static GossipEntry ReadEntry(ref BencodeReader reader)
    {
        long age = -1;
        NodeRecord? record = null;
        MemberState state = default;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
                age = reader.ReadInteger(0, long.MaxValue);
            else if (key.SequenceEqual("r"u8))
                record = NodeRecord.Decode(reader.ReadBytes(NodeRecord.MaxEncodedLength));
            else if (key.SequenceEqual("s"u8))
                state = (MemberState)reader.ReadInteger((long)MemberState.Alive, (long)MemberState.Dead);
            else
                reader.SkipValue();
        }
        if (record is null || age < 0 || state == default)
            throw Malformed("a member without record, state or age");
        return new GossipEntry(record, state, age);
    }

    private static SpentInvitation ReadSpent(ref BencodeReader reader)
    {
        long expires = -1;
        UInt128? nonce = null;
        NodeId? subject = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("e"u8))
                expires = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
            else if (key.SequenceEqual("n"u8))
                nonce = BinaryPrimitives.ReadUInt128BigEndian(reader.ReadBytesExact(16));
            else if (key.SequenceEqual("u"u8))
                subject = new NodeId(reader.ReadBytesExact(NodeId.Length));
            else
                reader.SkipValue();
        }
        if (expires < 0 || nonce is null || subject is null)
            throw Malformed("a spent invitation without nonce, expiry or subject");
        return new SpentInvitation(nonce.Value, DateTimeOffset.FromUnixTimeSeconds(expires), subject.Value);
    }

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"gossip: {fault}.");
}
