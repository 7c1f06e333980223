using Megatorrent.Core.Hashing;

namespace Megatorrent.Storage;

/// <summary>How far a scrub has come.</summary>
/// <param name="Checked">Blobs and descriptors read so far.</param>
/// <param name="Total">Blobs and descriptors that there were at its start.</param>
/// <param name="Bytes">Bytes read so far, headers included.</param>
/// <param name="Bad">Damaged ones so far.</param>
public readonly record struct ScrubProgress(long Checked, long Total, long Bytes, long Bad)
{
    /// <summary>Of a scrub of one segment: where in the file the record just read begins. Else 0.</summary>
    public long Offset { get; init; }

    /// <summary>The blob just read, if it was damaged and dropped: a caller that is cut short must not lose it.</summary>
    public BlobId? BadBlob { get; init; }

    /// <summary>The stripe of the descriptor just read, if it was damaged and dropped.</summary>
    public BlobId? BadDescriptor { get; init; }
}
