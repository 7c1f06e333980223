using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Simulation.Clusters;

/// <summary>Keys and certificates, the same in every run.</summary>
internal static class SimKeys
{
    private static readonly DateTimeOffset From = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SigningKey Cluster() => SigningKey.FromSeed(Seed("cluster", 0));

    public static Identity Identity(string kind, int number) => Core.Wire.Identity.FromSeed(Seed(kind, number));

    public static Certificate Certificate(SigningKey cluster, Identity identity, Role role) =>
        Core.Wire.Certificate.IssueByCluster(cluster, identity.PublicKey, role, From, From.AddYears(50));

    private static byte[] Seed(string kind, int number)
    {
        var seed = new byte[Sha256.HashLength];
        Sha256.Hash(System.Text.Encoding.ASCII.GetBytes($"simulated {kind} {number}"), seed);
        return seed;
    }
}
