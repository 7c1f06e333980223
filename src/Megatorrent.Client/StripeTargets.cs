using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client;

/// <summary>Who may still take a blob of one stripe. Thread-safe.</summary>
internal sealed class StripeTargets
{
    private readonly Lock _gate = new();
    private readonly ClusterDirectory _directory;
    private readonly List<Member> _taken = [];
    private readonly StripeDescriptor _descriptor;
    private readonly StripeLoad _load;
    private readonly HashSet<NodeId> _failed = [];
    private readonly List<MegatorrentException> _failures = [];
    private readonly int _members;

    public StripeTargets(ClusterDirectory directory, StripeDescriptor descriptor)
    {
        _directory = directory;
        _descriptor = descriptor;
        IReadOnlyList<Member> ranked = [.. directory.Rank(descriptor.Id).Where(static member => !member.IsSuspended)];
        _members = ranked.Count(static member => member.TakesBlobs);
        _load = new StripeLoad(ranked, directory.View.SpreadOf(descriptor.TotalBlobs), descriptor.IsReplication);
    }

    /// <summary>Whether a member may hold one more.</summary>
    public bool HasRoom(Member member)
    {
        lock (_gate)
            return _load.HasRoom(member);
    }

    /// <summary>Counts a blob that a member holds already.</summary>
    public void Keep(Member member)
    {
        lock (_gate)
        {
            _load.Add(member);
            _taken.Add(member);
        }
    }

    /// <summary>The member for the next blob, counted; null when nobody may take one.</summary>
    public Member? Take()
    {
        lock (_gate)
        {
            Member? member = _load.Next(_failed);
            if (member is not null)
            {
                _load.Add(member);
                _taken.Add(member);
            }
            return member;
        }
    }

    /// <summary>A member did not take its blob: its place is free for another member of the domain, and it is not asked again.</summary>
    public void Fail(Member member, MegatorrentException failure)
    {
        lock (_gate)
        {
            _load.Remove(member);
            _taken.Remove(member);
            _failures.Add(failure);
            _failed.Add(member.Id);
        }
    }

    /// <summary>
    /// Whether another attempt may find the nodes that this one did not: some did not answer or died within the last half minute, and none
    /// refused, since a refusal would come again.
    /// </summary>
    public bool MayRecover
    {
        get
        {
            bool died = _directory.HasRecentDeath;
            lock (_gate)
                return (died || _failures.Count > 0) && _failures.TrueForAll(static failure => failure.Kind is ErrorKind.Unreachable or ErrorKind.Timeout);
        }
    }

    /// <summary>The same stripe with the members as they are believed to be now; whoever took a blob keeps it, and whoever failed is asked again.</summary>
    public StripeTargets Renew()
    {
        var renewed = new StripeTargets(_directory, _descriptor);
        lock (_gate)
        {
            foreach (Member member in _taken)
                renewed.Keep(member);
        }
        return renewed;
    }

    /// <summary>The error for a stripe that too few nodes took.</summary>
    public MegatorrentException Shortage(int durable, int required)
    {
        lock (_gate)
        {
            string scheme = $"{_descriptor.DataShards}+{_descriptor.ParityShards}";
            MegatorrentException? reason =
                _failures.Find(static failure => failure.Kind == ErrorKind.Unauthorized)
                ?? _failures.Find(static failure => failure.Kind == ErrorKind.StoreFull)
                ?? _failures.FirstOrDefault();
            ErrorKind kind = reason?.Kind is ErrorKind.Unauthorized or ErrorKind.StoreFull ? reason.Kind : ErrorKind.NotEnoughBlobs;
            string why = reason is null
                ? $"only {_members} nodes are alive"
                : $"{_members} nodes are alive and {_failed.Count} of them did not take a blob ({reason.Message})";
            return new MegatorrentException(
                kind,
                $"Nothing is acknowledged: a {scheme} stripe needs {required} blobs on different failure domains before it is safe, and {durable} could be stored; {why}. "
                + "Bring nodes back or add some, or choose a narrower --scheme.",
                reason);
        }
    }
}
