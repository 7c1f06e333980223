using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Byzantine;

/// <summary>Six honest nodes and one that is not, full of stripes, and whether the honest ones have lost anything.</summary>
internal sealed class Victims : IAsyncDisposable
{
    public const int Hostile = 6;

    private const int RequestTimeoutMs = 1500; // how long somebody who stalls is waited for

    private readonly Dictionary<int, HashSet<BlobId>> _before = [];

    private Victims(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    public HostileHandler Handler { get; private set; } = null!;

    public TestStripe[] Stripes { get; } =
        [.. Enumerable.Range(0, 10).Select(i => new TestStripe(9000 + (ulong)i, 4, 2)), .. Enumerable.Range(0, 4).Select(i => new TestStripe(9500 + (ulong)i, 1, 2))];

    public IEnumerable<NodeServer> Honest => Enumerable.Range(0, Hostile).Select(number => Cluster[number]);

    public static async Task<Victims> StartAsync()
    {
        HostileHandler? handler = null;
        var cluster = new TestCluster
        {
            Configure = options => options with
            {
                ConfigureSessions = static session => session with { RequestTimeoutMs = RequestTimeoutMs },
                Entropy = new EntropyOptions { PeriodMs = 300, SettleMs = 100 },
                WrapHandler = options.Identity.Id == TestKeys.Identity(Hostile).Id
                    ? honest => handler = new HostileHandler(honest, options.Identity) : null,
            },
        };
        await cluster.StartAsync(Hostile + 1);
        var victims = new Victims(cluster) { Handler = handler! };
        handler!.Members = () => cluster[Hostile].Membership.View.Members;
        await cluster.PutAsync(victims.Stripes);
        Assert.All(victims.Stripes, stripe => Assert.True(cluster.IsWhole(stripe)));
        for (int number = 0; number < Hostile; number++)
            victims._before[number] = [.. cluster[number].Store.Blobs];
        return victims;
    }

    /// <summary>Fails unless the honest nodes know each other as alive, have what they had, and suffice to read everything.</summary>
    public async Task AssertUnharmedAsync()
    {
        NodeServer[] honest = [.. Honest];
        await Cluster.UntilAsync(
            () => honest.All(node => honest.All(other => node.Membership.View.Find(other.Id)?.State == MemberState.Alive)),
            "the honest nodes know each other as alive");
        await Cluster.UntilAsync(
            () => _before.All(pair => pair.Value.All(Cluster[pair.Key].Store.Contains)), "every honest node has all that it had");
        foreach (NodeServer node in honest)
        {
            Assert.InRange(node.Membership.View.Members.Count, 6, 7);
            foreach (BlobId blob in node.Store.Blobs)
                Assert.True(await node.Store.CheckAsync(blob));
        }
        ConnectionPool pool = Cluster.Pool(Role.Reader);
        foreach (TestStripe stripe in Stripes)
        {
            int good = await TestCluster.CountReadableAsync(stripe, honest, pool);
            Assert.InRange(good, stripe.Descriptor.DataShards, stripe.Descriptor.TotalBlobs);
        }
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
