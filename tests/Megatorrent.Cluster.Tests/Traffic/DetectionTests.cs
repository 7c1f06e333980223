using System.Globalization;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Xunit.Abstractions;

namespace Megatorrent.Cluster.Tests.Traffic;

/// <summary>
/// Detection and false-positive rates on labelled synthetic traffic. The table that this prints is in docs/guide/traffic.md, with the
/// command.
/// </summary>
public class DetectionTests(ITestOutputHelper output)
{
    private const int Seeds = 10;
    private const int WarmUp = 180; // intervals: half an hour
    private const int Limit = 720; // two hours
    private const int Node = 1;
    private const int Client = TrafficWorld.Nodes + 1;

    public static TheoryData<string> Attacks => [.. All.Keys];

    // The attacker keeps up its usual traffic as well.
    private static readonly Dictionary<string, (int Peer, Feature Feature, Action<TrafficWorld> Attack)> All = new()
    {
        ["flooding with questions, client"] = (Client, Feature.Questions,
            world => world.Many(Client, 400, static (world, peer) => world.Request(peer, MessageType.Want))),
        ["flooding with gets of a few blobs, node"] = (Node, Feature.Repeats,
            world => world.Many(Node, 200, static (world, peer) => world.Request(peer, MessageType.Get, id: world.HotId(peer, 20), bytes: 1 << 20))),
        ["flooding with questions, node"] = (Node, Feature.Questions,
            world => world.Many(Node, 400, static (world, peer) => world.Request(peer, MessageType.Find))),
        ["looking for what is not here, client"] = (Client, Feature.NotFounds,
            world => world.Many(Client, 20, static (world, peer) => world.Request(peer, MessageType.Get, RequestOutcome.NotFound, world.NewId()))),
        ["one part of the ids, client"] = (Client, Feature.Prefixes,
            world => world.Many(Client, 60, static (world, peer) => world.Request(peer, MessageType.Get, id: world.NewId(prefix: 7), bytes: 4096))),
        ["requests it has no right to, client"] = (Client, Feature.Refusals,
            world => world.Many(Client, 10, static (world, peer) => world.Request(peer, MessageType.Store, RequestOutcome.Refused))),
        ["selective withholding, 1 in 5"] = (Node, Feature.Withheld, world => world.Evidence(Node, 0.3, PeerEvidence.Withheld, 0.2)),
        ["bad data served, 1 %"] = (Node, Feature.WrongBlobs, world => world.Evidence(Node, 1, PeerEvidence.Wrong, 0.01)),
        ["bad data stored, 1 %"] = (Client, Feature.BadStores,
            world => world.Many(Client, 2, static (world, peer) => world.Request(
                peer, MessageType.Store, world.Chance(0.01) ? RequestOutcome.BadData : RequestOutcome.Answered, bytes: 1 << 20))),
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void An_attack_is_detected(string name)
    {
        var (peer, feature, attack) = All[name];
        var times = new List<double>();
        int others = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            var world = new TrafficWorld(seed);
            for (int i = 0; i < WarmUp; i++)
                world.Step();
            Assert.True(world.Flags.Count == 0, $"seed {seed}: {string.Join("; ", world.Flags)}");
            TimeSpan begun = world.Elapsed;
            for (int i = 0; i < Limit && !world.Monitor.IsFlagged(world.IdOf(peer)); i++)
                world.Step(attack);
            others += world.Flags.Count(flag => flag.Suspicion.Peer != world.IdOf(peer));
            if (world.Monitor.IsFlagged(world.IdOf(peer)))
            {
                Assert.Equal(feature, world.Monitor.Current.First(suspicion => suspicion.Peer == world.IdOf(peer)).Feature);
                times.Add((world.Elapsed - begun).TotalSeconds);
            }
        }
        times.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Suspicion.NameOf(feature)} | {times.Count} of {Seeds} | {Text(0.5)} | {Text(0.9)} | {others} |"));
        Assert.True(times.Count >= Seeds * 9 / 10, $"{name}: {times.Count} of {Seeds} (seeds 1 to {Seeds})");
        Assert.Equal(0, others);

        string Text(double share) => times.Count == 0 ? "-" : times[(int)(share * (times.Count - 1))].ToString("0 s", CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Honest_peers_are_left_alone()
    {
        int flags = 0;
        double days = 0;
        const int seeds = 3, intervals = 8640;
        for (int seed = 101; seed < 101 + seeds; seed++)
        {
            var world = new TrafficWorld(seed);
            for (int i = 0; i < intervals; i++)
                world.Step();
            flags += world.Flags.Count;
            days += (TrafficWorld.Nodes + TrafficWorld.Clients) * world.Elapsed.TotalDays;
            foreach (var (suspicion, at) in world.Flags)
                output.WriteLine($"seed {seed}: {suspicion.Reason} at {at}");
            Assert.True(world.Counted.Passed > 1_000_000, $"seed {seed}: {world.Counted}");
        }
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| honest | - | {flags} flags in {days:0} peer-days | {flags / days:0.000} a peer-day | | |"));
        Assert.True(flags / days <= 0.1, $"{flags} flags in {days} peer-days (seeds 101 to {100 + seeds})");
    }

    [Fact]
    public void A_node_that_repairs_at_full_rate_from_its_first_minute_is_not_flagged()
    {
        for (int seed = 201; seed <= 205; seed++)
        {
            var world = new TrafficWorld(seed);
            for (int peer = 0; peer < TrafficWorld.Nodes; peer++)
                world.Burst(peer, 720);
            for (int i = 0; i < 720; i++)
                world.Step();
            Assert.True(world.Flags.Count == 0, $"seed {seed}: {string.Join("; ", world.Flags)}");
            Assert.Equal(0, world.Counted.Throttled);
        }
    }

    [Fact]
    public void Sybils_that_join_from_one_host_are_slowed_and_others_are_not()
    {
        var world = new TrafficWorld(1);
        JoinSources joins = world.Monitor.Joins;
        int admitted = 0, told = 0;
        for (int i = 0; i < 600; i++) // ten minutes, one a second
        {
            var sybil = new NodeId(world.NewId().ToArray());
            told += joins.Connected($"10.0.0.66:{5000 + i}", sybil) is null ? 0 : 1;
            admitted += joins.TryJoin(sybil) ? 1 : 0;
            if (i % 60 == 30) // an honest one from elsewhere each minute
            {
                var honest = new NodeId(world.NewId().ToArray());
                Assert.Null(joins.Connected($"10.0.{i}.1:7000", honest));
                Assert.True(joins.TryJoin(honest));
            }
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }
        output.WriteLine($"| Sybil joins, 1 a second | joins | slowed after 30 s | {admitted} of 600 joined | | 0 |");
        Assert.Equal(1, told);
        Assert.InRange(admitted, 30, 30 + 2 + 120);

        // After a minute of quiet the host is like any other.
        world.Time.Advance(TimeSpan.FromMinutes(2));
        var late = new NodeId(world.NewId().ToArray());
        joins.Connected("10.0.0.66:9999", late);
        Assert.True(joins.TryJoin(late));
        Assert.Equal(0, joins.Slowed);
    }
}
