using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>The audits of every member by this node, bounded, kept on disk. Thread-safe.</summary>
internal sealed class AuditHistory
{
    /// <summary>Members remembered, as many as a cluster has; past it the one that was audited longest ago is forgotten. 6 MiB in all.</summary>
    public const int MembersMax = 1024;

    /// <summary>The longest file, in bytes.</summary>
    public const int EncodedLengthMax = MembersMax * 6400;

    private const int FormatVersion = 1;

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, PeerHistory> _peers = [];

    /// <summary>Whether something was added since <see cref="Encode"/>.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Takes in an audit.</summary>
    public void Add(in AuditResult result)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(result.Member, out PeerHistory? peer))
            {
                if (_peers.Count == MembersMax)
                    _peers.Remove(_peers.Values.MinBy(static old => (old.LastAt, old.Member))!.Member);
                _peers.Add(result.Member, peer = new PeerHistory(result.Member));
            }
            peer.Add(result);
            IsDirty = true;
        }
    }

    /// <summary>Whether a member is suspended by its last audits.</summary>
    public bool IsSuspended(NodeId member, AuditOptions options, long now)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(member, out PeerHistory? peer)
                && (peer.UnknownInRow >= options.SuspendAfter
                    || peer.WrongAt > 0 && now - peer.WrongAt < options.WrongSuspensionMs);
        }
    }

    /// <summary>The sums over all members: ok, unknown, missing, wrong.</summary>
    public (long Ok, long Unknown, long Missing, long Wrong) Sums()
    {
        lock (_gate)
        {
            return (_peers.Values.Sum(static peer => peer.Ok), _peers.Values.Sum(static peer => peer.Unknown),
                _peers.Values.Sum(static peer => peer.Missing), _peers.Values.Sum(static peer => peer.Wrong));
        }
    }

    /// <summary>The newest audits by which one of some blobs was found right at a member.</summary>
    /// <param name="blobs">The blobs of interest.</param>
    /// <param name="max">Entries at most.</param>
    public List<AuditResult> Right(HashSet<BlobId> blobs, int max)
    {
        var found = new Dictionary<(NodeId, BlobId), AuditResult>();
        lock (_gate)
        {
            foreach (PeerHistory peer in _peers.Values)
            {
                foreach (AuditResult result in peer.Results)
                {
                    // A later one that was not right takes back what an earlier one said.
                    if (result.Outcome == AuditOutcome.Ok && blobs.Contains(result.Blob))
                        found[(result.Member, result.Blob)] = result;
                    else if (result.Outcome is AuditOutcome.Missing or AuditOutcome.Wrong)
                        found.Remove((result.Member, result.Blob));
                }
            }
        }
        return [.. found.Values.OrderByDescending(static result => result.UnixMs).Take(max)];
    }

    /// <summary>One member's history as a document of its own; null when there is none.</summary>
    public byte[]? EncodeOne(NodeId member)
    {
        lock (_gate)
            return _peers.TryGetValue(member, out PeerHistory? peer) ? EncodeAll([peer]) : null;
    }

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        lock (_gate)
        {
            IsDirty = false;
            return EncodeAll(_peers.Values.OrderBy(static peer => peer.Member));
        }
    }

    /// <summary>Reads a history.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static AuditHistory Decode(ReadOnlySpan<byte> source)
    {
        var history = new AuditHistory();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "audit history");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'p']:
                    reader.BeginList();
                    while (reader.TryReadItem())
                    {
                        PeerHistory peer = PeerHistory.Read(ref reader);
                        if (history._peers.Count == MembersMax || !history._peers.TryAdd(peer.Member, peer))
                            throw reader.Malformed($"more than {MembersMax} members, or one twice");
                    }
                    break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        return versioned ? history : throw reader.Malformed("the version is missing");
    }

    /// <summary>A member's history; null when there is none. A copy of nothing: read it while nothing is added.</summary>
    internal PeerHistory? Find(NodeId member)
    {
        lock (_gate)
            return _peers.GetValueOrDefault(member);
    }

    private static byte[] EncodeAll(IEnumerable<PeerHistory> peers) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("p");
        writer.BeginList();
        foreach (PeerHistory peer in peers)
            peer.Write(writer);
        writer.End();
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });
}
