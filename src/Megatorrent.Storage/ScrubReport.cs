using Megatorrent.Core.Hashing;

namespace Megatorrent.Storage;

/// <summary>What a scrub found.</summary>
/// <param name="Checked">Blobs and descriptors read and verified, good or bad.</param>
/// <param name="Bytes">Bytes read, headers included.</param>
/// <param name="Bad">Blobs that were damaged or could not be read; the store no longer contains them.</param>
/// <param name="BadDescriptors">Stripe ids of descriptors that were damaged or could not be read; likewise dropped.</param>
public sealed record ScrubReport(long Checked, long Bytes, IReadOnlyList<BlobId> Bad, IReadOnlyList<BlobId> BadDescriptors);
