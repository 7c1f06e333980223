using Megatorrent.Cluster.Coordination;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>
/// The members at one moment, as one node sees them. Immutable. Clients get it by the "members" query; layout: docs/spec/cluster.md,
/// "View".
/// </summary>
public sealed class ClusterView
{
    /// <summary>The longest encoding, in bytes: it travels in one opaque message.</summary>
    public const int MaxEncodedLength = 256 * 1024;

    private const int FormatVersion = 1;
    private readonly Dictionary<NodeId, Member> _byId;
    private readonly int[] _domainsByLevel;

    /// <summary>Takes a snapshot.</summary>
    /// <param name="members">The members; ids must be distinct.</param>
    /// <param name="version">Grows with every change at the observer.</param>
    /// <param name="layout">
    /// The layout, validated: it says which members drain, with which weight and domain they count, and which are none any more.
    /// </param>
    public ClusterView(IEnumerable<Member> members, long version, SignedLayout? layout = null)
    {
        ArgumentNullException.ThrowIfNull(members);
        Layout = layout;
        Member[] sorted = layout is null ? [.. members] : [.. Apply(members, layout.Layout)];
        Array.Sort(sorted, static (left, right) => left.Id.CompareTo(right.Id));
        Members = sorted;
        Version = version;
        _byId = new Dictionary<NodeId, Member>(sorted.Length);
        foreach (Member member in sorted)
            _byId.Add(member.Id, member);
        _domainsByLevel = CountDomains(Array.Exists(sorted, static member => member.TakesBlobs)
            ? sorted.Where(static member => member.TakesBlobs) : sorted);
        DomainCount = _domainsByLevel[^1];
        Living = Array.FindAll(sorted, static member => member.IsLiving);
    }

    /// <summary>Nobody.</summary>
    public static ClusterView Empty { get; } = new([], 0);

    /// <summary>Every member that was not removed, the dead too, by id.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <summary>The members that count as living (alive or suspect), by id.</summary>
    public IReadOnlyList<Member> Living { get; }

    /// <summary>
    /// Distinct failure domains, by their whole paths, of the <see cref="Members"/> that do not drain: the number for
    /// <see cref="Placement.QuotaPerDomain"/>.
    /// </summary>
    public int DomainCount { get; }

    /// <summary>Grows with every change at the node that made this snapshot; not comparable between nodes.</summary>
    public long Version { get; }

    /// <summary>The layout that the members are shown under; null before anything was decided.</summary>
    public SignedLayout? Layout { get; }

    /// <summary>
    /// How the blobs of a stripe are kept apart: at the widest level of the domain paths that has a domain for each blob, else at the
    /// whole paths.
    /// </summary>
    /// <param name="totalBlobs">Blobs (or copies) of the stripe at full strength.</param>
    public Spread SpreadOf(int totalBlobs)
    {
        for (int level = 1; level < _domainsByLevel.Length; level++)
        {
            if (_domainsByLevel[level - 1] >= totalBlobs)
                return new Spread(level, Placement.QuotaPerDomain(totalBlobs, _domainsByLevel[level - 1]));
        }
        return Spread.Over(totalBlobs, DomainCount);
    }

    /// <summary>The member of this id, or null.</summary>
    public Member? Find(NodeId id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// The canonical encoding. The living come first, so that a view that does not fit (more than about 250 members) loses dead ones.
    /// </summary>
    public byte[] Encode() => Encode(MaxEncodedLength);

    /// <summary>As <see cref="Encode()"/>, with another bound.</summary>
    /// <param name="maxLength">Bytes that the result must not exceed; members that do not fit are left out.</param>
    internal byte[] Encode(int maxLength) => BencodeWriter.Encode(writer =>
    {
        const int perMember = 96; // brackets, keys, numbers
        int left = maxLength - 64;
        writer.BeginDictionary();
        if (Layout is not null)
        {
            writer.WriteKey("l");
            writer.WriteBytes(Layout.Encoded);
            left -= Layout.Encoded.Length + 16;
        }
        writer.WriteKey("m");
        writer.BeginList();
        foreach (Member member in Living.Concat(Members.Where(static member => !member.IsLiving)))
        {
            left -= perMember + member.Record.Encoded.Length;
            if (left < 0)
                break;
            writer.BeginDictionary();
            if (member.IsSuspended)
            {
                writer.WriteKey("h");
                writer.WriteInteger(1);
            }
            writer.WriteKey("r");
            writer.WriteBytes(member.Record.Encoded);
            writer.WriteKey("s");
            writer.WriteInteger((byte)member.State);
            writer.WriteKey("t");
            writer.WriteInteger(member.Since.ToUnixTimeMilliseconds());
            writer.End();
        }
        writer.End();
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.WriteKey("w");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a view. The records are decoded, not validated: see <see cref="Validated"/>.</summary>
    /// <exception cref="MegatorrentException">Malformed: not a view, past a limit, or a member twice.</exception>
    public static ClusterView Decode(ReadOnlySpan<byte> source)
    {
        if (source.Length > MaxEncodedLength)
            throw Malformed($"{source.Length} bytes are more than {MaxEncodedLength}");
        var members = new List<Member>();
        var seen = new HashSet<NodeId>();
        long version = -1;
        bool versioned = false;
        SignedLayout? layout = null;
        var reader = new BencodeReader(source, subject: "cluster view");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("l"u8))
            {
                layout = SignedLayout.Decode(reader.ReadBytes(SignedLayout.MaxEncodedLength));
            }
            else if (key.SequenceEqual("m"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                {
                    Member member = ReadMember(ref reader);
                    if (!seen.Add(member.Id))
                        throw Malformed($"member {member.Id.ToShortString()} is there twice");
                    members.Add(member);
                }
            }
            else if (key.SequenceEqual("v"u8))
            {
                reader.ReadInteger(FormatVersion, long.MaxValue);
                versioned = true;
            }
            else if (key.SequenceEqual("w"u8))
            {
                version = reader.ReadInteger(0, long.MaxValue);
            }
            else
            {
                reader.SkipValue();
            }
        }
        reader.ReadEndOfDocument();
        if (!versioned || version < 0)
            throw Malformed("no version");
        return new ClusterView(members, version, layout);
    }

    /// <summary>This view under another layout: members that the layout has removed are left out.</summary>
    /// <param name="layout">A validated layout.</param>
    /// <param name="version">The version of the result.</param>
    internal ClusterView Under(SignedLayout layout, long version) => new(Members, version, layout);

    /// <summary>
    /// This view without the members whose record, certificate or role does not hold, and without a layout that does not.
    /// </summary>
    /// <param name="clusterKey">The cluster's Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time to judge certificates by.</param>
    public ClusterView Validated(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        SignedLayout? layout = IsValid(Layout, clusterKey, now) ? Layout : null;
        var good = new List<Member>(Members.Count);
        foreach (Member member in Members)
        {
            if (RecordRules.Refusal(member.Record, clusterKey, now) is null)
                good.Add(member.Under(layout?.Layout.Find(member.Id)));
        }
        return new ClusterView(good, Version, layout);
    }

    private static bool IsValid(SignedLayout? layout, ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        try
        {
            layout?.Validate(clusterKey, now);
            return true;
        }
        catch (MegatorrentException)
        {
            return false;
        }
    }

    private static IEnumerable<Member> Apply(IEnumerable<Member> members, ClusterLayout layout) =>
        members.Select(member => member.Under(layout.Find(member.Id))).Where(static member => member.Mode != NodeMode.Removed);

    // [i]: distinct domains at level i + 1; the last counts whole paths.
    private static int[] CountDomains(IEnumerable<Member> members)
    {
        var levels = new List<HashSet<string>> { new(StringComparer.Ordinal) };
        Member[] all = [.. members];
        int deepest = all.Select(static member => member.Path.Length).DefaultIfEmpty(1).Max();
        while (levels.Count < deepest)
            levels.Add(new HashSet<string>(StringComparer.Ordinal));
        foreach (Member member in all)
        {
            for (int level = 1; level <= deepest; level++)
                levels[level - 1].Add(member.DomainAt(level));
        }
        return [.. levels.Select(static level => level.Count)];
    }

    private static Member ReadMember(ref BencodeReader reader)
    {
        NodeRecord? record = null;
        MemberState state = default;
        long since = 0;
        bool suspended = false;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("h"u8))
                suspended = reader.ReadInteger(0, 1) == 1;
            else if (key.SequenceEqual("r"u8))
                record = NodeRecord.Decode(reader.ReadBytes(NodeRecord.MaxEncodedLength));
            else if (key.SequenceEqual("s"u8))
                state = (MemberState)reader.ReadInteger((long)MemberState.Alive, (long)MemberState.Dead);
            else if (key.SequenceEqual("t"u8))
                since = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
            else
                reader.SkipValue();
        }
        if (record is null || state == default)
            throw Malformed("a member without record or state");
        return new Member(record, state, DateTimeOffset.FromUnixTimeMilliseconds(since)) { IsSuspended = suspended };
    }

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"cluster view: {fault}.");
}
