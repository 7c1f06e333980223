using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client;

/// <summary>One copy of a blob that is not what its id says.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="Node">Who holds the copy.</param>
/// <param name="Endpoint">Where.</param>
/// <param name="Stripe">The stripe's id.</param>
/// <param name="Problem">What was seen.</param>
public sealed record BadBlob(BlobId Blob, NodeId Node, string Endpoint, BlobId Stripe, string Problem);
