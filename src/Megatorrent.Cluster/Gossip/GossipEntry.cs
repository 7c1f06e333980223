using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>What one node tells another about a member. The state is hearsay; the record is signed by the member itself.</summary>
/// <param name="Record">The member's record, decoded but not yet validated when it came from outside.</param>
/// <param name="State">The state the teller believes in, at the record's incarnation.</param>
/// <param name="AgeMs">For how long, in milliseconds on the teller's clock: an age survives clocks that disagree, a date would not.</param>
internal readonly record struct GossipEntry(NodeRecord Record, MemberState State, long AgeMs);
