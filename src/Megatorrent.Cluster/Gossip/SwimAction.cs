using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>Something the failure detector wants done; the answer goes back to it under the same round.</summary>
/// <param name="Round">Names the question, so that a late answer is not taken for another's.</param>
/// <param name="Target">The member in question.</param>
/// <param name="Endpoint">Where to connect: the target's endpoint, or the helper's.</param>
/// <param name="Helper">Null: exchange gossip with the target. Otherwise: ask this member to probe the target.</param>
/// <param name="Reconnect">The target is dead as far as known: whatever back-off there is must not keep it so.</param>
internal readonly record struct SwimAction(long Round, NodeId Target, string Endpoint, NodeId? Helper, bool Reconnect = false);
