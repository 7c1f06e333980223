using System.Collections.Concurrent;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Client.Tests;

/// <summary>
/// A node that speaks the real protocol over real TCP and keeps blobs in memory, so that a test can make it lie in ways that an honest node cannot.
/// </summary>
internal sealed class PeerNode(Identity identity, Certificate certificate) : IPeerHandler
{
    public Identity Identity { get; } = identity;

    public Certificate Certificate { get; } = certificate;

    public ConcurrentDictionary<BlobId, byte[]> Blobs { get; } = new();

    public ConcurrentQueue<(BlobId Id, NoticeKind Kind)> Notices { get; } = new();

    /// <summary>What it answers instead of a blob's bytes; null: the truth.</summary>
    public Func<BlobId, byte[], byte[]>? Lie { get; set; }

    /// <summary>Whether it claims to hold whatever it is asked for.</summary>
    public bool ClaimsEverything { get; set; }

    /// <summary>What it refuses stores with; null: it takes them.</summary>
    public MegatorrentException? Refusal { get; set; }

    /// <summary>Whether it refuses only once.</summary>
    public bool RefusesOnce { get; set; }

    /// <summary>What wants and gets wait for before they are answered; null: nothing.</summary>
    public Func<CancellationToken, Task>? Hold { get; set; }

    /// <summary>Whether wants wait, too, or only gets.</summary>
    public bool HoldsWants { get; set; } = true;

    /// <summary>Gets that were asked for.</summary>
    public int Gets { get; private set; }

    public ReadOnlyMemory<byte> View { get; set; }

    public ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken)
    {
        RoleRules.Require(peer, type);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        bool[] has = Array.ConvertAll(ids.ToArray(), id => ClaimsEverything || Blobs.ContainsKey(id));
        if (Hold is not null && HoldsWants)
            await Hold(cancellationToken);
        return has;
    }

    public async ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        Gets++;
        if (Hold is not null)
            await Hold(cancellationToken);
        if (!Blobs.TryGetValue(id, out byte[]? blob))
            throw new MegatorrentException(ErrorKind.NotFound, "not here");
        byte[] answer = Lie?.Invoke(id, blob) ?? blob;
        BlobLease lease = BlobLease.Rent(length);
        answer.AsSpan((int)offset, length).CopyTo(lease.Memory.Span);
        return lease;
    }

    public ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        if (Refusal is { } refusal)
        {
            if (RefusesOnce)
                Refusal = null;
            throw refusal;
        }

        Assert.Contains(id, StripeDescriptor.Decode(descriptor.Span).Ids.ToArray());
        if (!blob.IsEmpty)
            Assert.Equal(id, BlobId.Of(blob.Span));
        return ValueTask.FromResult(!blob.IsEmpty && Blobs.TryAdd(id, blob.ToArray()));
    }

    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new byte[]?[stripeIds.Length]);

    public ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken)
    {
        Notices.Enqueue((id, kind));
        return ValueTask.CompletedTask;
    }

    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        NodeQuestion.Decode(query.Span).Name == StatusQuery.MembersName
            ? ValueTask.FromResult(View.ToArray())
            : throw new MegatorrentException(ErrorKind.Unsupported, "This node does not know this status query."); // as one from before leases

    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Refuse();

    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Refuse();

    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Refuse();

    private static ValueTask<byte[]> Refuse() => throw new MegatorrentException(ErrorKind.Unsupported, "not here");
}
