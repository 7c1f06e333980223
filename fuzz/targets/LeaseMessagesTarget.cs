using Megatorrent.Cluster.Leases;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What is said of leases. Those formats that answer for a number of stripes are read for three.</summary>
[Covers(typeof(LeaseRequest))]
[Covers(typeof(LeaseQuery))]
[Covers(typeof(LeaseAnswer))]
[Covers(typeof(LeaseReport))]
[Covers(typeof(LeaseGift))]
[Covers(typeof(LeaseStates))]
internal sealed class LeaseMessagesTarget() : FormatsTarget(
    "lease-messages",
    new Format<LeaseRequest>(LeaseRequest.Decode, static value => value.Encode(), isCanonical: false),
    new Format<LeaseQuery>(LeaseQuery.Decode, static value => value.Encode(), isCanonical: false),
    new Format<LeaseAnswer>(static source => LeaseAnswer.Decode(source, Stripes), static value => value.Encode(), isCanonical: false),
    new Format<LeaseReport>(static source => LeaseReport.Decode(source, Stripes), static value => value.Encode(), isCanonical: false),
    new Format<LeaseGift>(LeaseGift.Decode, static value => value.Encode(), isCanonical: false),
    new Format<LeaseStates>(static source => LeaseStates.Decode(source, Stripes), static value => value.Encode(), isCanonical: false))
{
    private const int Stripes = 3;
}
