using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Leases;

/// <summary>Keeps the collection away from a stripe while something of it is stored or kept.</summary>
/// <param name="table">Where it was entered.</param>
/// <param name="stripe">The stripe.</param>
internal sealed class LeaseGuard(LeaseTable table, StripeDescriptor stripe)
{
    /// <summary>The stripe.</summary>
    public StripeDescriptor Stripe { get; } = stripe;

    /// <summary>Completes when no blob of the stripe is being deleted; what was is gone then, and can be stored anew.</summary>
    public Task Clear { get; set; } = Task.CompletedTask;

    /// <summary>Ends it.</summary>
    /// <param name="isHere">Whether the stripe's descriptor is here now.</param>
    public void Leave(bool isHere) => table.Leave(this, isHere);
}
