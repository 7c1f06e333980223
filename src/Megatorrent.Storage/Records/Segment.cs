using System.Globalization;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Records;

/// <summary>
/// One open segment file with its counts. The counts belong to the store's lock. The file stays open while anyone holds a reference,
/// so that a read under way outlives the deletion of the segment.
/// </summary>
internal sealed class Segment(uint number, IFile file)
{
    private int _references = 1;

    public uint Number { get; } = number;

    public IFile File { get; } = file;

    /// <summary>Where the next record goes: everything before is written, not necessarily flushed.</summary>
    public long Length { get; set; } = SegmentHeader.Length;

    /// <summary>Everything before is flushed and applied to the index.</summary>
    public long DurableLength { get; set; } = SegmentHeader.Length;

    /// <summary>Bytes on disk past <see cref="Length"/> that could not be cut off.</summary>
    public long LooseBytes { get; set; }

    /// <summary>Writes that failed, and may have left records past <see cref="Length"/>.</summary>
    public int FailedWrites { get; set; }

    /// <summary>Of <see cref="FailedWrites"/>, those whose remains were cut off by a flush that came after them.</summary>
    public int FlushedFailures { get; set; }

    /// <summary>
    /// Whether a loss of power may bring back what was never acknowledged here, unless the header of a later segment vouches for
    /// <see cref="Length"/>.
    /// </summary>
    public bool HasDoubtfulTail => FailedWrites != FlushedFailures || LooseBytes > 0 || Failure is not null;

    /// <summary>Records of blobs and descriptors in the file, live or not.</summary>
    public int PutRecords { get; set; }

    public int Tombstones { get; set; }

    /// <summary>Records that the index points at.</summary>
    public int LiveRecords { get; set; }

    /// <summary>Bytes of <see cref="LiveRecords"/>, headers included.</summary>
    public long LiveBytes { get; set; }

    /// <summary>Why nothing more may be appended, if a flush failed.</summary>
    public Exception? Failure { get; set; }

    public int DeadPuts => PutRecords - LiveRecords;

    /// <summary>Bytes on disk.</summary>
    public long FileBytes => Length + LooseBytes;

    /// <summary>Bytes of dead records of blobs and descriptors, and of damage.</summary>
    public long DeadBytes => FileBytes - SegmentHeader.Length - LiveBytes - TombstoneBytes;

    public long TombstoneBytes => (long)Tombstones * RecordHeader.Length;

    public static string FileName(uint number) => string.Create(CultureInfo.InvariantCulture, $"{number:x8}.seg");

    public static bool TryParseName(string name, out uint number)
    {
        number = 0;
        return name.Length == 12 && name.EndsWith(".seg", StringComparison.Ordinal)
            && uint.TryParse(name.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            && number != 0 && name == FileName(number);
    }

    public void AddLive(long recordBytes)
    {
        LiveRecords++;
        LiveBytes += recordBytes;
    }

    public void RemoveLive(long recordBytes)
    {
        LiveRecords--;
        LiveBytes -= recordBytes;
    }

    /// <summary>Only under the store's lock, where the segment is known to be listed and so to hold its own reference.</summary>
    public void Acquire() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            File.Dispose();
    }
}
