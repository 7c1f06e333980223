using Megatorrent.Core.Wire;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What an owner says of the lease of an object.</summary>
[Covers(typeof(LeaseStatement))]
internal sealed class LeaseStatementTarget() : FormatTarget("lease-statement", new Format<LeaseStatement>(LeaseStatement.Decode, static value => value.Encode(), isCanonical: true));
