using System.Globalization;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>
/// The membership protocol as a state machine: time and messages go in, pings to make come out. No sockets, no clock, no tasks,
/// so that the same code runs in the product and under a test's virtual time. Not thread-safe: the caller holds a lock.
/// </summary>
/// <remarks>
/// SWIM: Das, Gupta and Motivala, "SWIM: Scalable Weakly-consistent Infection-style Process Group Membership Protocol" (2002), with
/// round-robin targets, suspicion and incarnations as there. What differs: the gossip is a push-pull of whole records inside the ping;
/// suspects are pinged out of turn, so that they hear of the suspicion at once; the dead are tried now and then, which heals
/// partitions; a process that was itself stalled moves its deadlines instead of suspecting the others.
/// docs/spec/cluster.md, "Membership", is in step with this file.
/// </remarks>
internal sealed partial class SwimMachine
{
    /// <summary>Up to this many members, every exchange carries the whole table; above, this many at most.</summary>
    public const int FullTableMembers = 64;

    /// <summary>
    /// The longest gossip that is built, in bytes; below <see cref="GossipMessage.MaxLength"/> by the room for what frames it.
    /// </summary>
    public const int GossipTargetLength = 192 * 1024;

    private const int OutOfTurnPings = 3;    // greetings, and pings to suspects, in one period: bounds the burst after a restart
    private const int MaxSpentKept = 16_384; // invitations remembered; above, the soonest to expire goes first

    private readonly MembershipOptions _options;
    private readonly Func<long, NodeRecord> _sign;
    private readonly Func<NodeRecord, DateTimeOffset, string?> _refusal;
    private readonly IRandomSource _random;
    private readonly Dictionary<NodeId, SwimEntry> _members = [];
    private readonly Dictionary<long, SwimRound> _rounds = [];
    private readonly Dictionary<UInt128, SpentInvitation> _spent = [];
    private readonly List<NodeId> _turn = [];
    private readonly List<SwimEvent> _events = [];
    private int _nextTurn;
    private long _lastRound;
    private long _changes;
    private DateTimeOffset _nextPeriod;
    private DateTimeOffset _nextReconnect;
    private DateTimeOffset _selfSince;
    private DateTimeOffset? _promised;
    private ClusterView? _view;

    /// <summary>Starts with nobody but itself.</summary>
    /// <param name="options">Timings and limits.</param>
    /// <param name="self">The node's own record at its first incarnation.</param>
    /// <param name="sign">Makes the node's own record at a given incarnation, signed.</param>
    /// <param name="refusal">Null when a record holds at a time, otherwise why not.</param>
    /// <param name="random">For the order of pings and the choice of helpers.</param>
    /// <param name="now">The start.</param>
    public SwimMachine(
        MembershipOptions options,
        NodeRecord self,
        Func<long, NodeRecord> sign,
        Func<NodeRecord, DateTimeOffset, string?> refusal,
        IRandomSource random,
        DateTimeOffset now)
    {
        options.Validate();
        _options = options;
        Self = self;
        _sign = sign;
        _refusal = refusal;
        _random = random;
        _selfSince = now;
        _nextPeriod = now;
        _nextReconnect = now;
    }

    /// <summary>The node's own record at its present incarnation.</summary>
    public NodeRecord Self { get; private set; }

    /// <summary>Grows with every change of the table.</summary>
    public long Version => _changes;

    /// <summary>When <see cref="Advance"/> wants to be called next.</summary>
    public DateTimeOffset NextDeadline
    {
        get
        {
            DateTimeOffset next = _nextPeriod;
            foreach (SwimRound round in _rounds.Values)
                next = round.Deadline < next ? round.Deadline : next;
            foreach (SwimEntry entry in _members.Values)
            {
                if (entry.State == MemberState.Suspect && entry.SuspectDeadline < next)
                    next = entry.SuspectDeadline;
            }
            return next;
        }
    }

    /// <summary>The table as a snapshot; the same object until something changes.</summary>
    public ClusterView View => _view ??= new ClusterView(
        _members.Values.Select(static entry => new Member(entry.Record, entry.State, entry.Since))
            .Append(new Member(Self, MemberState.Alive, _selfSince)),
        _changes);

    /// <summary>What happened since the last call, for the log.</summary>
    public List<SwimEvent> TakeEvents()
    {
        List<SwimEvent> events = [.. _events];
        _events.Clear();
        return events;
    }

    /// <summary>
    /// Moves to <paramref name="now"/>: ends rounds and suspicions that ran out, drops expired certificates, and begins a period when
    /// it is due.
    /// </summary>
    /// <param name="now">The time; never earlier than at the last call.</param>
    /// <param name="actions">Takes what is to be done.</param>
    public void Advance(DateTimeOffset now, List<SwimAction> actions)
    {
        ForgiveOwnStall(now);
        foreach (SwimRound round in _rounds.Values.Where(round => round.Deadline <= now).ToArray())
            EndStage(round, now, round.Indirect ? null : "no answer", actions);
        RemoveExpired(now);
        BuryDead(now);
        if (now >= _nextPeriod)
        {
            _nextPeriod = now + TimeSpan.FromMilliseconds(_options.PeriodMs);
            BeginPeriod(now, actions);
        }
        _promised = NextDeadline;
    }

    /// <summary>The target answered: tables were exchanged.</summary>
    public void PingSucceeded(long round, DateTimeOffset now)
    {
        if (_rounds.Remove(round, out SwimRound? ended))
            Heard(ended.Target, now);
    }

    /// <summary>The ping failed before its time was up: refused, reset, or cut by the caller.</summary>
    /// <param name="round">The action's round; unknown ones are late answers and ignored.</param>
    /// <param name="now">The time.</param>
    /// <param name="reason">Why, for the log.</param>
    /// <param name="actions">Takes the probes to be made.</param>
    public void PingFailed(long round, DateTimeOffset now, string reason, List<SwimAction> actions)
    {
        if (_rounds.TryGetValue(round, out SwimRound? failed) && !failed.Indirect)
            EndStage(failed, now, reason, actions);
    }

    /// <summary>A helper reported. One that reached the target ends the round; the last one that did not makes it suspect.</summary>
    /// <param name="round">The action's round; unknown ones are late answers and ignored.</param>
    /// <param name="reached">Whether the helper had an answer from the target.</param>
    /// <param name="now">The time.</param>
    public void ProbeAnswered(long round, bool reached, DateTimeOffset now)
    {
        if (!_rounds.TryGetValue(round, out SwimRound? asked) || !asked.Indirect)
            return;
        if (reached)
            _rounds.Remove(round);
        else if (--asked.HelpersPending <= 0)
            EndStage(asked, now, null, []);
    }

    /// <summary>A member asked or answered this node in its own authenticated session.</summary>
    public void Heard(NodeId id, DateTimeOffset now)
    {
        if (!_members.TryGetValue(id, out SwimEntry? entry))
            return;
        entry.LastHeard = now;
        entry.Greeted = true;
    }

    // A process that slept (stopped, swapped, starved of processor) finds every deadline in the past. That says nothing about others.
    private void ForgiveOwnStall(DateTimeOffset now)
    {
        if (_promised is not { } promised || now - promised < TimeSpan.FromMilliseconds(_options.PingTimeoutMs))
            return;
        TimeSpan stall = now - promised;
        Note(LogLevel.Warn, string.Create(
            CultureInfo.InvariantCulture, $"this process stood still for {stall.TotalSeconds:0.0} s; no member is blamed for it"));
        foreach (SwimRound round in _rounds.Values)
        {
            round.Deadline = now + TimeSpan.FromMilliseconds(round.Indirect ? _options.ProbeTimeoutMs : _options.PingTimeoutMs);
            round.Started = now;
        }
        foreach (SwimEntry entry in _members.Values)
        {
            if (entry.State == MemberState.Suspect)
                entry.SuspectDeadline += stall + TimeSpan.FromMilliseconds(_options.PingTimeoutMs); // its refutation may be waiting unread
        }
    }

    private void BeginPeriod(DateTimeOffset now, List<SwimAction> actions)
    {
        int greetings = 0, suspects = 0;
        foreach ((NodeId id, SwimEntry entry) in _members)
        {
            if (entry.State == MemberState.Alive && !entry.Greeted && greetings < OutOfTurnPings && Ping(id, entry, now, false, actions))
                greetings++;
            else if (entry.State == MemberState.Suspect && suspects < OutOfTurnPings && Ping(id, entry, now, false, actions))
                suspects++;
        }

        for (int tried = 0; tried <= _turn.Count; tried++)
        {
            if (NextInTurn() is not { } id)
                break;
            if (_members.TryGetValue(id, out SwimEntry? entry) && entry.State != MemberState.Dead && Ping(id, entry, now, false, actions))
                break;
        }

        if (now < _nextReconnect)
            return;
        _nextReconnect = now + TimeSpan.FromMilliseconds(_options.ReconnectPeriodMs);
        NodeId[] dead = [.. _members.Where(static pair => pair.Value.State == MemberState.Dead).Select(static pair => pair.Key)];
        if (dead.Length > 0)
        {
            NodeId id = dead[_random.Next(dead.Length)];
            Ping(id, _members[id], now, true, actions);
        }
    }

    private bool Ping(NodeId id, SwimEntry entry, DateTimeOffset now, bool reconnect, List<SwimAction> actions)
    {
        foreach (SwimRound running in _rounds.Values)
        {
            if (running.Target == id)
                return false;
        }
        var round = new SwimRound(++_lastRound, id, now, now + TimeSpan.FromMilliseconds(_options.PingTimeoutMs), reconnect);
        _rounds.Add(round.Number, round);
        actions.Add(new SwimAction(round.Number, id, entry.Record.Endpoint, null, reconnect));
        return true;
    }

    // Round-robin over a shuffled list, shuffled again after every turn: every member is asked once in n periods at the latest 2n apart.
    private NodeId? NextInTurn()
    {
        if (_nextTurn >= _turn.Count)
        {
            _turn.Clear();
            _turn.AddRange(_members.Keys);
            _turn.Sort(); // the dictionary's order is no part of the seed
            for (int i = _turn.Count - 1; i > 0; i--)
            {
                int other = _random.Next(i + 1);
                (_turn[i], _turn[other]) = (_turn[other], _turn[i]);
            }
            _nextTurn = 0;
        }
        return _turn.Count == 0 ? null : _turn[_nextTurn++];
    }

    private void EndStage(SwimRound round, DateTimeOffset now, string? reason, List<SwimAction> actions)
    {
        round.Reason ??= reason;
        if (!_members.TryGetValue(round.Target, out SwimEntry? entry) || round.Reconnect || entry.State == MemberState.Dead)
        {
            _rounds.Remove(round.Number);
            return;
        }
        if (!round.Indirect && AskOthers(round, now, actions))
            return;
        _rounds.Remove(round.Number);
        if (entry.State == MemberState.Alive)
        {
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $"{round.Reason ?? "no answer"}, nothing for {(now - round.Started).TotalSeconds:0.0} s, not even through others");
            Suspect(round.Target, entry, now, text);
        }
    }

    private bool AskOthers(SwimRound round, DateTimeOffset now, List<SwimAction> actions)
    {
        List<KeyValuePair<NodeId, SwimEntry>> helpers = [.. _members
            .Where(pair => pair.Value.State == MemberState.Alive && pair.Key != round.Target)
            .OrderBy(static pair => pair.Key)];
        round.Indirect = true;
        round.Deadline = now + TimeSpan.FromMilliseconds(_options.ProbeTimeoutMs);
        round.HelpersPending = Math.Min(_options.ProbeHelpers, helpers.Count);
        for (int i = 0; i < round.HelpersPending; i++)
        {
            int pick = i + _random.Next(helpers.Count - i);
            (helpers[i], helpers[pick]) = (helpers[pick], helpers[i]);
            actions.Add(new SwimAction(round.Number, round.Target, helpers[i].Value.Record.Endpoint, helpers[i].Key));
        }
        return round.HelpersPending > 0;
    }

    private void Suspect(NodeId id, SwimEntry entry, DateTimeOffset now, string why)
    {
        entry.State = MemberState.Suspect;
        entry.Since = now;
        entry.SuspectDeadline = now + TimeSpan.FromMilliseconds(_options.SuspectTimeoutMs);
        Changed(entry);
        Note(LogLevel.Warn, $"member {id.ToShortString()} suspect: {why}");
    }

    private void BuryDead(DateTimeOffset now)
    {
        List<NodeId>? forgotten = null;
        foreach ((NodeId id, SwimEntry entry) in _members)
        {
            if (entry.State == MemberState.Suspect && entry.SuspectDeadline <= now)
            {
                entry.State = MemberState.Dead;
                entry.Since = now;
                entry.Greeted = false;
                Changed(entry);
                Note(LogLevel.Warn, string.Create(
                    CultureInfo.InvariantCulture,
                    $"member {id.ToShortString()} dead: suspect for {_options.SuspectTimeoutMs / 1000.0:0.0} s and did not refute"));
            }
            else if (entry.State == MemberState.Dead && (now - entry.Since).TotalMilliseconds >= _options.ForgetDeadAfterMs)
            {
                (forgotten ??= []).Add(id);
            }
        }
        foreach (NodeId id in forgotten ?? [])
        {
            Remove(id);
            Note(LogLevel.Info, string.Create(
                CultureInfo.InvariantCulture,
                $"member {id.ToShortString()} forgotten: dead for {_options.ForgetDeadAfterMs / 3_600_000.0:0.##} h"));
        }
    }

    private void RemoveExpired(DateTimeOffset now)
    {
        List<NodeId>? expired = null;
        foreach ((NodeId id, SwimEntry entry) in _members)
        {
            if (entry.Record.Certificate.Expires <= now)
                (expired ??= []).Add(id);
        }
        foreach (NodeId id in expired ?? [])
        {
            Remove(id);
            Note(LogLevel.Warn, $"member {id.ToShortString()} removed: its certificate expired");
        }
        if (_spent.Count == 0)
            return;
        foreach (UInt128 nonce in _spent.Values.Where(spent => spent.Expires <= now).Select(static spent => spent.Nonce).ToArray())
            _spent.Remove(nonce);
    }

    private void Remove(NodeId id)
    {
        _members.Remove(id);
        Changed(null);
    }

    private void Changed(SwimEntry? entry)
    {
        _changes++;
        _view = null;
        if (entry is not null)
            entry.Change = _changes;
    }

    private void Note(LogLevel level, string text) => _events.Add(new SwimEvent(level, text));
}
