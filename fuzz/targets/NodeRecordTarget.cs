using Megatorrent.Core.Wire;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What a node says of itself.</summary>
[Covers(typeof(NodeRecord))]
internal sealed class NodeRecordTarget() : FormatTarget("node-record", new Format<NodeRecord>(NodeRecord.Decode, static value => value.Encoded, isCanonical: true));
