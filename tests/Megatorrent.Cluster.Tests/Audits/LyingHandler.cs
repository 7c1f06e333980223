using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>A node's answers to others, with the lies that a test asks for. What it lies about it has all the same, for its own use.</summary>
internal sealed class LyingHandler(IPeerHandler honest, Identity identity) : ForwardingHandler(honest)
{
    /// <summary>The blobs that it lies about; null: none.</summary>
    public Func<BlobId, bool>? Lies { get; set; }

    /// <summary>Whether its lies are wrong bytes and signed wrong answers; else it claims to have the blobs and says that they are gone.</summary>
    public bool SignsWrong { get; set; }

    /// <summary>Whether it answers no audit at all.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Challenges that it was asked.</summary>
    public int Challenges { get; private set; }

    public override async ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        bool[] has = await base.WantAsync(peer, ids, cancellationToken);
        for (int i = 0; i < has.Length; i++)
            has[i] |= IsLie(ids.Span[i]);
        return has;
    }

    public override async ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        if (IsSilent)
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        if (!IsLie(id))
            return await base.GetAsync(peer, id, offset, length, cancellationToken);
        if (!SignsWrong)
            throw new MegatorrentException(ErrorKind.NotFound, "gone");
        BlobLease lease = BlobLease.Rent(length);
        lease.Memory.Span.Fill(7);
        return lease;
    }

    public override async ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        NodeQuestion question = NodeQuestion.Decode(query.Span);
        if (question.Name != Auditor.ProveName)
            return await base.StatusAsync(peer, query, cancellationToken);
        Challenges++;
        if (IsSilent)
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        AuditChallenge challenge = AuditChallenge.Decode(question.Body.Span);
        if (!IsLie(challenge.Blob))
            return await base.StatusAsync(peer, query, cancellationToken);
        return SignsWrong
            ? AuditProof.Sign(identity.Key, peer.Id, challenge, new byte[32]).Encoded
            : throw new MegatorrentException(ErrorKind.NotFound, "gone");
    }

    private bool IsLie(BlobId id) => Lies?.Invoke(id) == true;
}
