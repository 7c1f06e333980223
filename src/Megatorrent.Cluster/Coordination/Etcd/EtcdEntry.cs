namespace Megatorrent.Cluster.Coordination.Etcd;

/// <summary>A key of etcd and what is under it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; empty after a deletion.</param>
/// <param name="ModRevision">The revision that wrote it last.</param>
/// <param name="Lease">The lease that it goes with, 0 for none.</param>
/// <param name="IsDeleted">Whether it is gone; only a watch tells of such.</param>
internal sealed record EtcdEntry(string Key, byte[] Value, long ModRevision, long Lease, bool IsDeleted);
