using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Gossip;

/// <summary>A helper's answer. Layout: docs/spec/cluster.md, "Probe".</summary>
/// <param name="Reached">Whether the target answered the helper.</param>
/// <param name="Known">
/// What the helper knows of the target now: carries a refutation back in the same exchange. Null when it knows nothing.
/// </param>
internal readonly record struct ProbeReply(bool Reached, GossipEntry? Known)
{
    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        ProbeReply reply = this;
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.WriteInteger(reply.Reached ? 1 : 0);
            if (reply.Known is { } known)
            {
                writer.WriteKey("m");
                GossipMessage.WriteEntry(writer, known);
            }
            writer.WriteKey("v");
            writer.WriteInteger(Version);
            writer.End();
        });
    }

    /// <summary>Reads a reply; the record is decoded, not validated.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static ProbeReply Decode(ReadOnlySpan<byte> source)
    {
        long reached = -1;
        GossipEntry? known = null;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "probe reply");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
                reached = reader.ReadInteger(0, 1);
            else if (key.SequenceEqual("m"u8))
                known = GossipMessage.ReadEntry(ref reader);
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return reached >= 0 && versioned ? new ProbeReply(reached == 1, known)
            : throw reader.Malformed("the answer or the version is missing");
    }
}
