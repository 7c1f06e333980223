using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Gossip;

/// <summary>
/// What a node remembers over a restart: the table, and when it was written. Layout: docs/spec/cluster.md, "Member file".
/// </summary>
/// <param name="Table">The node's own record first, then the members; and the spent invitations.</param>
/// <param name="Written">When it was written, on the node's clock.</param>
internal sealed record MemberFile(GossipMessage Table, DateTimeOffset Written)
{
    /// <summary>The longest file, in bytes.</summary>
    public const int MaxLength = GossipMessage.MaxLength + 64;

    /// <summary>The file's name.</summary>
    public const string FileName = "members";

    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("g");
        writer.WriteBytes(Table.Encode());
        writer.WriteKey("t");
        writer.WriteInteger(Written.ToUnixTimeMilliseconds());
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a file.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static MemberFile Decode(ReadOnlySpan<byte> source)
    {
        GossipMessage? table = null;
        long written = -1;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "member file");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("g"u8))
                table = GossipMessage.Decode(reader.ReadBytes(GossipMessage.MaxLength));
            else if (key.SequenceEqual("t"u8))
                written = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return table is not null && written >= 0 && versioned
            ? new MemberFile(table, DateTimeOffset.FromUnixTimeMilliseconds(written))
            : throw reader.Malformed("the table, its time or the version is missing");
    }
}
