using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network;

/// <summary>
/// What a node answers. Every call names the peer that proved its identity, and is made only after <see cref="AdmitAsync"/> let its type
/// pass. Calls run side by side. A <see cref="MegatorrentException"/> reaches the peer with its kind and text; any other exception reaches
/// it as <see cref="ErrorKind.Internal"/> without details. The token fires when the peer cancels, or is gone.
/// </summary>
public interface IPeerHandler
{
    /// <summary>
    /// Decides whether a peer may send a message, and when it is answered: the request waits until this completes, and holds nothing but
    /// its turn on its own connection meanwhile. Called for every request but ping; <see cref="RoleRules.Require"/> is the usual answer.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Unauthorized"/>: it may not; the text says which role may. <see cref="ErrorKind.LimitExceeded"/>: not now.
    /// </exception>
    ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken);

    /// <summary>Which of <paramref name="ids"/> (1 to 8192) are here: one flag an id, in order.</summary>
    ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken);

    /// <summary>
    /// The <paramref name="length"/> bytes at <paramref name="offset"/> of a blob; the session disposes the lease when they are sent.
    /// A length of 0 asks only whether the blob can be read.
    /// </summary>
    ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a blob and its stripe's descriptor; returns when both are durable: true = stored now, false = it was there. An empty
    /// <paramref name="blob"/> means that only the descriptor is to be kept. <paramref name="blob"/> is valid until the call returns.
    /// The session has not compared the blob with its id.
    /// </summary>
    ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken);

    /// <summary>The descriptors of <paramref name="stripeIds"/> (1 to 64), in order; null for those that are not here.</summary>
    ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken);

    /// <summary>Takes note that a blob, which should be here, was found missing or damaged.</summary>
    ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken);

    /// <summary>Answers a status query; at most 256 KiB each way. The query is valid until the call returns.</summary>
    ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken);

    /// <summary>
    /// Takes membership gossip and answers with ours; at most 256 KiB each way. The body is valid until the call returns.
    /// </summary>
    ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Probes another node for the peer; at most 256 KiB each way. The body is valid until the call returns.</summary>
    ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Exchanges an invitation for a certificate; at most 256 KiB each way. The body is valid until the call returns.</summary>
    ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);
}
