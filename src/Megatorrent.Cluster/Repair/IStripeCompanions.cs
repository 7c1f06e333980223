using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Repair;

/// <summary>What goes with a stripe besides its blobs and descriptor: the leases of those who keep it. Thread-safe.</summary>
internal interface IStripeCompanions
{
    /// <summary>Whether nobody keeps the stripe any more: then it is left alone, since it is about to be collected.</summary>
    bool IsEnded(BlobId stripeId);

    /// <summary>
    /// Called after a member was given a blob or the descriptor of a stripe; tells it the rest. Never throws but for cancellation: what could
    /// not be told is told by the periodic exchange.
    /// </summary>
    ValueTask GivenAsync(Member member, BlobId stripeId, CancellationToken cancellationToken);

    /// <summary>
    /// Called after a member gave descriptors that were not here; asks it for the rest. Never throws but for cancellation: what it does not
    /// tell now, the periodic exchange asks for again.
    /// </summary>
    ValueTask TakenAsync(Member member, IReadOnlyList<BlobId> stripes, CancellationToken cancellationToken);

    /// <summary>Deletes the descriptor of a stripe of which no blob is here any more, once the keepers know what goes with it.</summary>
    /// <param name="stripe">The stripe.</param>
    /// <param name="keepers">Who holds what this node has deleted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where something of the stripe is being stored, so that it stays.</returns>
    /// <exception cref="MegatorrentException">A keeper was not told, or the store failed; the descriptor stays.</exception>
    ValueTask<bool> DismissAsync(StripeDescriptor stripe, IReadOnlyList<Member> keepers, CancellationToken cancellationToken);
}
