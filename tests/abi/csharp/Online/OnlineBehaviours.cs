using Megatorrent.Abi.Suite.Checks;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>All behaviours that need a cluster.</summary>
internal static class OnlineBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All(ClusterAccess cluster) =>
    [
        .. new TransferBehaviours(cluster).All, .. new FailureBehaviours(cluster).All, .. new ProgressBehaviours(cluster).All, .. StreamBehaviours.All,
    ];
}
