using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// What repair asks of other members. Every call throws <see cref="MegatorrentException"/> with the member's answer or Unreachable/Timeout,
/// and <see cref="OperationCanceledException"/> only when the caller's token fired.
/// </summary>
internal interface IRepairPeers
{
    /// <summary>Which of the blobs the member has; any number of ids.</summary>
    ValueTask<bool[]> WantAsync(Member member, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken);

    /// <summary>The stripes' descriptors, null for those that the member does not have; any number of ids. Not validated.</summary>
    ValueTask<byte[]?[]> FindAsync(Member member, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken);

    /// <summary>Fetches a whole blob of a known length. The bytes are not verified.</summary>
    ValueTask GetAsync(Member member, BlobId id, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Stores a blob and its descriptor, or with an empty blob the descriptor alone. False: it was there.</summary>
    ValueTask<bool> StoreAsync(
        Member member, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken);

    /// <summary>Asks the member a question of a service, by its name.</summary>
    ValueTask<byte[]> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Tells the member that something is wrong with its copy.</summary>
    ValueTask NoticeAsync(Member member, BlobId id, NoticeKind kind, CancellationToken cancellationToken);
}
