using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;
using Megatorrent.Network.Health;
using Megatorrent.Network.Memory;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Client.Tests;

/// <summary>A node stalls or is slow; reads go on without it. Times are virtual.</summary>
public sealed class SlowNodeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_stalled_node_stalls_no_read(int stalled) => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(6, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        byte[] bytes = Noise(40_000_000);
        PutResult put = await client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        cluster.Nodes[stalled].Hold = Forever;

        Task<GetResult> getting = client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions()).AsTask();
        TimeSpan took = await world.RunAsync(getting);
        GetResult get = await getting;
        Assert.Equal(bytes, File.ReadAllBytes(_folder.At("copy"))); // not async: that would leave the pump
        Assert.True(took < TimeSpan.FromSeconds(10), $"{took.TotalSeconds} s of {SlowWorld.RequestTimeoutMs / 1000}, {get}");
        Assert.Equal(0, get.BadBlobs); // late is not wrong
        Assert.True(get.BlobsRebuilt + get.BlobsOvertaken > 0, get.ToString()); // by who did not answer at all, or not in time
    });

    [Fact]
    public void A_blob_that_is_late_is_rebuilt_from_parity_and_counted() => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(6, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        byte[] bytes = Noise(4_000_000);
        PutResult put = await client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        StoredObject stored = await client.OpenAsync(put.Capability);
        int hedges = 0;
        foreach (PeerNode victim in cluster.Nodes)
        {
            var located = new TaskCompletionSource();
            foreach (PeerNode node in cluster.Nodes)
                node.Hold = _ => located.Task;
            await using ObjectDownload download = stored.Download(0, bytes.Length);
            var copy = new byte[bytes.Length];
            Task reading = FillAsync(download, copy);
            await pump.IdleAsync();
            foreach (PeerNode node in cluster.Nodes)
                node.Hold = null;
            victim.Hold = Forever; // it has said what it holds, and gives none of it
            located.SetResult();
            TimeSpan took = await world.RunAsync(reading);
            Assert.Equal(bytes, copy);
            Assert.True(took <= HedgePolicy.UnknownDelay, $"{took.TotalMilliseconds} ms");
            hedges += download.Hedges;
        }
        Assert.Equal(4, hedges); // one for each node that holds a data blob of the one stripe, none for parity
    });

    [Fact]
    public void Another_copy_is_asked_for_where_there_is_one() => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(3, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        var put = await client.PutAsync(new MemoryStream(Noise(1000)), "file", new PutOptions { Scheme = new Scheme(1, 2) });
        int reads = 0, hedges = 0;
        foreach (PeerNode victim in cluster.Nodes)
        {
            victim.Hold = Forever;
            victim.HoldsWants = false;
            Task<GetResult> getting = client.GetAsync(put.Capability, _folder.At($"copy{reads++}"), new GetOptions()).AsTask();
            TimeSpan took = await world.RunAsync(getting);
            victim.Hold = null;
            hedges += (await getting).Hedges;
            Assert.True(took < TimeSpan.FromSeconds(5), $"{took.TotalSeconds} s");
        }
        Assert.True(hedges > 0); // the first of each stripe's copies stalled once
    });

    [Fact]
    public void A_breaker_opens_on_a_node_that_is_overtaken_again_and_again() => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(6, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        PutResult put = await client.PutAsync(new MemoryStream(Noise(60_000_000)), "file", new PutOptions());
        await world.PassAsync(TimeSpan.FromMilliseconds(new HealthOptions().WindowMs)); // what the put asked it counts no more
        cluster.Nodes[4].Hold = Forever;
        for (int i = 0; i < 6; i++)
            await world.RunAsync(client.CatAsync(put.Capability, Stream.Null).AsTask());
        int asked = cluster.Nodes[4].Gets;
        TimeSpan took = await world.RunAsync(client.CatAsync(put.Capability, Stream.Null).AsTask());
        Assert.True(took < TimeSpan.FromSeconds(2), $"{took.TotalSeconds} s with an open breaker");
        Assert.InRange(cluster.Nodes[4].Gets - asked, 0, 1); // a probe at most

        cluster.Nodes[4].Hold = null; // it is back: a probe finds out
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await pump.IdleAsync();
        for (int i = 0; i < 3; i++)
            await world.RunAsync(client.CatAsync(put.Capability, Stream.Null).AsTask());
        Assert.True(cluster.Nodes[4].Gets > asked + 8, $"{cluster.Nodes[4].Gets} gets, {asked} before");
    });

    [Fact]
    public void A_healthy_cluster_is_not_hedged() => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(6, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        byte[] bytes = Noise(20_000_000);
        PutResult put = await client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        int gets = cluster.Nodes.Sum(node => node.Gets);
        GetResult get = await client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions());
        Assert.Equal((0, 0, 0), (get.Hedges, get.BlobsOvertaken, get.BlobsRebuilt));
        Assert.Equal(20 + 1, cluster.Nodes.Sum(node => node.Gets) - gets); // chunks of 1 MiB, and the manifest
    });

    [Fact]
    public void A_lost_blob_is_replaced_at_once_and_counts_as_lost() => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(6, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        byte[] bytes = Noise(20_000_000);
        PutResult put = await client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        cluster.Nodes[1].Blobs.Clear();
        cluster.Nodes[1].ClaimsEverything = true;
        Task<GetResult> getting = client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions()).AsTask();
        Assert.Equal(TimeSpan.Zero, await world.RunAsync(getting));
        GetResult get = await getting;
        Assert.True(get is { Hedges: 0, BlobsOvertaken: 0, BlobsRebuilt: > 0 }, get.ToString());
    });

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void A_read_waits_for_nodes_that_restart_however_often_they_did_not_answer(int seconds) => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(6, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync(shortagePatienceMs: 8_000);
        byte[] bytes = Noise(4_000_000);
        PutResult put = await client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        int[] down = [0, 2, 5];
        foreach (int node in down)
            await cluster.StopAsync(node);
        using var got = new MemoryStream();
        Task reading = client.CatAsync(put.Capability, got).AsTask();
        await world.PassAsync(TimeSpan.FromSeconds(seconds));
        Assert.False(reading.IsCompleted);
        await cluster.RestartAsync(2);
        TimeSpan took = await world.RunAsync(reading);
        Assert.Equal(bytes, got.ToArray());
        Assert.True(took <= TimeSpan.FromSeconds(1), $"{took.TotalSeconds} s after the restart");
    });

    [Fact]
    public void A_read_gives_up_when_nobody_returns_and_at_once_when_all_have_answered() => Pump.Run(async pump =>
    {
        var world = new SlowWorld(pump);
        await using PeerCluster cluster = await PeerCluster.StartAsync(6, world: world);
        await using MegatorrentClient client = await cluster.ConnectAsync(shortagePatienceMs: 8_000);
        PutResult put = await client.PutAsync(new MemoryStream(Noise(4_000_000)), "file", new PutOptions());
        foreach (int node in (int[])[0, 2, 5])
            await cluster.StopAsync(node);
        Task reading = client.CatAsync(put.Capability, Stream.Null).AsTask();
        long begun = world.Time.GetTimestamp();
        MegatorrentException failure = await Assert.ThrowsAsync<MegatorrentException>(() => world.RunAsync(reading));
        Assert.Equal(ErrorKind.NotEnoughBlobs, failure.Kind);
        Assert.InRange(world.Time.GetElapsedTime(begun).TotalSeconds, 7, 8);

        foreach (int node in (int[])[0, 2, 5])
        {
            await cluster.RestartAsync(node);
            cluster.Nodes[node].Blobs.Clear();
        }
        begun = world.Time.GetTimestamp();
        failure = await Assert.ThrowsAsync<MegatorrentException>(() => world.RunAsync(client.CatAsync(put.Capability, Stream.Null).AsTask()));
        Assert.Equal(ErrorKind.NotEnoughBlobs, failure.Kind);
        Assert.Equal(TimeSpan.Zero, world.Time.GetElapsedTime(begun));
    });

    [Fact]
    public void The_budget_is_a_share_of_the_requests_and_a_stalled_read_may_go_past_it()
    {
        var budget = new HedgeBudget();
        int taken = 0;
        while (budget.TryTake(1, stalled: false, out int past))
        {
            Assert.Equal(0, past);
            taken++;
        }
        Assert.Equal((int)HedgeBudget.MaxSaved, taken);
        for (int i = 0; i < 1000; i++)
            budget.Earn();
        for (taken = 0; budget.TryTake(1, stalled: false, out _); taken++)
        {
        }
        Assert.InRange(taken, (int)HedgeBudget.MaxSaved - 1, (int)HedgeBudget.MaxSaved); // no more is saved up
        for (int i = 0; i < 100; i++)
            budget.Earn();
        for (taken = 0; budget.TryTake(1, stalled: false, out _); taken++)
        {
        }
        Assert.InRange(taken, 4, 5);

        Assert.True(budget.TryTake(HedgeBudget.MaxPastBudget, stalled: true, out int beyond));
        Assert.False(budget.TryTake(1, stalled: true, out _));
        budget.Return(beyond);
        Assert.True(budget.TryTake(50, stalled: true, out beyond)); // one stripe, however wide
        Assert.Equal(50, beyond);
    }

    [Fact]
    public void The_delay_is_the_nodes_own_percentile_within_bounds()
    {
        using Identity identity = Identity.Generate(SystemRandomSource.Instance);
        var session = new SessionOptions { Identity = identity, ClusterKey = new byte[32], Time = new ManualTime() };
        var pool = new ConnectionPool(new MemoryTransport(), session);
        PeerHealth Health(double ms)
        {
            PeerHealth health = pool.HealthOf($"node:{ms}");
            for (int i = 0; i < HedgePolicy.LeastMeasurements && ms > 0; i++)
                health.Overtaken(TimeSpan.FromMilliseconds(ms), isGet: true);
            return health;
        }

        Assert.Equal(HedgePolicy.UnknownDelay, HedgePolicy.ForGet(Health(0), 1000));
        Assert.Equal(HedgePolicy.LeastDelay, HedgePolicy.ForGet(Health(1), 1000));
        Assert.InRange(HedgePolicy.ForGet(Health(300), 1000).TotalMilliseconds, 300, 360);
        Assert.Equal(HedgePolicy.MaxDelay, HedgePolicy.ForGet(Health(60_000), 1000));
    }

    private static Task Forever(CancellationToken cancellationToken) => new TaskCompletionSource().Task.WaitAsync(cancellationToken);

    private static async Task FillAsync(ObjectDownload download, Memory<byte> destination)
    {
        while (!destination.IsEmpty)
            destination = destination[await download.ReadAsync(destination)..];
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new SeededRandomSource((ulong)length).Fill(bytes);
        return bytes;
    }
}
