using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>
/// "Ask this member whether it lives." By id, never by address: a helper connects only to members of its own table.
/// Layout: docs/spec/cluster.md, "Probe".
/// </summary>
/// <param name="Target">The member in question.</param>
internal readonly record struct ProbeRequest(NodeId Target)
{
    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        NodeId target = Target;
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("n");
            writer.WriteBytes(NodeId.AsSpan(in target));
            writer.WriteKey("v");
            writer.WriteInteger(Version);
            writer.End();
        });
    }

    /// <summary>Reads a request.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static ProbeRequest Decode(ReadOnlySpan<byte> source)
    {
        NodeId? target = null;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "probe");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("n"u8))
                target = new NodeId(reader.ReadBytesExact(NodeId.Length));
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return target is { } id && versioned ? new ProbeRequest(id) : throw reader.Malformed("the target or the version is missing");
    }
}
