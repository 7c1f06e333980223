using Megatorrent.Abi.Suite.Checks;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>All behaviours that need no cluster; the unit tests of Core run them too.</summary>
internal static class OfflineBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        .. StatusBehaviours.All, .. HashBehaviours.All, .. ErasureBehaviours.All, .. BlobBehaviours.All, .. KeyBehaviours.All, .. BencodeBehaviours.All,
        .. CapabilityBehaviours.All, .. ManifestBehaviours.All, .. NoiseBehaviours.All, .. PeerBehaviours.All, .. WireBehaviours.All,
        .. MisuseBehaviours.All,
    ];
}
