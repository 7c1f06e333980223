namespace Megatorrent.Cluster.Services;

/// <summary>
/// A part of a node beside its store, its membership and its repair: it answers calls, works in the background, and has numbers to show.
/// Built and opened once the node listens, which answers no call before; started after membership and repair, and disposed before them.
/// </summary>
internal interface INodeService : IAsyncDisposable
{
    /// <summary>Its name in the node's status: lower case and hyphens.</summary>
    string Name { get; }

    /// <summary>What other nodes and clients may call.</summary>
    IReadOnlyList<NodeCall> Calls { get; }

    /// <summary>Its numbers for the node's status, quickly and from any thread.</summary>
    IReadOnlyDictionary<string, long> Numbers { get; }

    /// <summary>Reads what was remembered; membership and repair exist, but nothing runs yet.</summary>
    /// <exception cref="Core.MegatorrentException">It cannot work; the node does not start.</exception>
    ValueTask OpenAsync(CancellationToken cancellationToken);

    /// <summary>Starts what runs in the background, if anything does.</summary>
    void Start();
}
