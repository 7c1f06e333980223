using Megatorrent.Core;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>The other half: what is told, and what is believed of what is heard.</summary>
internal sealed partial class SwimMachine
{
    private const int RejectionsLogged = 8; // of one message; a hostile one would otherwise fill the log

    /// <summary>
    /// Restores the members that were known before a restart. They are pinged like any other; the records are validated again.
    /// </summary>
    /// <param name="remembered">What <see cref="Remembered"/> gave.</param>
    /// <param name="written">When it gave it: the ages count from there.</param>
    /// <param name="now">The time.</param>
    public void Restore(GossipMessage remembered, DateTimeOffset written, DateTimeOffset now)
    {
        DateTimeOffset origin = written < now ? written : now; // a clock that was set back
        foreach (GossipEntry entry in remembered.Entries)
        {
            if (entry.Record.Id == Self.Id)
            {
                RaiseIncarnation(entry.Record.Incarnation, now, null);
                continue;
            }
            if (_members.ContainsKey(entry.Record.Id) || _members.Count >= _options.MaxMembers || _refusal(entry.Record, now) is not null)
                continue;
            // A suspicion does not outlive its observer.
            MemberState state = entry.State == MemberState.Dead ? MemberState.Dead : MemberState.Alive;
            var restored = new SwimEntry(entry.Record, state, Ago(origin, entry.AgeMs));
            _members.Add(entry.Record.Id, restored);
            Changed(restored);
        }
        foreach (SpentInvitation spent in remembered.Spent)
            Remember(spent, now);
    }

    /// <summary>What this node tells: itself first, then the whole table, or of a large one what changed last and a random rest.</summary>
    public GossipMessage Tell(DateTimeOffset now)
    {
        var message = new GossipMessage();
        int left = GossipTargetLength;
        Add(message, Self, MemberState.Alive, Age(now, _selfSince), ref left);

        List<SwimEntry> entries = [.. _members.Values];
        if (entries.Count >= FullTableMembers)
        {
            entries.Sort(static (left, right) => right.Change.CompareTo(left.Change));
            for (int i = FullTableMembers / 2; i < FullTableMembers - 1; i++)
            {
                int pick = i + _random.Next(entries.Count - i);
                (entries[i], entries[pick]) = (entries[pick], entries[i]);
            }
            entries.RemoveRange(FullTableMembers - 1, entries.Count - FullTableMembers + 1);
        }
        foreach (SwimEntry entry in entries)
            Add(message, entry.Record, entry.State, Age(now, entry.Since), ref left);

        foreach (SpentInvitation spent in _spent.Values)
        {
            if (message.Spent.Count == GossipMessage.MaxSpent)
                break;
            message.Spent.Add(spent);
        }
        return message;
    }

    /// <summary>The whole table and every spent invitation that fits, for the file that survives a restart.</summary>
    public GossipMessage Remembered(DateTimeOffset now)
    {
        var message = new GossipMessage();
        int left = GossipTargetLength;
        Add(message, Self, MemberState.Alive, Age(now, _selfSince), ref left);
        foreach (SwimEntry entry in _members.Values.OrderBy(static entry => entry.State))
            Add(message, entry.Record, entry.State, Age(now, entry.Since), ref left);
        message.Spent.AddRange(_spent.Values.OrderByDescending(static spent => spent.Expires).Take(GossipMessage.MaxSpent));
        return message;
    }

    /// <summary>What this node knows of one member, for the answer to a probe.</summary>
    public GossipEntry? TellAbout(NodeId id, DateTimeOffset now) =>
        _members.TryGetValue(id, out SwimEntry? entry) ? new GossipEntry(entry.Record, entry.State, Age(now, entry.Since)) : null;

    /// <summary>Where a member listens; null when it is unknown.</summary>
    public string? EndpointOf(NodeId id) => _members.TryGetValue(id, out SwimEntry? entry) ? entry.Record.Endpoint : null;

    /// <summary>Takes in what another node told. What does not hold is left out and logged; the rest counts.</summary>
    /// <param name="told">A decoded message.</param>
    /// <param name="now">The time.</param>
    public void Merge(GossipMessage told, DateTimeOffset now)
    {
        int rejected = 0;
        foreach (GossipEntry entry in told.Entries)
        {
            if (Merge(entry, now) is { } refusal && ++rejected <= RejectionsLogged)
                Note(LogLevel.Warn, $"record of {entry.Record.Id.ToShortString()} refused: {refusal}");
        }
        foreach (SpentInvitation spent in told.Spent)
            Remember(spent, now);
    }

    /// <summary>Whether an invitation may be used by this subject: nobody else did, as far as this node heard. Used from now on.</summary>
    public bool TrySpend(SpentInvitation invitation, DateTimeOffset now)
    {
        if (_spent.TryGetValue(invitation.Nonce, out SpentInvitation before))
            return before.Subject == invitation.Subject;
        Remember(invitation, now);
        return true;
    }

    /// <summary>Whether the invitation of this nonce is known to be used.</summary>
    public bool KnowsAsSpent(UInt128 nonce) => _spent.ContainsKey(nonce);

    /// <summary>Takes in one entry.</summary>
    /// <returns>Null, or why the entry was refused.</returns>
    public string? Merge(in GossipEntry told, DateTimeOffset now)
    {
        NodeId id = told.Record.Id;
        if (id == Self.Id)
        {
            MergeSelf(told, now);
            return null;
        }
        if (!_members.TryGetValue(id, out SwimEntry? known))
            return Admit(told, now);
        if (told.Record.Incarnation < known.Record.Incarnation)
            return null;
        if (told.Record.Incarnation > known.Record.Incarnation)
        {
            if (_refusal(told.Record, now) is { } refusal)
                return refusal;
            Supersede(id, known, told, now);
            return null;
        }

        // The same incarnation: the worse state wins, whoever tells it; only the member itself can refute, by a higher one.
        if (told.State > known.State)
            Worsen(id, known, told, now);
        return null;
    }

    private string? Admit(in GossipEntry told, DateTimeOffset now)
    {
        if (told.State == MemberState.Dead && told.AgeMs >= _options.ForgetDeadAfterMs)
            return null;
        if (_members.Count >= _options.MaxMembers)
            return $"there are {_options.MaxMembers} members already";
        if (_refusal(told.Record, now) is { } refusal)
            return refusal;
        var entry = new SwimEntry(told.Record, told.State, Ago(now, told.AgeMs))
        {
            SuspectDeadline = now + TimeSpan.FromMilliseconds(_options.SuspectTimeoutMs),
        };
        _members.Add(told.Record.Id, entry);
        Changed(entry);
        Note(LogLevel.Info, $"member {told.Record.Id.ToShortString()} {told.State.ToText()}: joined {Describe(told.Record)}");
        return null;
    }

    private void Supersede(NodeId id, SwimEntry known, in GossipEntry told, DateTimeOffset now)
    {
        MemberState before = known.State;
        bool moved = known.Record.Endpoint != told.Record.Endpoint || known.Record.Domain != told.Record.Domain
            || known.Record.Weight != told.Record.Weight;
        known.Record = told.Record;
        if (before != MemberState.Dead || !PlantedBugs.Has(PlantedBug.ReturnNotTakenIn))
            known.State = told.State;
        if (before != told.State || told.State != MemberState.Alive)
            known.Since = NotBefore(Ago(now, told.AgeMs), known.LastHeard);
        known.SuspectDeadline = now + TimeSpan.FromMilliseconds(_options.SuspectTimeoutMs);
        if (before == MemberState.Dead || moved)
            known.Greeted = false;
        Changed(known);
        if (before != told.State)
        {
            LogLevel level = told.State == MemberState.Alive ? LogLevel.Info : LogLevel.Warn;
            string how = before == MemberState.Dead ? "returned" : "refuted";
            Note(level, $"member {id.ToShortString()} {told.State.ToText()}: {how} {Describe(told.Record)}");
        }
        else if (moved)
        {
            Note(LogLevel.Info, $"member {id.ToShortString()} {told.State.ToText()}: now {Describe(told.Record)}");
        }
    }

    private void Worsen(NodeId id, SwimEntry known, in GossipEntry told, DateTimeOffset now)
    {
        if (told.State == MemberState.Suspect)
        {
            Suspect(id, known, now, "others say so");
            return;
        }
        known.State = MemberState.Dead;
        known.Since = NotBefore(Ago(now, told.AgeMs), known.LastHeard);
        known.Greeted = false;
        Changed(known);
        Note(LogLevel.Warn, $"member {id.ToShortString()} dead: others say so");
    }

    // Whatever is said about this node that is not its own newest word is answered with a newer one.
    private void MergeSelf(in GossipEntry told, DateTimeOffset now)
    {
        long incarnation = told.Record.Incarnation;
        bool stale = incarnation < Self.Incarnation
            || (incarnation == Self.Incarnation && told.State == MemberState.Alive
                && told.Record.Encoded.AsSpan().SequenceEqual(Self.Encoded));
        if (stale || _refusal(told.Record, now) is not null)
            return;
        RaiseIncarnation(incarnation, now, told.State == MemberState.Alive ? "another record of this node is about"
            : $"others say that this node is {told.State.ToText()}");
    }

    /// <summary>Signs the own record again at the next incarnation: what it says has changed.</summary>
    public void Announce(DateTimeOffset now) => RaiseIncarnation(Self.Incarnation, now, null);

    private void RaiseIncarnation(long above, DateTimeOffset now, string? why)
    {
        if (above < Self.Incarnation || above == long.MaxValue || (why is not null && PlantedBugs.Has(PlantedBug.NeverRefuted)))
            return;
        Self = _sign(above + 1);
        _selfSince = now;
        Changed(null);
        if (why is not null)
            Note(LogLevel.Info, $"refuting with incarnation {Self.Incarnation}: {why}");
    }

    private void Remember(SpentInvitation spent, DateTimeOffset now)
    {
        if (spent.Expires <= now || !_spent.TryAdd(spent.Nonce, spent))
            return;
        if (_spent.Count > MaxSpentKept)
            _spent.Remove(_spent.Values.MinBy(static entry => entry.Expires).Nonce);
        _changes++;
        Note(LogLevel.Debug, $"an invitation was used by {spent.Subject.ToShortString()}");
    }

    private static void Add(GossipMessage message, NodeRecord record, MemberState state, long ageMs, ref int left)
    {
        const int perMember = 96; // brackets, keys, numbers
        left -= record.Encoded.Length + perMember;
        if (left >= 0 && message.Entries.Count < GossipMessage.MaxEntries)
            message.Entries.Add(new GossipEntry(record, state, ageMs));
    }

    private static string Describe(NodeRecord record) => $"at {record.Endpoint}, domain {record.Domain}, weight {record.Weight}";

    private static long Age(DateTimeOffset now, DateTimeOffset since) => Math.Max(0, (long)(now - since).TotalMilliseconds);

    // A teller's age reaches back at most to the epoch, and a state cannot have begun before this node last heard the member.
    private static DateTimeOffset Ago(DateTimeOffset now, long ageMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(0, now.ToUnixTimeMilliseconds() - ageMs));

    private static DateTimeOffset NotBefore(DateTimeOffset time, DateTimeOffset limit) => time < limit ? limit : time;
}
