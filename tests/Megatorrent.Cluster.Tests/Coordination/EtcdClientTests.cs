using System.Security.Cryptography.X509Certificates;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Coordination.Etcd;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Tests.Coordination;

/// <summary>The client against real etcd servers: three members, of which one dies; and every way of not getting in.</summary>
public class EtcdClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task One_of_three_members_may_die_under_a_cluster()
    {
        await using EtcdServers etcd = await EtcdServers.StartAsync(3);
        await using TestCluster cluster = new() { Configure = options => options with { Etcd = etcd.Options } };
        await cluster.StartAsync(3);
        await cluster.UntilAsync(() => cluster.Running.All(node => node.Coordinator.IsReachable), "etcd answers all");
        await cluster.ChangeAsync(0, new LayoutNode(cluster[0].Id, NodeMode.Active) { Weight = 2 });
        await etcd.KillAsync(0); // the one that every node asks first, and watches at
        await cluster.UntilAsync(() => cluster.Running.All(node => node.Coordinator.IsReachable), "the two others answer all");
        await cluster.ChangeAsync(1, new LayoutNode(cluster[0].Id, NodeMode.Active) { Weight = 3 });
        await etcd.KillAsync(1);
        MegatorrentException failure = await Assert.ThrowsAsync<MegatorrentException>(async () =>
            await cluster[0].Coordinator.TryProposeAsync(TestLayouts.Next(cluster[0].Coordinator.Layout), CancellationToken.None));
        Assert.Equal(ErrorKind.Unreachable, failure.Kind); // one of three is no majority
        etcd.Start(0);
        etcd.Start(1);
        await cluster.UntilAsync(() => cluster.Running.All(node => node.Coordinator.IsReachable), "a majority answers again");
        await cluster.ChangeAsync(2, new LayoutNode(cluster[0].Id, NodeMode.Active) { Weight = 4 });
        Assert.All(cluster.Running, node => Assert.Equal(3, node.Coordinator.Layout!.Layout.Epoch));
    }

    [Fact]
    public async Task Compare_and_swap_leases_watches_and_refusals()
    {
        await using EtcdServers etcd = await EtcdServers.StartAsync();
        using var client = new EtcdClient(etcd.Options, TimeProvider.System, new SeededRandomSource(1));
        CancellationToken none = CancellationToken.None;
        const string key = "/megatorrent/t/key";

        Assert.Null(await client.GetAsync(key, none));
        Assert.Equal((true, null), await client.PutIfAsync(key, [1], 0, 0, none));
        EtcdEntry first = (await client.GetAsync(key, none))!;
        Assert.Equal([1], first.Value);
        (bool done, EtcdEntry? found) = await client.PutIfAsync(key, [2], 0, 0, none);
        Assert.False(done);
        Assert.Equal(first.ModRevision, found!.ModRevision);
        Assert.True((await client.PutIfAsync(key, [1], 0, 0, none)).Done); // the same again: the answer of the first may have been lost
        Assert.True((await client.PutIfAsync(key, [3], first.ModRevision, 0, none)).Done);

        // A lease that ends takes its key along, and whoever watches hears of both.
        (List<EtcdEntry> entries, long revision) = await client.ListAsync("/megatorrent/t/", 10, none);
        Assert.Equal([3], Assert.Single(entries).Value);
        using var stop = new CancellationTokenSource(Patience);
        await using IAsyncEnumerator<EtcdEntry> watch = client.WatchAsync("/megatorrent/t/", revision + 1, stop.Token).GetAsyncEnumerator();
        ValueTask<bool> next = watch.MoveNextAsync();
        long lease = await client.GrantAsync(2, none);
        await client.PutAsync("/megatorrent/t/leased", [4], lease, none);
        Assert.True(await next);
        Assert.Equal(("/megatorrent/t/leased", lease, false), (watch.Current.Key, watch.Current.Lease, watch.Current.IsDeleted));
        Assert.True(await client.KeepAliveAsync(lease, none));
        Assert.True(await watch.MoveNextAsync()); // nobody renews it
        Assert.Equal(("/megatorrent/t/leased", true), (watch.Current.Key, watch.Current.IsDeleted));
        Assert.False(await client.KeepAliveAsync(lease, none));
        byte[] large = new byte[700_000];
        await client.PutAsync("/megatorrent/t/large", large, 0, none);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(large.Length, watch.Current.Value.Length);

        MegatorrentException forbidden = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await client.PutAsync("/others/key", [1], 0, none));
        Assert.Equal(ErrorKind.Unauthorized, forbidden.Kind);
        Assert.Contains("grant-permission", forbidden.Message, StringComparison.Ordinal);
        await RefusedAsync(etcd.Options with { Password = "wrong" }, "does not know this user and password");
        await RefusedAsync(etcd.Options with { User = null, Password = null }, "--etcd-user");
        await RefusedAsync(etcd.Options with { TrustedRoots = null }, "No secure connection");
        await RefusedAsync(etcd.Options with { TrustedRoots = new X509Certificate2Collection() }, "No secure connection");
        await RefusedAsync(
            etcd.Options with { Endpoints = [etcd.Endpoints[0].Replace("127.0.0.1", "localhost", StringComparison.Ordinal)] },
            "No secure connection"); // the certificate is for the address
    }

    [Fact]
    public void Options_that_cannot_work_are_refused()
    {
        foreach (string endpoint in new[] { "", "etcd:2379", "ftp://h:1", "https://h:1/v3" })
            Assert.Throws<MegatorrentException>(() => new EtcdOptions { Endpoints = [endpoint] }.Validate());
        Assert.Throws<MegatorrentException>(() => new EtcdOptions { Endpoints = [] }.Validate());
        Assert.Throws<MegatorrentException>(() => new EtcdOptions { Endpoints = ["http://h:1"], User = "u" }.Validate());
        new EtcdOptions { Endpoints = ["http://h:1"], User = "u", Password = "p" }.Validate();
        Assert.DoesNotContain(
            "secret", new EtcdOptions { Endpoints = ["http://h:1"], User = "u", Password = "secret" }.ToString(), StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(EtcdOptions options, string said)
    {
        using var client = new EtcdClient(options, TimeProvider.System, new SeededRandomSource(2));
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await client.GetAsync("/megatorrent/t/key", CancellationToken.None));
        Assert.Equal(ErrorKind.Unauthorized, refused.Kind);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }
}
