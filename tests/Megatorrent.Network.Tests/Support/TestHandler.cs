using System.Collections.Concurrent;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Tests.Support;

/// <summary>A node in memory, whose every answer a test can replace.</summary>
internal sealed class TestHandler : IPeerHandler
{
    public ConcurrentDictionary<BlobId, byte[]> Blobs { get; } = new();

    public ConcurrentDictionary<BlobId, byte[]> Descriptors { get; } = new();

    public ConcurrentQueue<(BlobId Id, NoticeKind Kind)> Notices { get; } = new();

    public Func<BlobId, long, int, CancellationToken, ValueTask<BlobLease>>? Get { get; set; }

    public Func<BlobId, ReadOnlyMemory<byte>, CancellationToken, ValueTask<bool>>? Store { get; set; }

    public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]>>? Status { get; set; }

    public Action<PeerIdentity, MessageType> Authorization { get; set; } = RoleRules.Require;

    public BlobId Add(byte[] blob)
    {
        var id = BlobId.Of(blob);
        Blobs[id] = blob;
        return id;
    }

    public ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken)
    {
        Authorization(peer, type);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken) =>
        new(ids.ToArray().Select(Blobs.ContainsKey).ToArray());

    public ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        if (Get is not null)
            return Get(id, offset, length, cancellationToken);
        if (!Blobs.TryGetValue(id, out byte[]? blob))
            throw new MegatorrentException(ErrorKind.NotFound, $"blob {id} is not here.");
        if (offset + length > blob.Length)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"the range ends past the blob's {blob.Length} bytes.");
        return new ValueTask<BlobLease>(Lend(blob.AsSpan((int)offset, length)));
    }

    public ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        if (!descriptor.IsEmpty)
            Descriptors[id] = descriptor.ToArray();
        if (Store is not null)
            return Store(id, blob, cancellationToken);
        if (blob.IsEmpty)
            return new ValueTask<bool>(false);
        if (BlobId.Of(blob.Span) != id)
            throw new MegatorrentException(ErrorKind.Integrity, "the blob is not what its id names.");
        return new ValueTask<bool>(Blobs.TryAdd(id, blob.ToArray()));
    }

    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        new(stripeIds.ToArray().Select(id => Descriptors.GetValueOrDefault(id)).ToArray());

    public ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken)
    {
        Notices.Enqueue((id, kind));
        return ValueTask.CompletedTask;
    }

    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        Status is not null ? Status(query, cancellationToken) : Echo("status", query);

    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Echo("gossip", body);

    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Echo("probe", body);

    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Echo("join", body);

    public static BlobLease Lend(ReadOnlySpan<byte> bytes)
    {
        var lease = BlobLease.Rent(bytes.Length);
        bytes.CopyTo(lease.Memory.Span);
        return lease;
    }

    private static ValueTask<byte[]> Echo(string prefix, ReadOnlyMemory<byte> body) => new([.. System.Text.Encoding.UTF8.GetBytes(prefix), .. body.Span]);
}
