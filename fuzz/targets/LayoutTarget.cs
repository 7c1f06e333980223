using Megatorrent.Cluster.Coordination;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Layouts, signed or not, and what a coordinator answers.</summary>
[Covers(typeof(ClusterLayout))]
[Covers(typeof(SignedLayout))]
[Covers(typeof(LayoutReply))]
internal sealed class LayoutTarget() : FormatsTarget(
    "layout",
    new Format<ClusterLayout>(ClusterLayout.Decode, static value => value.Encoded, isCanonical: false),
    new Format<SignedLayout>(SignedLayout.Decode, static value => value.Encoded, isCanonical: false),
    new Format<LayoutReply>(LayoutReply.Decode, static value => value.Encode(), isCanonical: false));
