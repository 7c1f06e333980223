using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>One audit of a member by this node.</summary>
/// <param name="Member">Who was audited.</param>
/// <param name="Blob">By which blob; all zeros where none was chosen yet.</param>
/// <param name="Kind">How.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="UnixMs">When it ended, on the auditor's clock.</param>
/// <param name="TookMs">How long the member took, in milliseconds.</param>
internal readonly record struct AuditResult(NodeId Member, BlobId Blob, AuditKind Kind, AuditOutcome Outcome, long UnixMs, int TookMs);
