using Megatorrent.Cluster.Reputation;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Opinions, and what is kept of them.</summary>
[Covers(typeof(Opinion))]
[Covers(typeof(OpinionExchange))]
[Covers(typeof(ReputationFile))]
internal sealed class ReputationTarget() : FormatsTarget(
    "reputation",
    new Format<Opinion>(Opinion.Decode, static value => value.Encode(), isCanonical: false),
    new Format<List<Opinion>>(OpinionExchange.Decode, OpinionExchange.Encode, isCanonical: false),
    new Format<ReputationFile>(ReputationFile.Decode, static value => value.Encode(), isCanonical: false));
