namespace Megatorrent.Storage;

/// <summary>How far a scrub has come.</summary>
/// <param name="Checked">Blobs and descriptors read so far.</param>
/// <param name="Total">Blobs and descriptors that there were at its start.</param>
/// <param name="Bytes">Bytes read so far, headers included.</param>
/// <param name="Bad">Damaged ones so far.</param>
public readonly record struct ScrubProgress(long Checked, long Total, long Bytes, long Bad);
