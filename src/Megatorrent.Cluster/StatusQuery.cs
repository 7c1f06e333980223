using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster;

/// <summary>The bodies of `status` requests: a canonical bencode dictionary {"q": what}. Layout: docs/spec/cluster.md, "Status".</summary>
public static class StatusQuery
{
    /// <summary>What the members query is called.</summary>
    public const string MembersName = "members";

    /// <summary>What the query about the node itself is called.</summary>
    public const string NodeName = "node";

    /// <summary>What the request for a repair cycle is called.</summary>
    public const string RepairNowName = "repair-now";

    /// <summary>Asks for the members; the reply is a <see cref="ClusterView"/>.</summary>
    public static ReadOnlyMemory<byte> Members { get; } = Encode(MembersName);

    /// <summary>Asks a node about itself; the reply is a <see cref="NodeStatus"/>.</summary>
    public static ReadOnlyMemory<byte> Node { get; } = Encode(NodeName);

    /// <summary>Starts a repair cycle that ignores the grace time (writers and up); the reply is empty and comes at once.</summary>
    public static ReadOnlyMemory<byte> RepairNow { get; } = Encode(RepairNowName);

    private const int MaxNameLength = 32;

    /// <summary>The body that asks for <paramref name="name"/>.</summary>
    public static byte[] Encode(string name) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("q");
        writer.WriteText(name);
        writer.End();
    });

    /// <summary>What a body asks for; not necessarily something that this build knows.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static string Decode(ReadOnlySpan<byte> body)
    {
        string? name = null;
        var reader = new BencodeReader(body, subject: "status query");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("q"u8))
                name = System.Text.Encoding.ASCII.GetString(reader.ReadBytes(MaxNameLength));
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return name ?? throw reader.Malformed("the question is missing");
    }
}
