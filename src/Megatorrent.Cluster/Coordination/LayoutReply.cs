using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Coordination;

/// <summary>
/// A node's answer to the questions "layout" and "layout-set": the layout it has now. Layout: docs/spec/layout.md, "Questions". Immutable.
/// </summary>
/// <param name="Accepted">Whether what was proposed is the layout now; false for a plain question.</param>
/// <param name="Current">The layout; null before anything was decided.</param>
/// <param name="Coordinator">"embedded" or "etcd".</param>
/// <param name="IsReachable">Whether the layout can be changed now, as far as the node knows.</param>
public sealed record LayoutReply(bool Accepted, SignedLayout? Current, string Coordinator, bool IsReachable)
{
    /// <summary>What the question for the layout is called; for readers and up, with an empty body.</summary>
    public const string GetName = "layout";

    /// <summary>What the request to change it is called; for admins, the body is the signed layout.</summary>
    public const string SetName = "layout-set";

    private const int FormatVersion = 1;
    private const int MaxKindLength = 32;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        LayoutReply reply = this;
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.WriteInteger(reply.Accepted ? 1 : 0);
            writer.WriteKey("k");
            writer.WriteText(reply.Coordinator);
            if (reply.Current is not null)
            {
                writer.WriteKey("l");
                writer.WriteBytes(reply.Current.Encoded);
            }
            writer.WriteKey("r");
            writer.WriteInteger(reply.IsReachable ? 1 : 0);
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
    }

    /// <summary>Reads a reply. The layout is decoded, not validated.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static LayoutReply Decode(ReadOnlySpan<byte> source)
    {
        long accepted = -1, reachable = 0;
        SignedLayout? current = null;
        string kind = "";
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "layout reply");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
                accepted = reader.ReadInteger(0, 1);
            else if (key.SequenceEqual("k"u8))
                kind = System.Text.Encoding.UTF8.GetString(reader.ReadBytes(MaxKindLength));
            else if (key.SequenceEqual("l"u8))
                current = SignedLayout.Decode(reader.ReadBytes(SignedLayout.MaxEncodedLength));
            else if (key.SequenceEqual("r"u8))
                reachable = reader.ReadInteger(0, 1);
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return accepted >= 0 && versioned
            ? new LayoutReply(accepted == 1, current, kind, reachable == 1)
            : throw reader.Malformed("the answer or the version is missing");
    }
}
