using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>What other services of the node may know of audits. Thread-safe.</summary>
internal interface IAuditOutcomes
{
    /// <summary>Raised after every audit that this node made; handlers must be quick and must not throw.</summary>
    event Action<AuditResult>? Audited;

    /// <summary>Raised when a member's standing changed; likewise.</summary>
    event Action<NodeId, AuditStanding>? StandingChanged;

    /// <summary>A member's standing now.</summary>
    AuditStanding StandingOf(NodeId member);

    /// <summary>Audits a member sooner than by chance, because something about it is suspicious. Asked again before that: one audit.</summary>
    void AuditSoon(NodeId member);
}
