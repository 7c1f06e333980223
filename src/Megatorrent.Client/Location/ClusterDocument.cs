namespace Megatorrent.Client.Location;

/// <summary>
/// <c>DIR/cluster.json</c>, the cluster that <c>megatorrent cluster up</c> made in a directory, and what that command prints with
/// <c>--json</c>. Names are frozen by a test.
/// </summary>
/// <param name="Cluster">The cluster's Ed25519 public key, in lower-case hex digits.</param>
/// <param name="Nodes">Its nodes on this machine.</param>
/// <param name="NodeArguments">What every node is started with.</param>
public sealed record ClusterDocument(string Cluster, IReadOnlyList<ClusterNode> Nodes, IReadOnlyList<string> NodeArguments);
