using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Byzantine;

/// <summary>Gossip that a hostile member makes up.</summary>
internal static class Forgery
{
    private const int SybilCount = 300;
    private const int SybilCandidates = 1500;

    private static readonly Lazy<GossipEntry[]> SybilEntries = new(MakeSybils);

    /// <summary>Everybody but the sender has been dead for an hour.</summary>
    public static GossipMessage Deaths(Identity sender, IReadOnlyList<Member> members) =>
        Message(sender, members, members.Where(member => member.Id != sender.Id).Select(member => new GossipEntry(member.Record, MemberState.Dead, 3_600_000)));

    /// <summary>Records of others that say that they listen elsewhere now, with the old signature.</summary>
    public static GossipMessage Moves(Identity sender, IReadOnlyList<Member> members) =>
        Message(sender, members, members.Where(member => member.Id != sender.Id).Select(member =>
        {
            byte[] record = [.. member.Record.Encoded];
            int at = record.AsSpan().IndexOf("node:"u8);
            record[at + 5] ^= 1;
            return new GossipEntry(NodeRecord.Decode(record), MemberState.Alive, 0);
        }));

    /// <summary>Hundreds of members with ids near those of stripes, of a cluster that is not this one.</summary>
    public static GossipMessage Sybils(Identity sender, IReadOnlyList<Member> members) => Message(sender, members, SybilEntries.Value);

    private static GossipMessage Message(Identity sender, IReadOnlyList<Member> members, IEnumerable<GossipEntry> entries)
    {
        var message = new GossipMessage();
        message.Entries.AddRange(members.Where(member => member.Id == sender.Id).Select(static self => new GossipEntry(self.Record, MemberState.Alive, 0)));
        message.Entries.AddRange(entries);
        return message;
    }

    // The nearest of many to one stripe, as whoever wants to hold all of an object would choose them.
    private static GossipEntry[] MakeSybils()
    {
        SigningKey otherCluster = SigningKey.FromSeed(new byte[32]);
        byte target = TestKeys.Stripe(1).ToArray()[0];
        Identity[] nearest =
        [
            .. Enumerable.Range(0, SybilCandidates).Select(i => TestKeys.Identity(i, "sybil"))
                .OrderBy(identity => identity.Id.ToArray()[0] ^ target).Take(SybilCount),
        ];
        return
        [
            .. nearest.Select((identity, i) => new GossipEntry(
                NodeRecord.Create(
                    identity,
                    Certificate.IssueByCluster(otherCluster, identity.PublicKey, Role.Node, TestKeys.Start, TestKeys.Start.AddYears(20)),
                    $"sybil:{i + 1}", $"domain-{i}", 1000, 1, "0.1.0"),
                MemberState.Alive, 0)),
        ];
    }
}
