using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Members;

public class SwimMachineTests
{
    private static readonly DateTimeOffset T0 = TestKeys.Start;

    [Fact]
    public void A_rumour_about_itself_is_refuted_by_a_higher_incarnation()
    {
        SwimMachine machine = Machine(0);
        machine.Merge(Told(new GossipEntry(TestKeys.Record(0, endpoint: machine.Self.Endpoint), MemberState.Suspect, 10)), T0);
        Assert.Equal(2, machine.Self.Incarnation);
        Assert.Equal(MemberState.Alive, machine.View.Find(machine.Self.Id)!.State);

        machine.Merge(Told(new GossipEntry(machine.Self, MemberState.Dead, 10)), T0);
        Assert.Equal(3, machine.Self.Incarnation);
        machine.Merge(Told(new GossipEntry(machine.Self, MemberState.Alive, 10)), T0);
        Assert.Equal(3, machine.Self.Incarnation); // its own words are no rumour
        machine.Merge(Told(new GossipEntry(TestKeys.Record(0, incarnation: 1), MemberState.Dead, 10)), T0);
        Assert.Equal(3, machine.Self.Incarnation); // nor is old news
    }

    [Fact]
    public void A_forged_record_of_itself_does_not_move_its_incarnation()
    {
        SwimMachine machine = Machine(0);
        byte[] forged = TestKeys.Record(0, incarnation: 1000).Encoded.ToArray();
        forged[forged.AsSpan().IndexOf("i1000e"u8) + 1] = (byte)'2'; // another incarnation: the signature is void
        machine.Merge(Told(new GossipEntry(NodeRecord.Decode(forged), MemberState.Alive, 0)), T0);
        Assert.Equal(1, machine.Self.Incarnation);
    }

    [Fact]
    public void States_of_one_incarnation_only_get_worse_and_a_higher_one_wins()
    {
        SwimMachine machine = Machine(0);
        NodeId other = TestKeys.Record(1).Id;
        void Tell(MemberState state, long incarnation) =>
            machine.Merge(Told(new GossipEntry(TestKeys.Record(1, incarnation: incarnation), state, 0)), T0);
        MemberState State() => machine.View.Find(other)!.State;

        Tell(MemberState.Alive, 5);
        Tell(MemberState.Suspect, 4);
        Assert.Equal(MemberState.Alive, State());
        Tell(MemberState.Suspect, 5);
        Assert.Equal(MemberState.Suspect, State());
        Tell(MemberState.Alive, 5);
        Assert.Equal(MemberState.Suspect, State());
        Tell(MemberState.Dead, 5);
        Assert.Equal(MemberState.Dead, State());
        Tell(MemberState.Suspect, 5);
        Assert.Equal(MemberState.Dead, State());
        Tell(MemberState.Alive, 6);
        Assert.Equal(MemberState.Alive, State());
    }

    [Fact]
    public void Records_that_do_not_hold_are_refused_and_the_rest_of_the_message_counts()
    {
        SwimMachine machine = Machine(0);
        using SigningKey foreign = SigningKey.FromSeed(new byte[32]);
        using Identity stranger = TestKeys.Identity(1, "stranger");
        using Identity reader = TestKeys.Identity(2, "reader");
        using Identity late = TestKeys.Identity(3, "late");
        Certificate foreignCertificate = Certificate.IssueByCluster(foreign, stranger.PublicKey, Role.Node, T0.AddDays(-1), T0.AddDays(1));
        machine.Merge(Told(
            new GossipEntry(Record(stranger, foreignCertificate), MemberState.Alive, 0),
            new GossipEntry(Record(reader, TestKeys.Certificate(reader, Role.Reader)), MemberState.Alive, 0),
            new GossipEntry(Record(late, TestKeys.Certificate(late, expires: T0.AddSeconds(-1))), MemberState.Alive, 0),
            new GossipEntry(Tampered(TestKeys.Record(4)), MemberState.Alive, 0),
            new GossipEntry(TestKeys.Record(5), MemberState.Alive, 0)), T0);
        Assert.Equal([machine.Self.Id, TestKeys.Record(5).Id], machine.View.Members.Select(m => m.Id).OrderBy(id => id != machine.Self.Id));
        Assert.Equal(4, machine.TakeEvents().Count(happened => happened.Text.Contains("refused", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_member_is_dropped_when_its_certificate_expires()
    {
        SwimMachine machine = Machine(0);
        using Identity brief = TestKeys.Identity(1);
        machine.Merge(
            Told(new GossipEntry(Record(brief, TestKeys.Certificate(brief, expires: T0.AddSeconds(90))), MemberState.Alive, 0)), T0);
        Assert.NotNull(machine.View.Find(brief.Id));
        machine.Advance(T0.AddSeconds(0.5), []);
        Assert.NotNull(machine.View.Find(brief.Id));
        machine.Advance(T0.AddSeconds(90), []);
        Assert.Null(machine.View.Find(brief.Id));
        machine.Merge(Told(new GossipEntry(Record(brief, TestKeys.Certificate(brief, expires: T0.AddSeconds(90))), MemberState.Alive, 0)),
            T0.AddSeconds(91));
        Assert.Null(machine.View.Find(brief.Id)); // and gossip does not bring it back
    }

    [Fact]
    public void The_dead_are_forgotten_in_time_and_gossip_does_not_bring_them_back()
    {
        var options = new MembershipOptions { ForgetDeadAfterMs = 60_000 };
        SwimMachine machine = Machine(0, options);
        machine.Merge(Told(new GossipEntry(TestKeys.Record(1), MemberState.Dead, 20_000)), T0);
        Assert.Equal(T0.AddSeconds(-20), machine.View.Find(TestKeys.Record(1).Id)!.Since);
        machine.Advance(T0.AddSeconds(39), []);
        Assert.Equal(2, machine.View.Members.Count);
        machine.Advance(T0.AddSeconds(40), []);
        Assert.Single(machine.View.Members);
        machine.Merge(Told(new GossipEntry(TestKeys.Record(1), MemberState.Dead, 60_000)), T0.AddSeconds(41));
        Assert.Single(machine.View.Members);
        machine.Merge(Told(new GossipEntry(TestKeys.Record(1, incarnation: 2), MemberState.Alive, 0)), T0.AddSeconds(42));
        Assert.Equal(2, machine.View.Members.Count);
    }

    [Fact]
    public void Nobody_can_claim_that_a_member_has_been_dead_since_before_it_was_last_heard()
    {
        SwimMachine machine = Machine(0);
        NodeRecord other = TestKeys.Record(1);
        machine.Merge(Told(new GossipEntry(other, MemberState.Alive, 0)), T0);
        machine.Heard(other.Id, T0.AddSeconds(100));
        machine.Merge(Told(new GossipEntry(other, MemberState.Dead, long.MaxValue)), T0.AddSeconds(110));
        Assert.Equal(T0.AddSeconds(100), machine.View.Find(other.Id)!.Since);
    }

    [Fact]
    public void A_failed_ping_asks_three_others_and_only_their_failure_makes_a_suspect()
    {
        SwimMachine machine = Machine(0);
        for (int i = 1; i <= 5; i++)
            machine.Merge(Told(new GossipEntry(TestKeys.Record(i), MemberState.Alive, 0)), T0);
        var actions = new List<SwimAction>();
        machine.Advance(T0, actions);
        SwimAction ping = actions[0];
        Assert.Null(ping.Helper);

        var probes = new List<SwimAction>();
        machine.PingFailed(ping.Round, T0.AddMilliseconds(5), "connection refused", probes);
        Assert.Equal(3, probes.Count);
        Assert.All(probes, probe => Assert.Equal((ping.Round, ping.Target), (probe.Round, probe.Target)));
        Assert.Equal(3, probes.Select(probe => probe.Helper).Distinct().Count());
        Assert.DoesNotContain(ping.Target, probes.Select(probe => probe.Helper!.Value));

        machine.ProbeAnswered(ping.Round, false, T0.AddMilliseconds(10));
        machine.ProbeAnswered(ping.Round, false, T0.AddMilliseconds(11));
        Assert.Equal(MemberState.Alive, machine.View.Find(ping.Target)!.State);
        machine.ProbeAnswered(ping.Round, false, T0.AddMilliseconds(12));
        Assert.Equal(MemberState.Suspect, machine.View.Find(ping.Target)!.State);
        Assert.True(machine.View.Find(ping.Target)!.IsLiving);
    }

    [Fact]
    public void One_helper_that_reaches_the_target_clears_it()
    {
        SwimMachine machine = Machine(0);
        for (int i = 1; i <= 5; i++)
            machine.Merge(Told(new GossipEntry(TestKeys.Record(i), MemberState.Alive, 0)), T0);
        var actions = new List<SwimAction>();
        machine.Advance(T0, actions);
        machine.PingFailed(actions[0].Round, T0, "refused", []);
        machine.ProbeAnswered(actions[0].Round, true, T0.AddMilliseconds(10));
        machine.ProbeAnswered(actions[0].Round, false, T0.AddMilliseconds(11)); // late: the round is over
        machine.ProbeAnswered(actions[0].Round, false, T0.AddMilliseconds(12));
        Assert.Equal(MemberState.Alive, machine.View.Find(actions[0].Target)!.State);
    }

    [Fact]
    public void A_view_is_the_same_object_until_something_changes()
    {
        SwimMachine machine = Machine(0);
        ClusterView first = machine.View;
        machine.Merge(Told(new GossipEntry(machine.Self, MemberState.Alive, 0)), T0);
        Assert.Same(first, machine.View);
        machine.Merge(Told(new GossipEntry(TestKeys.Record(1), MemberState.Alive, 0)), T0);
        Assert.NotSame(first, machine.View);
        Assert.True(machine.View.Version > first.Version);
    }

    [Fact]
    public void A_large_table_is_told_in_parts_that_fit_and_reach_everybody_in_time()
    {
        SwimMachine machine = Machine(0);
        for (int i = 1; i <= 150; i++)
            machine.Merge(Told(new GossipEntry(TestKeys.Record(i), MemberState.Alive, 0)), T0);
        GossipMessage told = machine.Tell(T0);
        Assert.Equal(SwimMachine.FullTableMembers, told.Entries.Count);
        Assert.Equal(machine.Self.Id, told.Entries[0].Record.Id);
        Assert.Contains(told.Entries, entry => entry.Record.Id == TestKeys.Record(150).Id); // what changed last
        var seen = new HashSet<NodeId>();
        for (int i = 0; i < 40; i++)
            seen.UnionWith(machine.Tell(T0).Entries.Select(entry => entry.Record.Id));
        Assert.Equal(151, seen.Count);
        Assert.True(told.Encode().Length <= GossipMessage.MaxLength);
    }

    [Fact]
    public void Members_over_the_limit_are_refused()
    {
        SwimMachine machine = Machine(0, new MembershipOptions { MaxMembers = 3 });
        for (int i = 1; i <= 5; i++)
            machine.Merge(Told(new GossipEntry(TestKeys.Record(i), MemberState.Alive, 0)), T0);
        Assert.Equal(4, machine.View.Members.Count);
    }

    [Fact]
    public void An_invitation_is_spent_once_by_one_subject_and_the_news_travels()
    {
        SwimMachine first = Machine(0), second = Machine(1);
        NodeId guest = TestKeys.Record(7).Id, thief = TestKeys.Record(8).Id;
        var spent = new SpentInvitation(42, T0.AddMinutes(10), guest);
        Assert.True(first.TrySpend(spent, T0));
        Assert.True(first.TrySpend(spent, T0)); // its answer was lost
        Assert.False(first.TrySpend(spent with { Subject = thief }, T0));

        second.Merge(GossipMessage.Decode(first.Tell(T0).Encode()), T0);
        Assert.False(second.TrySpend(spent with { Subject = thief }, T0));

        first.Advance(T0.AddMinutes(11), []);
        Assert.Empty(first.Tell(T0.AddMinutes(11)).Spent); // it could not be used any more anyway
    }

    [Fact]
    public void What_is_remembered_restores_the_table()
    {
        SwimMachine machine = Machine(0);
        machine.Merge(Told(
            new GossipEntry(TestKeys.Record(1), MemberState.Alive, 0),
            new GossipEntry(TestKeys.Record(2), MemberState.Suspect, 0),
            new GossipEntry(TestKeys.Record(3), MemberState.Dead, 5000)), T0);
        machine.TrySpend(new SpentInvitation(9, T0.AddHours(1), TestKeys.Record(4).Id), T0);
        MemberFile file = MemberFile.Decode(new MemberFile(machine.Remembered(T0), T0).Encode());

        SwimMachine restarted = Machine(0);
        DateTimeOffset later = T0.AddSeconds(30);
        restarted.Restore(file.Table, file.Written, later);
        Assert.Equal(2, restarted.Self.Incarnation);
        Assert.Equal(MemberState.Alive, restarted.View.Find(TestKeys.Record(1).Id)!.State);
        Assert.Equal(MemberState.Alive, restarted.View.Find(TestKeys.Record(2).Id)!.State); // asked again rather than condemned
        Member dead = restarted.View.Find(TestKeys.Record(3).Id)!;
        Assert.Equal((MemberState.Dead, T0.AddSeconds(-5)), (dead.State, dead.Since));
        Assert.False(restarted.TrySpend(new SpentInvitation(9, T0.AddHours(1), TestKeys.Record(5).Id), later));
    }

    [Fact]
    public void A_stall_of_its_own_moves_the_deadlines()
    {
        SwimMachine machine = Machine(0);
        machine.Merge(Told(new GossipEntry(TestKeys.Record(1), MemberState.Alive, 0)), T0);
        var actions = new List<SwimAction>();
        machine.Advance(T0, actions);
        Assert.Single(actions);
        machine.Advance(T0.AddSeconds(60), []); // the ping's second passed while this process slept
        Assert.Equal(MemberState.Alive, machine.View.Find(TestKeys.Record(1).Id)!.State);
        machine.Advance(T0.AddSeconds(61), []);
        Assert.Equal(MemberState.Suspect, machine.View.Find(TestKeys.Record(1).Id)!.State); // but it is not forgiven for ever
    }

    [Fact]
    public void States_are_frozen() =>
        Assert.Equal("Alive=1 Suspect=2 Dead=3", string.Join(' ', Enum.GetValues<MemberState>().Select(state => $"{state}={(int)state}")));

    private static SwimMachine Machine(int number, MembershipOptions? options = null)
    {
        Identity identity = TestKeys.Identity(number);
        Certificate certificate = TestKeys.Certificate(identity);
        NodeRecord Sign(long incarnation) => Record(identity, certificate, incarnation);
        return new SwimMachine(
            options ?? new MembershipOptions(), Sign(1), Sign,
            static (record, time) => RecordRules.Refusal(record, TestKeys.ClusterKey, time), new SeededRandomSource(1), T0);
    }

    private static NodeRecord Record(Identity identity, Certificate certificate, long incarnation = 1) =>
        NodeRecord.Create(identity, certificate, "10.1.1.1:4000", "domain", 1, incarnation, "0.1.0");

    private static NodeRecord Tampered(NodeRecord record)
    {
        byte[] encoded = record.Encoded.ToArray();
        int at = encoded.AsSpan().IndexOf("domain-"u8);
        encoded[at] = (byte)'D';
        return NodeRecord.Decode(encoded);
    }

    private static GossipMessage Told(params GossipEntry[] entries)
    {
        var message = new GossipMessage();
        message.Entries.AddRange(entries);
        return message;
    }
}
