namespace Megatorrent.Client.Location;

/// <summary>The pointer in the user's configuration folder to the cluster that <c>cluster up</c> left running. Names are frozen by a test.</summary>
/// <param name="Data">The cluster's directory.</param>
/// <param name="Cluster">The cluster's Ed25519 public key, in lower-case hex digits.</param>
public sealed record PointerDocument(string Data, string Cluster);
