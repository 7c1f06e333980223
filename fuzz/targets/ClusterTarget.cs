using Megatorrent.Cluster;
using Megatorrent.Cluster.Gossip;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What nodes and clients tell of members: views, gossip, probes, joins, status, questions.</summary>
[Covers(typeof(ClusterView))]
[Covers(typeof(GossipMessage))]
[Covers(typeof(ProbeRequest))]
[Covers(typeof(ProbeReply))]
[Covers(typeof(MemberFile))]
[Covers(typeof(JoinRequest))]
[Covers(typeof(JoinReply))]
[Covers(typeof(NodeStatus))]
[Covers(typeof(NodeQuestion))]
internal sealed class ClusterTarget() : FormatsTarget(
    "cluster-messages",
    new Format<ClusterView>(ClusterView.Decode, static value => value.Encode(), isCanonical: false),
    new Format<GossipMessage>(GossipMessage.Decode, static value => value.Encode(), isCanonical: false),
    new Format<ProbeRequest>(ProbeRequest.Decode, static value => value.Encode(), isCanonical: false),
    new Format<ProbeReply>(ProbeReply.Decode, static value => value.Encode(), isCanonical: false),
    new Format<MemberFile>(MemberFile.Decode, static value => value.Encode(), isCanonical: false),
    new Format<JoinRequest>(JoinRequest.Decode, static value => value.Encode(), isCanonical: false),
    new Format<JoinReply>(JoinReply.Decode, static value => value.Encode(), isCanonical: false),
    new Format<NodeStatus>(NodeStatus.Decode, static value => value.Encode(), isCanonical: false),
    new Format<NodeQuestion>(NodeQuestion.Decode, static value => value.Encode(), isCanonical: false));
