using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Bench.Transfer;

/// <summary>A cluster whose keys every process of a benchmark can compute: two ends, no secrets.</summary>
internal static class BenchCluster
{
    public static SessionOptions Options(Role role, byte number)
    {
        using var cluster = SigningKey.FromSeed(Seed(0));
        Identity identity = Identity.FromSeed(Seed(number));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new SessionOptions
        {
            Identity = identity,
            Certificate = Certificate.IssueByCluster(cluster, identity.PublicKey, role, now.AddDays(-1), now.AddDays(1)),
            ClusterKey = cluster.PublicKey.ToArray(),
        };
    }

    private static byte[] Seed(byte number)
    {
        var seed = new byte[32];
        seed[0] = number;
        seed[31] = 0x77;
        return seed;
    }
}
