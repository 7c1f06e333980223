using System.Buffers.Binary;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>Keys, certificates and members that are the same in every run.</summary>
internal static class TestKeys
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly SigningKey Cluster = SigningKey.FromSeed(Seed("cluster", 0));

    public static byte[] ClusterKey => Cluster.PublicKey.ToArray();

    public static Identity Identity(int number, string kind = "node") => Core.Wire.Identity.FromSeed(Seed(kind, number));

    public static Certificate Certificate(
        Identity identity, Role role = Role.Node, DateTimeOffset? expires = null, DateTimeOffset? notBefore = null) =>
        Core.Wire.Certificate.IssueByCluster(
            Cluster, identity.PublicKey, role, notBefore ?? Start.AddDays(-1), expires ?? Start.AddYears(20));

    public static NodeRecord Record(int number, string? domain = null, long weight = 1, long incarnation = 1, string? endpoint = null)
    {
        using Identity identity = Identity(number);
        return NodeRecord.Create(
            identity, Certificate(identity), endpoint ?? $"10.0.{number / 250}.{1 + number % 250}:4000", domain ?? $"domain-{number}",
            weight, incarnation, "0.1.0");
    }

    public static Member Member(
        int number, string? domain = null, long weight = 1, MemberState state = MemberState.Alive, DateTimeOffset? since = null) =>
        new(Record(number, domain, weight), state, since ?? Start);

    public static Member[] Members(int count, Func<int, string>? domain = null, Func<int, long>? weight = null) =>
        [.. Enumerable.Range(0, count).Select(i => Member(i, domain?.Invoke(i), weight?.Invoke(i) ?? 1))];

    public static BlobId Stripe(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return BlobId.Of(bytes);
    }

    private static byte[] Seed(string kind, int number)
    {
        var seed = new byte[32];
        Sha256.Hash(System.Text.Encoding.ASCII.GetBytes($"{kind} {number}"), seed);
        return seed;
    }
}
