namespace Megatorrent.Client.Location;

/// <summary>One node process of a cluster on this machine.</summary>
/// <param name="Id">The node's id; empty while it is not known.</param>
/// <param name="Pid">Its process, which may have ended; 0 where it was never started.</param>
/// <param name="Listen">Its endpoint.</param>
/// <param name="Data">Its directory.</param>
/// <param name="Domain">Its failure domain.</param>
public sealed record ClusterNode(string Id, int Pid, string Listen, string Data, string Domain);
