using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Fuzz.Targets;

/// <summary>A node that answers anything, and notes when a session asks for what it should have refused.</summary>
internal sealed class SessionHandler : IPeerHandler
{
    /// <summary>What a session let through; null: nothing that it should not.</summary>
    public string? Fault { get; private set; }

    public async ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken)
    {
        RoleRules.Require(peer, type);
        await Task.Yield();
    }

    public async ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        Note(ids.Length is >= 1 and <= 8192, $"a want of {ids.Length} ids");
        await Task.Yield();
        return new bool[ids.Length];
    }

    public async ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        Note(offset >= 0 && length >= 0 && offset + length <= MessageLimits.MaxBlobLength, $"a get of {length} bytes at {offset}");
        await Task.Yield();
        return length % 5 == 4 ? throw new MegatorrentException(ErrorKind.NotFound, "not here") : BlobLease.Rent(length);
    }

    public async ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        Note(blob.Length <= MessageLimits.MaxBlobLength && descriptor.Length <= MessageLimits.MaxDescriptorLength, $"a store of {blob.Length} bytes");
        await Task.Yield();
        return true;
    }

    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken)
    {
        Note(stripeIds.Length is >= 1 and <= 64, $"a find of {stripeIds.Length} ids");
        return new ValueTask<byte[]?[]>(new byte[]?[stripeIds.Length]);
    }

    public ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken)
    {
        Note(Enum.IsDefined(kind), $"a notice of kind {kind}");
        return ValueTask.CompletedTask;
    }

    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) => Echo(query);

    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Echo(body);

    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Echo(body);

    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Echo(body);

    private static ValueTask<byte[]> Echo(ReadOnlyMemory<byte> body) => new(body.ToArray());

    private void Note(bool holds, string what)
    {
        if (!holds)
            Fault ??= $"the session let through {what}";
    }
}
