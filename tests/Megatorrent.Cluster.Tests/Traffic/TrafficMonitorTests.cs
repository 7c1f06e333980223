using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Tests.Traffic;

/// <summary>What happens to a flagged peer, and the parts that find it; docs/spec/reputation.md, "Traffic".</summary>
public class TrafficMonitorTests
{
    private readonly ManualTime _time = new();
    private readonly TrafficMonitor _monitor;
    private readonly PeerIdentity _client = PeerOf(1, Role.Writer);

    public TrafficMonitorTests() => _monitor = new TrafficMonitor(new TrafficOptions(), _time);

    [Fact]
    public void A_flagged_peer_is_slowed_with_a_reason_and_released_after_quiet()
    {
        var flagged = new List<Suspicion>();
        var released = new List<NodeId>();
        _monitor.Flagged += flagged.Add;
        _monitor.Released += released.Add;
        Flood();
        Suspicion suspicion = Assert.Single(flagged);
        Assert.Equal((_client.Id, Feature.Questions), (suspicion.Peer, suspicion.Feature));
        Assert.True(_monitor.IsFlagged(_client.Id));

        // 20 requests a second, 2 s of them at once, and as many waiting as come within 5 s.
        Assert.Equal((40, 100), Passed(1000));
        var refused = Assert.Throws<MegatorrentException>(() => _monitor.Admit(_client, MessageType.Get));
        Assert.Equal(ErrorKind.LimitExceeded, refused.Kind);
        Assert.Contains("questions", refused.Message);
        Assert.Contains("usual", refused.Message);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 20), Passed(1000));
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((20, 100), Passed(1000));
        foreach (MessageType type in (MessageType[])[MessageType.Ping, MessageType.Gossip, MessageType.Probe])
            Assert.Equal(TimeSpan.Zero, _monitor.Admit(_client, type)); // never slowed
        Assert.Equal(TimeSpan.Zero, _monitor.Admit(PeerOf(2, Role.Writer), MessageType.Get)); // nor anybody else

        Quiet(TimeSpan.FromMinutes(9));
        Assert.True(_monitor.IsFlagged(_client.Id));
        Quiet(TimeSpan.FromMinutes(2));
        Assert.False(_monitor.IsFlagged(_client.Id));
        Assert.Equal([_client.Id], released);
        Assert.Equal((1000, 0), Passed(1000));

        Flood(); // again: twice as long
        Quiet(TimeSpan.FromMinutes(15));
        Assert.True(_monitor.IsFlagged(_client.Id));
        Quiet(TimeSpan.FromMinutes(6));
        Assert.False(_monitor.IsFlagged(_client.Id));
    }

    [Fact]
    public void Only_nodes_are_flagged_for_getting_the_same_again()
    {
        foreach (Role role in (Role[])[Role.Reader, Role.Writer, Role.Admin, Role.Node])
        {
            PeerIdentity peer = PeerOf(10 + (int)role, role);
            for (int interval = 0; interval < 6; interval++)
            {
                for (int i = 0; i < 1000; i++)
                {
                    PeerTraffic traffic = _monitor.Watch(peer, MessageType.Get)!;
                    traffic.Asked(Blob);
                    traffic.End(MessageType.Get, 100, RequestOutcome.Answered);
                }
                _time.Advance(TimeSpan.FromSeconds(10));
                _monitor.Close();
            }
            Assert.Equal(role == Role.Node, _monitor.IsFlagged(peer.Id));
        }
    }

    [Fact]
    public void Wrong_blobs_flag_and_are_forgotten_in_time()
    {
        NodeId node = PeerOf(3, Role.Node).Id;
        for (int i = 0; i < 3; i++)
            _monitor.Observed(node, PeerEvidence.Wrong);
        _monitor.Close();
        Assert.Equal(Feature.WrongBlobs, Assert.Single(_monitor.Current).Feature);
        Quiet(TimeSpan.FromHours(8));
        Assert.Empty(_monitor.Current);
    }

    [Fact]
    public void One_wrong_blob_in_a_long_life_flags_nobody()
    {
        NodeId node = PeerOf(3, Role.Node).Id;
        for (int i = 0; i < 100_000; i++)
            _monitor.Observed(node, i % 20_000 == 0 ? PeerEvidence.Wrong : PeerEvidence.Correct);
        _monitor.Close();
        Assert.Empty(_monitor.Current);
    }

    [Fact]
    public void Peers_are_bounded_and_flagged_ones_stay()
    {
        Flood();
        for (int i = 10; i < TrafficMonitor.MaxPeers + 20; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _monitor.Observed(new NodeId(TestKeys.Stripe(i).ToArray()), PeerEvidence.Correct);
        }
        Assert.Equal(TrafficMonitor.MaxPeers, _monitor.PeerCount);
        Assert.True(_monitor.IsFlagged(_client.Id));
    }

    [Fact]
    public void Watching_a_request_allocates_nothing()
    {
        _monitor.Watch(_client, MessageType.Get);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _monitor.Admit(_client, MessageType.Get);
            PeerTraffic traffic = _monitor.Watch(_client, MessageType.Get)!;
            traffic.Asked(_client.Id.GetHashCode() == 0 ? default : Blob);
            traffic.End(MessageType.Get, 100, RequestOutcome.Answered);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public void A_baseline_follows_slowly_and_is_not_taught_by_an_attack()
    {
        var baseline = new Baseline();
        for (int i = 0; i < 200; i++)
            baseline.Add(10 + (i % 3), 11, 0.1, learn: true);
        Assert.InRange(baseline.Mean, 10.5, 11.5);
        double first = baseline.Add(100, 0, 0.1, learn: true);
        Assert.True(first > 50, $"{first}");
        for (int i = 0; i < 10; i++)
            baseline.Add(100, 0, 0.1, learn: true);
        Assert.InRange(baseline.Mean, 11, 14);
        double mean = baseline.Mean;
        for (int i = 0; i < 100; i++)
            baseline.Add(100, 0, 0.1, learn: false);
        Assert.Equal(mean, baseline.Mean);
    }

    [Fact]
    public void A_slow_drift_adds_up_and_one_outlier_does_not()
    {
        var random = new SeededRandomSource(1);
        var baseline = new Baseline();
        for (int i = 0; i < 500; i++)
            baseline.Add(random.NextDouble(), 0.5, 0.1, learn: true);
        Assert.True(baseline.Drift < PeerTraffic.DriftAlarm / 4, $"{baseline.Drift}");
        baseline.Add(1000, 0.5, 0.1, learn: true);
        Assert.True(baseline.Drift < PeerTraffic.DriftAlarm / 4, $"{baseline.Drift}");
        int intervals = 0;
        for (; intervals < 200 && baseline.Drift < PeerTraffic.DriftAlarm; intervals++)
            baseline.Add(2 + random.NextDouble(), 0.5, 0.1, learn: true); // never six sigmas off for long
        Assert.InRange(intervals, 5, 100);
    }

    private static readonly Core.Hashing.BlobId Blob = TestKeys.Stripe(7);

    private static PeerIdentity PeerOf(int number, Role role)
    {
        using Identity identity = TestKeys.Identity(number, "monitor");
        return new PeerIdentity(identity.PublicKey.ToArray(), TestKeys.Certificate(identity, role));
    }

    private void Flood()
    {
        for (int interval = 0; interval < 3 && !_monitor.IsFlagged(_client.Id); interval++)
        {
            for (int i = 0; i < 4000; i++)
                _monitor.Watch(_client, MessageType.Want)?.End(MessageType.Want, 0, RequestOutcome.Answered);
            _time.Advance(TimeSpan.FromSeconds(10));
            _monitor.Close();
        }
    }

    private void Quiet(TimeSpan span)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromSeconds(10))
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            _monitor.Close();
        }
    }

    private (int AtOnce, int Later) Passed(int requests)
    {
        int atOnce = 0, later = 0;
        for (int i = 0; i < requests; i++)
        {
            try
            {
                if (_monitor.Admit(_client, MessageType.Get) == TimeSpan.Zero)
                    atOnce++;
                else
                    later++;
            }
            catch (MegatorrentException)
            {
                // Turned away.
            }
        }
        return (atOnce, later);
    }
}
