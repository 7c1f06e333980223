using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Wire;
using Megatorrent.Network;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Services;

/// <summary>What a node gives its services to work with; lives as long as the node.</summary>
internal sealed class NodeParts
{
    /// <summary>What the node was started with: folder, file system, identity, cluster key and the options of the services.</summary>
    public required NodeOptions Options { get; init; }

    /// <summary>Its own name.</summary>
    public required NodeId Self { get; init; }

    /// <summary>Its blobs and descriptors.</summary>
    public required BlobStore Store { get; init; }

    /// <summary>Its connections to others.</summary>
    public required ConnectionPool Pool { get; init; }

    /// <summary>Who is in the cluster and who lives.</summary>
    public required Membership Membership { get; init; }

    /// <summary>Its repair.</summary>
    public required RepairService Repair { get; init; }

    /// <summary>Bytes that clients, not nodes, have read and written here since the start.</summary>
    public required Func<long> ForegroundBytes { get; init; }

    /// <summary>Bytes that the periodic scrub under way has read, and whole hours since it began; null when none is.</summary>
    public required Func<(long Bytes, long Hours)?> ScrubUnderWay { get; init; }

    /// <summary>Tells the others another share of this node's weight, in millionths.</summary>
    public required Action<long> AnnounceWeight { get; init; }

    /// <summary>A clock that never goes back; its offset from the wall clock is that of the node's start.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The log.</summary>
    public required EventLog Log { get; init; }

    /// <summary>How well the members serve.</summary>
    public IPeerScores Scores { get; init; } = Unjudged.Instance;

    /// <summary>Takes what services see of the correctness of members; an audit tells it of every challenge.</summary>
    public IPeerEvidence Evidence { get; init; } = Unjudged.Instance;

    /// <summary>Whose requests are odd; an audit looks at them more often.</summary>
    public ISuspicions Suspicions { get; init; } = Unjudged.Instance;

    /// <summary>Runs hashing, coding and file access.</summary>
    public IWorkExecutor Executor => Options.Executor;

    /// <summary>Choices, nonces, jitter.</summary>
    public IRandomSource Random => Options.Random;

    /// <summary>Asks a member a question of a service.</summary>
    /// <param name="member">Whom.</param>
    /// <param name="name">The call's name.</param>
    /// <param name="body">The question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MegatorrentException">The member's answer, or Unreachable or Timeout.</exception>
    public ValueTask<byte[]> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        AskAsync(member.Endpoint, member.Id, name, body, cancellationToken);

    /// <summary>As <see cref="AskAsync(Member, string, ReadOnlyMemory{byte}, CancellationToken)"/>, of a node that need be no member.</summary>
    public async ValueTask<byte[]> AskAsync(
        string endpoint, NodeId id, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        PeerConnection connection = await Pool.GetAsync(endpoint, id, cancellationToken);
        return await connection.StatusAsync(new NodeQuestion(name, body).Encode(), cancellationToken);
    }
}
