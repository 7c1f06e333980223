using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Re-hashes this node's blobs, audits those of others, judges accusations, and says what is known of whom and since when:
/// docs/spec/audit.md. Thread-safe.
/// </summary>
internal sealed partial class AuditService : INodeService, IAuditOutcomes
{
    private const string HistoryFile = "audits";
    private const int SaveMs = 60_000;      // between two writes of what changed: what a crash costs at most

    private readonly NodeParts _parts;
    private readonly Auditor _auditor;
    private readonly Tribunal _tribunal;
    private readonly NodeFile _historyFile;
    private readonly ByteAllowance _fetches;
    private readonly CancellationTokenSource _stop = new();
    private readonly AsyncSignal _judge;
    private readonly AsyncSignal _soon;
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, List<(AuditProof Proof, BlobId Stripe)>> _proved = [];
    private readonly Dictionary<NodeId, AuditStanding> _standings = []; // those that are not good, as last told
    private readonly HashSet<NodeId> _suspects = [];
    private AuditHistory _history = new();
    private Task[] _loops = [];
    private long _falseAccusations;

    /// <summary>Puts it together.</summary>
    /// <param name="parts">The node.</param>
    /// <param name="scrubAdvice">Bytes a second that a scrub should read now, by what is known of the load; null: no advice.</param>
    public AuditService(NodeParts parts, Func<long?> scrubAdvice)
    {
        parts.Options.Audit.Validate();
        _parts = parts;
        Scrubber = new Scrubber(parts, scrubAdvice);
        var peers = new PoolRepairPeers(parts.Pool);
        _fetches = new ByteAllowance(Options.FetchBytesPerDay, parts.Time);
        var truth = new BlobTruth(parts, peers, new ByteAllowance(Options.FetchBytesPerDay, parts.Time));
        _auditor = new Auditor(parts, peers, truth, _fetches);
        _tribunal = new Tribunal(parts, truth);
        _tribunal.Expelled += OnExpelled;
        _tribunal.AccusedFalsely += OnAccusedFalsely;
        _historyFile = new NodeFile(
            parts.Options.FileSystem, parts.Options.DataDirectory, HistoryFile, AuditHistory.EncodedLengthMax, parts.Executor);
        _judge = new AsyncSignal(parts.Time);
        _soon = new AsyncSignal(parts.Time);
    }

    /// <inheritdoc/>
    public event Action<AuditResult>? Audited;

    /// <inheritdoc/>
    public event Action<NodeId, AuditStanding>? StandingChanged;

    /// <inheritdoc/>
    public string Name => "audit";

    /// <summary>The scrub.</summary>
    public Scrubber Scrubber { get; }

    /// <summary>What was found of whom.</summary>
    public AuditHistory History => _history;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Numbers
    {
        get
        {
            (long ok, long unknown, long missing, long wrong) = _history.Sums();
            IReadOnlyList<Member> members = _parts.Membership.View.Members;
            var numbers = new Dictionary<string, long>(StringComparer.Ordinal)
            {
                ["audits-missing"] = missing,
                ["audits-ok"] = ok,
                ["audits-unknown"] = unknown,
                ["audits-wrong"] = wrong,
                ["false-accusations"] = Interlocked.Read(ref _falseAccusations),
                ["fetched-bytes"] = _fetches.Taken,
                ["members-expelled"] = _tribunal.Count,
                ["members-suspended"] = members.Count(member => StandingOf(member.Id) == AuditStanding.Suspended),
            };
            Scrubber.AddTo(numbers);
            return numbers;
        }
    }

    private AuditOptions Options => _parts.Options.Audit;

    private long Now => _parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await Scrubber.OpenAsync(cancellationToken);
        await _tribunal.OpenAsync(cancellationToken);
        try
        {
            if (await _historyFile.ReadAsync(cancellationToken) is { } remembered)
                _history = AuditHistory.Decode(remembered);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the history of audits cannot be used: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Start() => _loops =
    [
        _parts.Options.ScrubPeriodMs > 0 ? QuietAsync(Scrubber.RunAsync(_stop.Token)) : Task.CompletedTask,
        Options.PeerPeriodMs > 0 ? QuietAsync(AuditAllAsync(_stop.Token)) : Task.CompletedTask,
        QuietAsync(JudgeAllAsync(_stop.Token)),
        QuietAsync(SaveAllAsync(_stop.Token)),
    ];

    /// <inheritdoc/>
    public AuditStanding StandingOf(NodeId member)
    {
        if (_tribunal.IsExpelled(member))
            return AuditStanding.Expelled;
        return member != _parts.Self && (_tribunal.IsSpared(member) || _history.IsSuspended(member, Options, Now))
            ? AuditStanding.Suspended : AuditStanding.Good;
    }

    /// <inheritdoc/>
    public void AuditSoon(NodeId member)
    {
        lock (_gate)
        {
            if (_suspects.Count < AuditHistory.MembersMax)
                _suspects.Add(member);
        }
        _soon.Set();
    }

    /// <summary>The view for repair: without the expelled, whose blobs so count as missing; the suspended are marked.</summary>
    public ClusterView ForRepair(ClusterView view) => Mark(view, keepExpelled: false);

    /// <summary>The view for clients: who is suspended or expelled is marked. What it still gives can be read, as every blob is verified.</summary>
    public ClusterView ForClients(ClusterView view) => Mark(view, keepExpelled: true);

    /// <summary>Audits a member once, now, and does what follows from it. Null: there was nothing to ask.</summary>
    public async ValueTask<AuditResult?> AuditNowAsync(Member member, CancellationToken cancellationToken)
    {
        var proved = new List<(AuditProof Proof, BlobId Stripe)>();
        AuditResult? result = await _auditor.AuditAsync(member, proved, cancellationToken);
        if (result is not { } audit)
            return null;
        Take(audit);
        if (proved.Count > 0)
            await ConvictAsync(member, proved, cancellationToken);
        return audit;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await Task.WhenAll(_loops);
        await Scrubber.SaveAsync(CancellationToken.None);
        await SaveHistoryAsync(CancellationToken.None);
        _stop.Dispose();
    }

    private ClusterView Mark(ClusterView view, bool keepExpelled)
    {
        bool plain = true;
        var members = new List<Member>(view.Members.Count);
        foreach (Member member in view.Members)
        {
            AuditStanding standing = StandingOf(member.Id);
            if (standing == AuditStanding.Good)
            {
                members.Add(member);
                continue;
            }
            plain = false;
            if (standing == AuditStanding.Suspended || keepExpelled)
                members.Add(member.Suspended());
        }
        return plain ? view : new ClusterView(members, view.Version, view.Layout);
    }

    private async Task QuietAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    // A member at random, after a time at random: nobody can tell when or by which blob it is audited next.
    private async Task AuditAllAsync(CancellationToken stop)
    {
        while (true)
        {
            Member[] others = Others();
            double meanMs = Options.PeerPeriodMs / (double)Math.Max(1, others.Length);
            await _soon.WaitAsync(TimeSpan.FromMilliseconds(meanMs * (0.5 + _parts.Random.NextDouble())), stop);
            others = Others();
            if (others.Length == 0)
                continue;
            Member member = NextSuspect(others) ?? others[_parts.Random.Next(others.Length)];
            try
            {
                await AuditNowAsync(member, stop);
            }
            catch (MegatorrentException exception)
            {
                _parts.Log.Warn($"audit of member {member.Id.ToShortString()}: {exception.Message}");
            }
        }
    }

    private Member[] Others() =>
        [.. _parts.Membership.View.Living.Where(member => member.Id != _parts.Self && !_tribunal.IsExpelled(member.Id))];

    private Member? NextSuspect(Member[] others)
    {
        lock (_gate)
        {
            Member? suspect = Array.Find(others, member => _suspects.Contains(member.Id));
            if (suspect is not null)
                _suspects.Remove(suspect.Id);
            else
                _suspects.Clear(); // dead or gone
            return suspect;
        }
    }

    private async Task JudgeAllAsync(CancellationToken stop)
    {
        long pulled = _parts.Time.GetTimestamp();
        while (true)
        {
            double nextMs = Math.Min(Options.ExpulsionPullMs, _tribunal.HasPending ? Options.RejudgeMs : Options.ExpulsionPullMs);
            await _judge.WaitAsync(TimeSpan.FromMilliseconds(nextMs), stop);
            await TellAllAsync(stop);
            await _tribunal.JudgeAsync(stop);
            await TellAllAsync(stop); // and what was just believed
            if (_parts.Time.GetElapsedTime(pulled).TotalMilliseconds < Options.ExpulsionPullMs)
                continue;
            pulled = _parts.Time.GetTimestamp();
            await PullAsync(stop);
        }
    }

    private async Task SaveAllAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(SaveMs), _parts.Time, stop);
            await Scrubber.SaveAsync(stop);
            if (_history.IsDirty)
                await SaveHistoryAsync(stop);
        }
    }

    private async ValueTask SaveHistoryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _historyFile.WriteAsync(_history.Encode(), cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the history of audits could not be written: {exception.Message}");
        }
    }

    private void Take(in AuditResult result)
    {
        _history.Add(result);
        Tell(result.Member);
        Audited?.Invoke(result);
    }

    // Tells who subscribed when a member's standing is another than it was.
    private void Tell(NodeId member)
    {
        AuditStanding now = StandingOf(member), before;
        lock (_gate)
        {
            before = _standings.GetValueOrDefault(member);
            if (before == now)
                return;
            if (now == AuditStanding.Good)
                _standings.Remove(member);
            else
                _standings[member] = now;
        }
        if (now != AuditStanding.Expelled)
            _parts.Log.Warn($"member {member.ToShortString()} is {(now == AuditStanding.Good ? "no longer suspended" : "suspended by its audits")}");
        StandingChanged?.Invoke(member, now);
    }

    // One wrong answer is repeated with other blobs at once; enough of them, and everybody is told.
    private async ValueTask ConvictAsync(Member member, List<(AuditProof Proof, BlobId Stripe)> proved, CancellationToken cancellationToken)
    {
        List<(AuditProof Proof, BlobId Stripe)> all;
        lock (_gate)
        {
            if (!_proved.TryGetValue(member.Id, out all!))
                _proved.Add(member.Id, all = []);
            all.AddRange(proved);
        }
        if (!await _auditor.RepeatAsync(member, all, cancellationToken))
        {
            if (all.Count > Accusation.ProofsMax)
                all.RemoveRange(0, all.Count - Accusation.ProofsMax);
            return; // kept: the next wrong answer joins it
        }
        (AuditProof Proof, BlobId Stripe)[] evidence =
            [.. all.DistinctBy(static item => (item.Proof.Challenge.Blob, item.Proof.Auditor)).Take(Accusation.ProofsMax)];
        lock (_gate)
            _proved.Remove(member.Id);
        await _tribunal.ExpelOwnAsync(Accusation.Sign(_parts.Options.Identity.Key, member.Id, evidence), cancellationToken);
    }

    private void OnExpelled(Accusation accusation)
    {
        Tell(accusation.Accused);
        _parts.Repair.Trigger($"member {accusation.Accused.ToShortString()} was expelled");
        lock (_gate)
            _telling.Add(accusation);
        _judge.Set();
    }

    private void OnAccusedFalsely(NodeId accuser)
    {
        Interlocked.Increment(ref _falseAccusations);
        Take(new AuditResult(accuser, default, AuditKind.Accusation, AuditOutcome.Wrong, Now, 0));
    }
}
