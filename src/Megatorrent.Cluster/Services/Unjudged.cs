using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Services;

/// <summary>For a service that runs by itself, without the rest of a node: all members are alike and nobody is flagged.</summary>
internal sealed class Unjudged : IPeerScores, IPeerEvidence, ISuspicions
{
    private Unjudged()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static Unjudged Instance { get; } = new();

    /// <inheritdoc/>
    public event Action<Suspicion>? Flagged
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public event Action<NodeId>? Released
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Suspicion> Current => [];

    /// <inheritdoc/>
    public double ScoreOf(NodeId member) => TrustSolver.Prior;

    /// <inheritdoc/>
    public void Observed(NodeId member, PeerEvidence evidence)
    {
        // Nobody keeps it.
    }

    /// <inheritdoc/>
    public bool IsFlagged(NodeId peer) => false;
}
