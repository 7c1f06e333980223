using System.Collections.Concurrent;
using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Byzantine;

/// <summary>Stands before a node that is a member like any other, and answers with lies once it is told which.</summary>
internal sealed class HostileHandler(IPeerHandler honest, Identity identity) : ForwardingHandler(honest)
{
    private readonly ConcurrentDictionary<string, byte[]> _said = [];
    private readonly SeededRandomSource _random = new(4711);

    /// <summary>Which lie; null: none yet.</summary>
    public AnswerLie? Lie { get; set; }

    /// <summary>What it knows of the others.</summary>
    public Func<IReadOnlyList<Member>> Members { get; set; } = static () => [];

    public override async ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        await DisturbAsync(cancellationToken);
        bool[] has = await base.WantAsync(peer, ids, cancellationToken);
        if (Lie is AnswerLie.ClaimsAll or AnswerLie.ClaimsNone)
            has.AsSpan().Fill(Lie == AnswerLie.ClaimsAll);
        return has;
    }

    public override async ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        await DisturbAsync(cancellationToken);
        if (Lie == AnswerLie.ClaimsNone)
            throw new MegatorrentException(ErrorKind.NotFound, "never had it");
        BlobLease lease = await base.GetAsync(peer, id, offset, length, cancellationToken);
        if (Lie == AnswerLie.WrongBytes && lease.Length > 0)
            lease.Memory.Span[_random.Next(lease.Length)] ^= 0x40;
        return lease;
    }

    public override async ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        await DisturbAsync(cancellationToken);
        return Lie switch
        {
            AnswerLie.DropsStores => true,
            AnswerLie.RefusesStores => throw new MegatorrentException(ErrorKind.StoreFull, "full"),
            _ => await base.StoreAsync(peer, id, blob, descriptor, cancellationToken),
        };
    }

    public override async ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken)
    {
        await DisturbAsync(cancellationToken);
        byte[]?[] found = await base.FindAsync(peer, stripeIds, cancellationToken);
        if (Lie == AnswerLie.ClaimsNone)
            return new byte[]?[found.Length];
        if (Lie == AnswerLie.ForgedDescriptors)
        {
            for (int i = 0; i < found.Length; i++)
                found[i] = i % 2 == 0 ? new TestStripe(666, 4, 2).Descriptor.Encoded.ToArray() : Noise(300);
        }
        return found;
    }

    public override async ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        await DisturbAsync(cancellationToken);
        NodeQuestion question = NodeQuestion.Decode(query.Span);
        switch (Lie)
        {
            case AnswerLie.NoiseStatus:
                return Noise(200);
            case AnswerLie.HugeStatus:
                return Noise(256 << 10);
            case AnswerLie.FalseProofs when question.Name == SurplusMessages.ConfirmName:
                return SurplusMessages.EncodeProof(Noise(32));
            case AnswerLie.FalseProofs when question.Name == Auditor.ProveName:
                return AuditProof.Sign(identity.Key, peer.Id, AuditChallenge.Decode(question.Body.Span), Noise(32)).Encoded;
        }
        if (Lie == AnswerLie.ReplayedStatus && _said.TryGetValue(question.Name, out byte[]? said))
            return said;
        byte[] answer = await base.StatusAsync(peer, query, cancellationToken);
        _said.TryAdd(question.Name, answer);
        return answer;
    }

    public override async ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await DisturbAsync(cancellationToken);
        return Lie switch
        {
            AnswerLie.NoiseGossip => Noise(500),
            AnswerLie.DeadGossip => Forgery.Deaths(identity, Members()).Encode(),
            AnswerLie.SybilGossip => Forgery.Sybils(identity, Members()).Encode(),
            _ => await base.GossipAsync(peer, body, cancellationToken),
        };
    }

    public override async ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await DisturbAsync(cancellationToken);
        return Lie switch
        {
            AnswerLie.NoiseGossip => Noise(100),
            AnswerLie.DeadGossip => new ProbeReply(false, null).Encode(),
            _ => await base.ProbeAsync(peer, body, cancellationToken),
        };
    }

    private byte[] Noise(int length)
    {
        byte[] noise = new byte[length];
        _random.Fill(noise);
        return noise;
    }

    private async ValueTask DisturbAsync(CancellationToken cancellationToken)
    {
        if (Lie == AnswerLie.Stalls)
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        ErrorKind[] kinds = Enum.GetValues<ErrorKind>();
        if (Lie == AnswerLie.StrangeErrors)
            throw new MegatorrentException(kinds[_random.Next(kinds.Length)], "\u001b[31m" + new string('x', 3000));
    }
}
