using System.Collections.Concurrent;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Tests.Repairs;

/// <summary>Other members without a network: each a dictionary that can be silent, full, or lie.</summary>
internal sealed class FakePeers : IRepairPeers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, Dictionary<BlobId, byte[]>> _blobs = [];
    private readonly Dictionary<NodeId, Dictionary<BlobId, byte[]>> _descriptors = [];

    public HashSet<NodeId> Silent { get; } = [];

    public HashSet<NodeId> Full { get; } = [];

    public HashSet<NodeId> Liars { get; } = [];

    public ConcurrentQueue<(NodeId Member, BlobId Id, NoticeKind Kind)> Notices { get; } = new();

    public ConcurrentQueue<(NodeId Member, BlobId Id)> Stores { get; } = new();

    public ConcurrentQueue<(NodeId Member, BlobId Id)> Gets { get; } = new();

    public int Wants;

    public void Put(Member member, BlobId id, byte[] blob)
    {
        lock (_gate)
            Of(_blobs, member.Id)[id] = blob;
    }

    public void PutDescriptor(Member member, BlobId stripe, byte[] descriptor)
    {
        lock (_gate)
            Of(_descriptors, member.Id)[stripe] = descriptor;
    }

    public bool Holds(Member member, BlobId id)
    {
        lock (_gate)
            return Of(_blobs, member.Id).ContainsKey(id);
    }

    public byte[]? Find(Member member, BlobId id)
    {
        lock (_gate)
            return Of(_blobs, member.Id).GetValueOrDefault(id);
    }

    public void Take(Member member, BlobId id)
    {
        lock (_gate)
            Of(_blobs, member.Id).Remove(id);
    }

    public bool HoldsDescriptor(Member member, BlobId stripe)
    {
        lock (_gate)
            return Of(_descriptors, member.Id).ContainsKey(stripe);
    }

    public ValueTask<bool[]> WantAsync(Member member, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        Answer(member);
        Interlocked.Increment(ref Wants);
        lock (_gate)
            return ValueTask.FromResult(Array.ConvertAll(ids.ToArray(), id => Of(_blobs, member.Id).ContainsKey(id)));
    }

    public ValueTask<byte[]?[]> FindAsync(Member member, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken)
    {
        Answer(member);
        lock (_gate)
            return ValueTask.FromResult(Array.ConvertAll(stripeIds.ToArray(), id => Of(_descriptors, member.Id).GetValueOrDefault(id)));
    }

    public ValueTask GetAsync(Member member, BlobId id, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Answer(member);
        Gets.Enqueue((member.Id, id));
        lock (_gate)
        {
            if (!Of(_blobs, member.Id).TryGetValue(id, out byte[]? blob))
                throw new MegatorrentException(ErrorKind.NotFound, "not here");
            blob.CopyTo(destination);
        }
        if (Liars.Contains(member.Id))
            destination.Span[0] ^= 1;
        return default;
    }

    public ValueTask<bool> StoreAsync(
        Member member, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        Answer(member);
        if (Full.Contains(member.Id))
            throw new MegatorrentException(ErrorKind.StoreFull, "full");
        lock (_gate)
        {
            bool isNew = !Of(_blobs, member.Id).ContainsKey(id);
            if (!blob.IsEmpty)
            {
                Of(_blobs, member.Id)[id] = blob.ToArray();
                Stores.Enqueue((member.Id, id));
            }
            Of(_descriptors, member.Id)[Core.Manifests.StripeDescriptor.Decode(descriptor.Span).Id] = descriptor.ToArray();
            return ValueTask.FromResult(isNew);
        }
    }

    /// <summary>Answers the calls of services; unset, the member does not know them.</summary>
    public Func<Member, string, ReadOnlyMemory<byte>, byte[]>? Answers { get; set; }

    public ConcurrentQueue<(NodeId Member, string Name)> Asked { get; } = new();

    public ValueTask<byte[]> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        Answer(member);
        Asked.Enqueue((member.Id, name));
        return Answers is null
            ? throw new MegatorrentException(ErrorKind.Unsupported, "unknown question")
            : ValueTask.FromResult(Answers(member, name, body));
    }

    public ValueTask NoticeAsync(Member member, BlobId id, NoticeKind kind, CancellationToken cancellationToken)
    {
        Notices.Enqueue((member.Id, id, kind));
        lock (_gate)
            Of(_blobs, member.Id).Remove(id); // as a node does that finds its copy bad
        return default;
    }

    private void Answer(Member member)
    {
        if (Silent.Contains(member.Id))
            throw new MegatorrentException(ErrorKind.Unreachable, "silent");
    }

    private static Dictionary<BlobId, byte[]> Of(Dictionary<NodeId, Dictionary<BlobId, byte[]>> all, NodeId id) =>
        all.TryGetValue(id, out Dictionary<BlobId, byte[]>? held) ? held : all[id] = [];
}
