using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Records;

/// <summary>Told of each record that a scan finds, in the order of the file.</summary>
/// <param name="header">The header; its checksum is right.</param>
/// <param name="offset">Where the record begins.</param>
/// <param name="payloadGood">Whether the payload has its checksum; true without a look where the scan does not verify.</param>
internal delegate void RecordVisitor(in RecordHeader header, long offset, bool payloadGood);

/// <summary>What a scan saw besides the records.</summary>
/// <param name="GoodEnd">Where the last good record ends, or where the scan began.</param>
/// <param name="DamagedAfterGood">Records with a bad payload past <paramref name="GoodEnd"/>.</param>
/// <param name="SkippedBytes">Bytes between records that are not part of any.</param>
/// <param name="HasReadErrors">Whether the disk refused to read some of it.</param>
internal readonly record struct ScanResult(long GoodEnd, int DamagedAfterGood, long SkippedBytes, bool HasReadErrors);

/// <summary>
/// Walks the records of a segment. A record with a bad payload is passed over by its length; where a header is bad the scan looks for the
/// next place where a header with a right checksum stands.
/// </summary>
internal static class SegmentScanner
{
    private const int ReadAheadBytes = 1 << 20;
    private const int SmallReadAheadBytes = 256 * 1024;
    private const int SparseReadAheadBytes = 4096;
    private const int SmallRecordBytes = 32 * 1024;

    public static ScanResult Scan(IFile file, uint segment, ulong salt, long from, long end, bool verify, RecordVisitor visit)
    {
        var reader = new WindowReader(file, end);
        long position = from;
        long goodEnd = from;
        long skipped = 0;
        int damagedAfterGood = 0;
        // Without a look at the payloads, big records make reading ahead a waste.
        int readAhead = verify ? ReadAheadBytes : SmallReadAheadBytes;
        while (position + RecordHeader.Length <= end)
        {
            ReadOnlySpan<byte> bytes = reader.Get(position, RecordHeader.Length, readAhead);
            if (!RecordHeader.TryRead(bytes, salt, segment, position, out RecordHeader header))
            {
                long next = FindHeader(reader, segment, salt, position + 1, end);
                skipped += next - position;
                position = next;
                continue;
            }
            if (position + header.RecordLength > end)
            {
                // The file ends inside this record: what follows is its payload, not records.
                skipped += end - position;
                break;
            }
            bool good = true;
            if (verify && header.PayloadLength > 0)
            {
                ReadOnlySpan<byte> payload = reader.Get(position + RecordHeader.Length, header.PayloadLength, readAhead);
                good = payload.Length == header.PayloadLength && RecordHeader.Checksum(payload) == header.PayloadChecksum;
            }
            visit(in header, position, good);
            position += header.RecordLength;
            damagedAfterGood = good ? 0 : damagedAfterGood + 1;
            if (good)
                goodEnd = position;
            if (!verify)
                readAhead = header.RecordLength < SmallRecordBytes ? SmallReadAheadBytes : SparseReadAheadBytes;
        }
        if (position < end && position + RecordHeader.Length > end)
            skipped += end - position;
        return new ScanResult(goodEnd, damagedAfterGood, skipped, reader.HasReadErrors);
    }

    private static long FindHeader(WindowReader reader, uint segment, ulong salt, long from, long end)
    {
        ReadOnlySpan<byte> magic = [0x4D, 0x54, 0x52, 0x31];
        long position = from;
        while (position + RecordHeader.Length <= end)
        {
            ReadOnlySpan<byte> window = reader.Get(position, ReadAheadBytes, ReadAheadBytes);
            int found = window.IndexOf(magic);
            if (found < 0)
            {
                position += Math.Max(1, window.Length - (magic.Length - 1));
                continue;
            }
            position += found;
            ReadOnlySpan<byte> bytes = reader.Get(position, RecordHeader.Length, ReadAheadBytes);
            if (RecordHeader.TryRead(bytes, salt, segment, position, out RecordHeader header) && position + header.RecordLength <= end)
                return position;
            position++;
        }
        return end;
    }
}
