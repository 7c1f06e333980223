using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>A node says that it audited a blob at another, and that it was right there.</summary>
/// <param name="Holder">Where.</param>
/// <param name="Blob">Which.</param>
/// <param name="AgeMs">How long ago, in milliseconds.</param>
public readonly record struct AuditedBlob(NodeId Holder, BlobId Blob, long AgeMs);
