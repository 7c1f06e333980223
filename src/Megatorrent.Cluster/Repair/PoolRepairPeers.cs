using Megatorrent.Cluster.Reputation;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Repair;

/// <summary>Reaches other members through the node's connections.</summary>
/// <param name="pool">The connections.</param>
/// <param name="evidence">Told what members do with the blobs that they said they hold.</param>
internal sealed class PoolRepairPeers(ConnectionPool pool, IPeerEvidence? evidence = null) : IRepairPeers
{
    /// <inheritdoc/>
    public async ValueTask<bool[]> WantAsync(Member member, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        PeerConnection connection = await pool.GetAsync(member.Endpoint, member.Id, cancellationToken);
        var has = new bool[ids.Length];
        for (int at = 0; at < ids.Length; at += MessageLimits.MaxWantIds)
        {
            ReadOnlyMemory<BlobId> part = ids.Slice(at, Math.Min(MessageLimits.MaxWantIds, ids.Length - at));
            bool[] answer = await connection.WantAsync(part, cancellationToken);
            if (answer.Length != part.Length)
                throw new MegatorrentException(ErrorKind.ProtocolViolation, $"{answer.Length} answers to {part.Length} ids");
            answer.CopyTo(has, at);
        }
        return has;
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?[]> FindAsync(Member member, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken)
    {
        PeerConnection connection = await pool.GetAsync(member.Endpoint, member.Id, cancellationToken);
        var found = new byte[]?[stripeIds.Length];
        for (int at = 0; at < stripeIds.Length; at += MessageLimits.MaxFindIds)
        {
            ReadOnlyMemory<BlobId> part = stripeIds.Slice(at, Math.Min(MessageLimits.MaxFindIds, stripeIds.Length - at));
            byte[]?[] answer = await connection.FindAsync(part, cancellationToken);
            if (answer.Length != part.Length)
                throw new MegatorrentException(ErrorKind.ProtocolViolation, $"{answer.Length} answers to {part.Length} stripes");
            answer.CopyTo(found, at);
        }
        return found;
    }

    /// <inheritdoc/>
    public async ValueTask GetAsync(Member member, BlobId id, Memory<byte> destination, CancellationToken cancellationToken)
    {
        PeerConnection connection = await pool.GetAsync(member.Endpoint, member.Id, cancellationToken);
        try
        {
            await connection.GetAsync(id, 0, destination, cancellationToken);
            evidence?.Observed(member.Id, PeerEvidence.Correct); // unless a notice follows
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
            evidence?.Observed(member.Id, PeerEvidence.Withheld);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> StoreAsync(
        Member member, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        PeerConnection connection = await pool.GetAsync(member.Endpoint, member.Id, cancellationToken);
        return await connection.StoreAsync(id, blob, descriptor, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask NoticeAsync(Member member, BlobId id, NoticeKind kind, CancellationToken cancellationToken)
    {
        if (kind == NoticeKind.Corrupt)
            evidence?.Observed(member.Id, PeerEvidence.Wrong);
        PeerConnection connection = await pool.GetAsync(member.Endpoint, member.Id, cancellationToken);
        await connection.NoticeAsync(id, kind, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        PeerConnection connection = await pool.GetAsync(member.Endpoint, member.Id, cancellationToken);
        return await connection.StatusAsync(new NodeQuestion(name, body).Encode(), cancellationToken);
    }
}
