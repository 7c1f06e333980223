using Megatorrent.Core.Wire;
using Megatorrent.Network.Health;

namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// What this node has seen and heard of the members, and the scores that follow. Bounded: 1024 members, 256 opinions. Thread-safe.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="options">How fast evidence fades, and who is a newcomer.</param>
/// <param name="time">A clock that never goes back.</param>
internal sealed class ScoreBoard(NodeId self, ReputationOptions options, TimeProvider time) : IPeerScores, IPeerEvidence
{
    /// <summary>Opinions that are kept; of more, the one that was heard longest ago goes.</summary>
    public const int MaxOpinions = 256;

    private static readonly TimeSpan OpinionLifetime = TimeSpan.FromDays(7);

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, DirectRecord> _records = [];
    private readonly Dictionary<NodeId, (Opinion Opinion, DateTimeOffset Heard)> _opinions = [];
    private readonly Dictionary<string, PeerFigures> _lastFigures = [];
    private readonly TimeSpan _halfLife = TimeSpan.FromMilliseconds(options.HalfLifeMs);
    private Dictionary<NodeId, double> _scores = [];
    private DateTimeOffset? _sampled;
    private long _sequence;

    /// <summary>One member's line, for showing.</summary>
    /// <param name="Id">The member.</param>
    /// <param name="Score">With what was heard.</param>
    /// <param name="Direct">From what this node has seen alone.</param>
    /// <param name="Confidence">How far that is believed.</param>
    /// <param name="Availability">A factor of the direct score.</param>
    /// <param name="Correctness">A factor of the direct score.</param>
    /// <param name="Latency">A part of the direct score.</param>
    /// <param name="Rate">A part of the direct score.</param>
    internal readonly record struct Line(
        NodeId Id, double Score, double Direct, double Confidence, double Availability, double Correctness, double Latency, double Rate);

    /// <summary>How many opinions are known.</summary>
    public int OpinionCount
    {
        get
        {
            lock (_gate)
                return _opinions.Count;
        }
    }

    /// <inheritdoc/>
    public double ScoreOf(NodeId member) => member == self ? 1 : Volatile.Read(ref _scores).GetValueOrDefault(member, TrustSolver.Prior);

    /// <inheritdoc/>
    public void Observed(NodeId member, PeerEvidence evidence)
    {
        if (member == self)
            return;
        lock (_gate)
            RecordLocked(member, time.GetUtcNow()).Observed(evidence);
    }

    /// <summary>Takes in who lives, and how the connections have fared since the last time.</summary>
    public void Sample(IEnumerable<Member> members, IEnumerable<PeerFigures> figures)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            // What passed while this node stood still was not watched.
            var longest = TimeSpan.FromMilliseconds(3.0 * options.SamplePeriodMs);
            TimeSpan passed = _sampled is { } last && now > last ? now - last : TimeSpan.Zero;
            if (passed > longest)
                passed = longest;
            _sampled = now;
            foreach (Member member in members)
            {
                if (member.Id == self)
                    continue;
                DirectRecord record = RecordLocked(member.Id, now);
                record.FadeTo(now, _halfLife);
                record.Lived(passed, member.State switch { MemberState.Alive => 1, MemberState.Suspect => 0.5, _ => 0 });
            }
            var seen = new HashSet<string>();
            foreach (PeerFigures peer in figures)
            {
                seen.Add(peer.Endpoint);
                if (peer.Id is { } id && id != self)
                    Requested(RecordLocked(id, now), peer);
                _lastFigures[peer.Endpoint] = peer;
            }
            foreach (string gone in _lastFigures.Keys.Where(endpoint => !seen.Contains(endpoint)).ToArray())
                _lastFigures.Remove(gone);
        }
    }

    /// <summary>This node's opinion now; null when it has seen nobody.</summary>
    public Opinion? Express(Identity identity)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            // The clock as a number, so that one who has lost the file is heard again.
            _sequence = Math.Max(_sequence + 1, now.ToUnixTimeMilliseconds());
            Opinion.Entry[] entries =
            [
                .. _records.OrderByDescending(static pair => pair.Value.Evidence).ThenBy(static pair => pair.Key).Take(Opinion.MaxEntries)
                    .Select(static pair => new Opinion.Entry(pair.Key, pair.Value.Score, pair.Value.Confidence)),
            ];
            return entries.Length == 0 ? null : Opinion.Create(identity, _sequence, entries);
        }
    }

    /// <summary>Takes an opinion in when it is newer than what is known of the observer.</summary>
    /// <param name="opinion">From outside.</param>
    /// <param name="keyOf">The key of a member that may have opinions; null for anybody else.</param>
    /// <returns>True: taken; false: known, or refused because the signature or the member does not hold.</returns>
    public bool Take(Opinion opinion, Func<NodeId, byte[]?> keyOf)
    {
        if (opinion.Observer == self)
            return false;
        lock (_gate)
        {
            if (_opinions.TryGetValue(opinion.Observer, out var known) && known.Opinion.Sequence >= opinion.Sequence)
                return false;
        }
        if (keyOf(opinion.Observer) is not { } key || !opinion.IsSignedBy(key))
            return false;
        lock (_gate)
        {
            if (_opinions.TryGetValue(opinion.Observer, out var known) && known.Opinion.Sequence >= opinion.Sequence)
                return false;
            if (_opinions.Count >= MaxOpinions && !_opinions.ContainsKey(opinion.Observer))
                _opinions.Remove(_opinions.MinBy(static pair => pair.Value.Heard).Key);
            _opinions[opinion.Observer] = (opinion, time.GetUtcNow());
            return true;
        }
    }

    /// <summary>The opinions to tell others, from a start that changes, so that every one gets about.</summary>
    public Opinion[] Known(int start)
    {
        lock (_gate)
        {
            Opinion[] all = [.. _opinions.OrderBy(static pair => pair.Key).Select(static pair => pair.Value.Opinion)];
            return all.Length == 0 ? all : [.. all[(start % all.Length)..], .. all[..(start % all.Length)]];
        }
    }

    /// <summary>Drops opinions of who is no member any more, and of long ago.</summary>
    public void Forget(Func<NodeId, bool> isMember)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            foreach (NodeId gone in _opinions.Where(pair => !isMember(pair.Key) || now - pair.Value.Heard > OpinionLifetime)
                .Select(static pair => pair.Key).ToArray())
            {
                _opinions.Remove(gone);
            }
        }
    }

    /// <summary>The scores as they follow now; expensive. Returns those that have changed across <paramref name="line"/>, with their new value.</summary>
    public List<(NodeId Id, double Score)> Solve(double line)
    {
        NodeId[] ids;
        TrustSolver solver;
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            ids = [.. _records.Keys.Order()];
            solver = SolverLocked(ids, now);
        }
        double[] solved = solver.Solve();
        Dictionary<NodeId, double> before = Volatile.Read(ref _scores);
        var after = new Dictionary<NodeId, double>(ids.Length);
        var crossed = new List<(NodeId, double)>();
        for (int i = 0; i < ids.Length; i++)
        {
            after.Add(ids[i], solved[i]);
            if (before.GetValueOrDefault(ids[i], TrustSolver.Prior) < line != solved[i] < line)
                crossed.Add((ids[i], solved[i]));
        }
        Volatile.Write(ref _scores, after);
        return crossed;
    }

    /// <summary>Every member's line, by id.</summary>
    public Line[] Lines()
    {
        Dictionary<NodeId, double> scores = Volatile.Read(ref _scores);
        lock (_gate)
        {
            return
            [
                .. _records.OrderBy(static pair => pair.Key).Select(pair => new Line(
                    pair.Key, scores.GetValueOrDefault(pair.Key, TrustSolver.Prior), pair.Value.Score, pair.Value.Confidence,
                    pair.Value.Availability, pair.Value.Correctness, pair.Value.Latency, pair.Value.Rate)),
            ];
        }
    }

    /// <summary>What to remember, encoded as <see cref="ReputationFile"/>.</summary>
    public byte[] Remember()
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            foreach (DirectRecord record in _records.Values)
                record.FadeTo(now, _halfLife);
            return new ReputationFile(now, _sequence, [.. _records.OrderBy(static pair => pair.Key).Select(static pair => (pair.Key, pair.Value))])
                .Encode();
        }
    }

    /// <summary>Takes in what was remembered. What has passed since then has faded.</summary>
    public void Restore(ReputationFile file)
    {
        lock (_gate)
        {
            _sequence = Math.Max(_sequence, file.Sequence);
            foreach (var (id, record) in file.Records)
            {
                if (id != self)
                    _records[id] = record;
            }
            DateTimeOffset now = time.GetUtcNow();
            foreach (DirectRecord record in _records.Values)
                record.FadeTo(now, _halfLife);
        }
    }

    // Where there is no room whoever is known least makes it.
    private DirectRecord RecordLocked(NodeId id, DateTimeOffset now)
    {
        if (_records.TryGetValue(id, out DirectRecord? record))
            return record;
        if (_records.Count >= ReputationFile.MaxRecords)
            _records.Remove(_records.MinBy(static pair => pair.Value.Evidence).Key);
        _records.Add(id, record = new DirectRecord { FirstSeen = now, At = now });
        return record;
    }

    private void Requested(DirectRecord record, PeerFigures peer)
    {
        (long answered, long failed) = (peer.Succeeded, peer.Failed);
        if (_lastFigures.TryGetValue(peer.Endpoint, out PeerFigures? last) && last.Id == peer.Id
            && last.Succeeded <= peer.Succeeded && last.Failed <= peer.Failed)
        {
            (answered, failed) = (answered - last.Succeeded, failed - last.Failed);
        }
        if (answered + failed > 0)
            record.Requested(answered, failed, peer.FirstByteMs, peer.BytesPerSecond);
    }

    private TrustSolver SolverLocked(NodeId[] ids, DateTimeOffset now)
    {
        var newcomer = TimeSpan.FromMilliseconds(options.NewcomerMs);
        Dictionary<NodeId, int> index = ids.Select(static (id, i) => (id, i)).ToDictionary();
        var observers = new List<TrustSolver.Observer>();
        foreach (var (id, (opinion, heard)) in _opinions)
        {
            if (!index.TryGetValue(id, out int at))
                continue;
            observers.Add(new TrustSolver.Observer(
                at, now - _records[id].FirstSeen < newcomer, double.Exp2(-(now - heard) / _halfLife),
                [
                    .. opinion.Entries.Where(entry => index.ContainsKey(entry.Subject))
                        .Select(entry => (index[entry.Subject], entry.Score, entry.Confidence)),
                ]));
        }
        return new TrustSolver(
            Array.ConvertAll(ids, id => _records[id].Score), Array.ConvertAll(ids, id => _records[id].Confidence),
            observers.OrderBy(static observer => observer.Index), options.NewcomerShare);
    }
}
