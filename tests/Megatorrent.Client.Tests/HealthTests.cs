using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Memory;

namespace Megatorrent.Client.Tests;

/// <summary>The health of objects on real nodes.</summary>
public sealed class HealthTests : IAsyncDisposable
{
    private const int Nodes = 6;

    private readonly TempFolder _folder = new();
    private readonly SigningKey _key = SigningKey.FromSeed([1, .. new byte[31]]);
    private readonly MemoryTransport _transport = new();
    private readonly NodeServer?[] _nodes = new NodeServer?[Nodes];
    private readonly DateTimeOffset _begin = TimeProvider.System.GetUtcNow().AddMinutes(-1);

    [Fact]
    public async Task It_is_green_on_evidence_alone()
    {
        await StartAsync();
        await using MegatorrentClient client = await ConnectAsync();
        byte[] content = new byte[3_000_000];
        new SeededRandomSource(1).Fill(content);
        PutResult put = await client.PutAsync(new MemoryStream(content), "file", new PutOptions { Scheme = new Scheme(4, 2) });
        Capability capability = put.Capability;

        HealthReport report = await client.HealthAsync(capability, TimeSpan.FromDays(8));
        Assert.Equal((HealthState.Healthy, report.Stripes, 0), (report.State, report.ByState[HealthState.Healthy], report.Silent));
        Assert.Equal((report.Blobs, report.Blobs), (report.FreshBlobs, report.HeldBlobs));
        Assert.InRange(report.OldestMs!.Value, 0, 120_000);
        Assert.Empty(report.Worst);

        // The same evidence is too old for somebody who asks for more.
        report = await client.HealthAsync(capability, TimeSpan.Zero);
        Assert.Equal((HealthState.Unknown, 0), (report.State, report.ByState[HealthState.Healthy]));
        Assert.Equal(report.Stripes, report.Worst.Count);

        // A node that forgot when it checked does not know, until it has checked.
        await StopAsync(2);
        File.Delete(Path.Combine(FolderOf(2), "scrub"));
        await StartAsync(2);
        await client.RefreshAsync();
        await UntilAsync(async () => (await client.HealthAsync(capability, TimeSpan.FromDays(8))).HeldBlobs == report.Blobs);
        report = await client.HealthAsync(capability, TimeSpan.FromDays(8));
        Assert.Equal((HealthState.Unknown, (long?)null), (report.State, report.OldestMs));
        await _nodes[2]!.ScrubAsync(0, CancellationToken.None);
        Assert.Equal(HealthState.Healthy, (await client.HealthAsync(capability, TimeSpan.FromDays(8))).State);

        await StopAsync(3);
        report = await client.HealthAsync(capability, TimeSpan.FromDays(8));
        Assert.Equal(HealthState.Degraded, report.State);
        Assert.True(report.HeldBlobs < report.Blobs);
        await StopAsync(4);
        await StopAsync(5);
        Assert.Equal(HealthState.Unreadable, (await client.HealthAsync(capability, TimeSpan.FromDays(8))).State);
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < Nodes; i++)
            await StopAsync(i);
        _key.Dispose();
        _folder.Dispose();
    }

    private string FolderOf(int number) => Path.Combine(_folder.Path, $"node-{number}");

    private async Task StartAsync()
    {
        for (int i = 0; i < Nodes; i++)
            await StartAsync(i);
        await UntilAsync(() => Task.FromResult(_nodes.All(static node => node!.Membership.View.Living.Count == Nodes)));
    }

    private async Task StartAsync(int number)
    {
        Identity identity = Identity.FromSeed([2, (byte)number, .. new byte[30]]);
        _nodes[number] = await NodeServer.StartAsync(
            new NodeOptions
            {
                DataDirectory = FolderOf(number),
                Listen = $"node:{1000 + number}",
                Join = number == 0 ? [] : ["node:1000"],
                Identity = identity,
                Certificate = Certificate.IssueByCluster(_key, identity.PublicKey, Role.Node, _begin, _begin.AddHours(1)),
                ClusterKey = _key.PublicKey.ToArray(),
                Transport = _transport,
                Membership = new MembershipOptions { PeriodMs = 50 },
                ScrubPeriodMs = 0,
            },
            CancellationToken.None);
    }

    private async Task StopAsync(int number)
    {
        if (_nodes[number] is { } node)
            await node.DisposeAsync();
        _nodes[number] = null;
    }

    private ValueTask<MegatorrentClient> ConnectAsync()
    {
        using Identity identity = Identity.FromSeed([3, .. new byte[31]]);
        Certificate certificate = Certificate.IssueByCluster(_key, identity.PublicKey, Role.Writer, _begin, _begin.AddHours(1));
        return MegatorrentClient.ConnectAsync(
            new ClientOptions { Credential = new Credential(identity, certificate, new byte[32], ["node:1000"]), Transport = _transport });
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
                Assert.Fail("Not within 60 s.");
            try
            {
                await Task.WhenAny(new TaskCompletionSource().Task).WaitAsync(TimeSpan.FromMilliseconds(20));
            }
            catch (TimeoutException)
            {
                // Look again: gossip that reaches a node tells nobody here.
            }
        }
    }
}
