using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination;

/// <summary>
/// What admins have decided about the nodes of a cluster, at one epoch: modes, weights, failure domains, places. A node that it does not
/// name is active, as its own record describes it, so that joining needs no change of the layout. Immutable.
/// Layout: docs/spec/layout.md, "Layout".
/// </summary>
public sealed class ClusterLayout
{
    /// <summary>The longest encoding, in bytes: 1024 nodes with every entry fit, and a view has room for the members beside it.</summary>
    public const int MaxEncodedLength = 160 * 1024;

    /// <summary>Nodes that a layout names at most, as many as a cluster has.</summary>
    public const int MaxNodes = 1024;

    private const int FormatVersion = 1;
    private readonly Dictionary<NodeId, LayoutNode> _byId;

    private ClusterLayout(long epoch, DateTimeOffset time, byte[] previous, IEnumerable<LayoutNode> nodes, byte[]? encoded)
    {
        Epoch = epoch;
        Time = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
        Previous = previous;
        LayoutNode[] sorted = [.. nodes];
        Array.Sort(sorted, static (left, right) => left.Id.CompareTo(right.Id));
        Nodes = sorted;
        _byId = sorted.ToDictionary(static node => node.Id);
        Encoded = encoded ?? Encode();
        var hash = new byte[Sha256.HashLength];
        Sha256.Hash(Encoded, hash);
        Hash = hash;
    }

    /// <summary>Before anything was decided: epoch 0, no node named.</summary>
    public static ClusterLayout Empty { get; } = new(0, DateTimeOffset.UnixEpoch, new byte[Sha256.HashLength], [], null);

    /// <summary>Grows by one with each change.</summary>
    public long Epoch { get; }

    /// <summary>When it was decided, on the admin's clock, in whole seconds.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The <see cref="Hash"/> of the layout that it follows, 32 bytes. Not to be written to.</summary>
    public byte[] Previous { get; }

    /// <summary>The nodes that it says something about, by id.</summary>
    public IReadOnlyList<LayoutNode> Nodes { get; }

    /// <summary>The canonical encoding. Not to be written to.</summary>
    public byte[] Encoded { get; }

    /// <summary>The SHA-256 of <see cref="Encoded"/>. Not to be written to.</summary>
    public byte[] Hash { get; }

    /// <summary>What it says about a node; null when nothing.</summary>
    public LayoutNode? Find(NodeId id) => _byId.GetValueOrDefault(id);

    /// <summary>What it says about a node, or that it is active.</summary>
    public LayoutNode Of(NodeId id) => Find(id) ?? new LayoutNode(id, NodeMode.Active);

    /// <summary>The layout that follows this one with some nodes changed.</summary>
    /// <param name="time">Now.</param>
    /// <param name="changes">The nodes as they are to be; what they say replaces all that was said about them.</param>
    /// <exception cref="MegatorrentException">InvalidArgument or LimitExceeded: a value or the count is out of its limits.</exception>
    public ClusterLayout Next(DateTimeOffset time, params ReadOnlySpan<LayoutNode> changes)
    {
        var nodes = new Dictionary<NodeId, LayoutNode>(_byId);
        foreach (LayoutNode change in changes)
        {
            Check(change);
            nodes[change.Id] = change;
            if (change.IsPlain)
                nodes.Remove(change.Id);
        }
        if (nodes.Count > MaxNodes)
            throw new MegatorrentException(ErrorKind.LimitExceeded, $"A layout names at most {MaxNodes} nodes.");
        return new ClusterLayout(Epoch + 1, time > Time ? time : Time, Hash, nodes.Values, null);
    }

    /// <summary>Reads a layout.</summary>
    /// <exception cref="MegatorrentException">Malformed: not a layout, past a limit, or a node twice.</exception>
    public static ClusterLayout Decode(ReadOnlySpan<byte> source)
    {
        if (source.Length > MaxEncodedLength)
            throw Malformed($"{source.Length} bytes are more than {MaxEncodedLength}");
        long epoch = -1, time = -1;
        byte[]? previous = null;
        var nodes = new List<LayoutNode>();
        var seen = new HashSet<NodeId>();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "layout");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("e"u8))
                epoch = reader.ReadInteger(0, long.MaxValue - 1);
            else if (key.SequenceEqual("n"u8))
                ReadNodes(ref reader, nodes, seen);
            else if (key.SequenceEqual("p"u8))
                previous = reader.ReadBytesExact(Sha256.HashLength).ToArray();
            else if (key.SequenceEqual("t"u8))
                time = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        if (epoch < 0 || time < 0 || previous is null || !versioned)
            throw Malformed("the epoch, the time, what it follows or the version is missing");
        return new ClusterLayout(epoch, DateTimeOffset.FromUnixTimeSeconds(time), previous, nodes, source.ToArray());
    }

    private byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("e");
        writer.WriteInteger(Epoch);
        writer.WriteKey("n");
        writer.BeginList();
        foreach (LayoutNode node in Nodes)
            WriteNode(writer, node);
        writer.End();
        writer.WriteKey("p");
        writer.WriteBytes(Previous);
        writer.WriteKey("t");
        writer.WriteInteger(Time.ToUnixTimeSeconds());
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });

    private static void WriteNode(BencodeWriter writer, LayoutNode node)
    {
        writer.BeginDictionary();
        if (node.Domain is { } domain)
        {
            writer.WriteKey("d");
            writer.WriteText(domain);
        }
        writer.WriteKey("i");
        NodeId id = node.Id;
        writer.WriteBytes(NodeId.AsSpan(in id));
        writer.WriteKey("m");
        writer.WriteInteger((byte)node.Mode);
        if (node.Place is { } place)
        {
            writer.WriteKey("p");
            writer.WriteBytes(NodeId.AsSpan(in place));
        }
        if (node.Weight is { } weight)
        {
            writer.WriteKey("w");
            writer.WriteInteger(weight);
        }
        writer.End();
    }

    private static void ReadNodes(ref BencodeReader reader, List<LayoutNode> nodes, HashSet<NodeId> seen)
    {
        reader.BeginList();
        while (reader.TryReadItem())
        {
            if (nodes.Count == MaxNodes)
                throw Malformed($"more than {MaxNodes} nodes");
            LayoutNode node = ReadNode(ref reader);
            if (!seen.Add(node.Id))
                throw Malformed($"node {node.Id.ToShortString()} is there twice");
            nodes.Add(node);
        }
    }

    private static LayoutNode ReadNode(ref BencodeReader reader)
    {
        NodeId? id = null, place = null;
        NodeMode mode = default;
        long? weight = null;
        string? domain = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("d"u8))
                domain = System.Text.Encoding.Latin1.GetString(reader.ReadBytes(NodeRecord.MaxDomainLength));
            else if (key.SequenceEqual("i"u8))
                id = new NodeId(reader.ReadBytesExact(NodeId.Length));
            else if (key.SequenceEqual("m"u8))
                mode = (NodeMode)reader.ReadInteger((long)NodeMode.Active, (long)NodeMode.Removed);
            else if (key.SequenceEqual("p"u8))
                place = new NodeId(reader.ReadBytesExact(NodeId.Length));
            else if (key.SequenceEqual("w"u8))
                weight = reader.ReadInteger(1, NodeRecord.MaxWeight);
            else
                reader.SkipValue();
        }
        if (id is null || mode == default)
            throw Malformed("a node without id or mode");
        if (domain is not null && !IsDomain(domain))
            throw Malformed($"the failure domain of node {id.Value.ToShortString()} is not printable ASCII");
        return new LayoutNode(id.Value, mode) { Weight = weight, Domain = domain, Place = place };
    }

    private static void Check(LayoutNode node)
    {
        if (node.Weight is < 1 or > NodeRecord.MaxWeight)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"A weight is 1 to {NodeRecord.MaxWeight}, not {node.Weight}.");
        if (node.Domain is { } domain && !IsDomain(domain))
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"A failure domain is 1 to {NodeRecord.MaxDomainLength} printable ASCII characters without spaces.");
        }
    }

    private static bool IsDomain(string text) =>
        text.Length is > 0 and <= NodeRecord.MaxDomainLength && !text.AsSpan().ContainsAnyExceptInRange('\u0021', '\u007e');

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"layout: {fault}.");
}
