using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;

namespace Megatorrent.Storage;

public sealed partial class BlobStore
{
    /// <summary>Runs once, before anyone else knows the store, so it needs no gate.</summary>
    private void Recover()
    {
        _files.CreateDirectory(_directory);
        _lock = _files.TryLock(PathOf(LockName), out string? holder);
        if (_lock is null)
        {
            throw new MegatorrentException(ErrorKind.InputOutput,
                $"Another process uses this store: {holder ?? "an unknown one"} holds '{_directory}'.");
        }
        var headers = new Dictionary<uint, SegmentHeader>();
        OpenSegments(headers);
        ReadFormat(headers);
        // A header of another store vouches for nothing here.
        foreach ((uint number, SegmentHeader header) in headers.ToArray())
        {
            if (header.Salt != _salt)
                headers.Remove(number);
        }
        bool fromCheckpoint = TryLoadCheckpoint(out uint position);
        var recovery = new RecoveryState();
        foreach (Segment segment in _segments.Values.ToArray())
        {
            bool isListed = fromCheckpoint && segment.Number <= position;
            if (isListed && segment.Number < position)
                continue;
            ScanSegment(segment, headers, isListed, recovery);
        }
        CountLive();
        if (_segments.Count > 0)
            _nextSegment = Math.Max(_nextSegment, _segments.Keys.Last() + 1);
        _bytesSinceCheckpoint = recovery.ScannedBytes;
        _checkpointIsOld = !fromCheckpoint;
        _badRecords = recovery.DamagedCount;
        recovery.DamagedIds.RemoveWhere(record => IndexOf(record.IsDescriptor).TryGet(record.Id, out _));
        Recovery = new RecoveryReport(fromCheckpoint, recovery.Records, [.. recovery.DamagedIds.Select(record => record.Id)],
            recovery.SkippedBytes, recovery.TruncatedBytes)
        {
            HalfStripes = [.. recovery.LastStripes.Where(stripe => !ContainsDescriptor(stripe))],
        };
    }

    private void OpenSegments(Dictionary<uint, SegmentHeader> headers)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Length];
        foreach (string name in _files.List(_directory))
        {
            if (!Segment.TryParseName(name, out uint number))
                continue;
            IFile file = _files.Open(PathOf(name), FileOpenMode.ReadWrite);
            long length = file.Length;
            if (length < SegmentHeader.Length)
            {
                // A crash came between the making of the file and its first flush: it holds nothing.
                file.Dispose();
                TryDelete(PathOf(name));
                _nextSegment = Math.Max(_nextSegment, number + 1);
                continue;
            }
            var segment = new Segment(number, file) { Length = length };
            _segments.Add(number, segment);
            if (TryReadHeader(file, bytes) && SegmentHeader.TryRead(bytes, out SegmentHeader header) && header.Number == number)
                headers.Add(number, header);
        }
    }

    private static bool TryReadHeader(IFile file, Span<byte> bytes)
    {
        try
        {
            return file.Read(bytes, 0) == bytes.Length;
        }
        catch (MegatorrentException)
        {
            return false;
        }
    }

    private void ReadFormat(Dictionary<uint, SegmentHeader> headers)
    {
        string path = PathOf(FormatFile.Name);
        try
        {
            using IFile file = _files.Open(path, FileOpenMode.Read);
            Span<byte> text = stackalloc byte[FormatFile.LengthMax];
            int length = file.Read(text, 0);
            if (FormatFile.TryDecode(text[..length], out _salt))
                return;
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
        }
        if (_segments.Count == 0)
        {
            Span<byte> salt = stackalloc byte[sizeof(ulong)];
            _options.Random.Fill(salt);
            _salt = BinaryPrimitives.ReadUInt64LittleEndian(salt);
        }
        else if (headers.Count > 0)
        {
            _salt = headers.Values.First().Salt;
        }
        else
        {
            throw new MegatorrentException(ErrorKind.Malformed,
                $"'{_directory}' is not a store that can be read: the file {FormatFile.Name} and the headers of all segments are damaged.");
        }
        WriteFormat(path);
    }

    private void WriteFormat(string path)
    {
        string temporary = path + TemporarySuffix;
        using (IFile file = _files.Open(temporary, FileOpenMode.Create))
        {
            file.Write([FormatFile.Encode(_salt)], 0);
            file.Flush();
        }
        _files.Rename(temporary, path);
        _files.SyncDirectory(_directory);
    }

    private void ScanSegment(Segment segment, Dictionary<uint, SegmentHeader> headers, bool isListed, RecoveryState recovery)
    {
        long fileBytes = segment.FileBytes;
        long from = isListed ? segment.Length : SegmentHeader.Length;
        Segment? next = _segments.Values.FirstOrDefault(other => other.Number > segment.Number);
        // The header after this segment vouches for it up to a length: no torn tail before, nothing acknowledged behind.
        bool isSealed = next is not null && headers.TryGetValue(next.Number, out SegmentHeader successor)
            && successor.PreviousNumber == segment.Number;
        long end = isSealed ? Math.Clamp(headers[next!.Number].PreviousLength, from, fileBytes) : fileBytes;
        bool isLast = next is null;
        recovery.IsLast = isLast;
        int damagedBefore = recovery.DamagedCount;
        ScanResult result = SegmentScanner.Scan(
            segment.File, segment.Number, _salt, from, end, verify: !isSealed && !PlantedBugs.Has(PlantedBug.TornTailAccepted),
            (in RecordHeader header, long offset, bool payloadGood) => Replay(segment, in header, offset, payloadGood, recovery));
        recovery.ScannedBytes += end - from;
        recovery.SkippedBytes += result.SkippedBytes;
        bool hasHeader = headers.ContainsKey(segment.Number);
        if (!isLast)
        {
            segment.Length = end;
            segment.LooseBytes = fileBytes - end;
            if (!isSealed && end > from)
                segment.File.Flush();
            return;
        }
        bool isEmpty = recovery.DamagedCount == damagedBefore && segment.PutRecords == 0 && segment.Tombstones == 0;
        if (!hasHeader && isEmpty && !result.HasReadErrors)
        {
            segment.Release();
            _segments.Remove(segment.Number);
            _nextSegment = Math.Max(_nextSegment, segment.Number + 1);
            TryDelete(PathOf(segment.Number));
            return;
        }
        CutTail(segment, fileBytes, result, recovery);
        bool isUsable = hasHeader && !result.HasReadErrors && segment.LooseBytes == 0 && segment.Length < _options.SegmentBytes;
        // What was read may be in the system's cache alone, and from now on counts as acknowledged.
        if (segment.Length > from || isUsable)
            segment.File.Flush();
        if (isUsable)
            _active = segment;
    }

    private static void CutTail(Segment segment, long fileBytes, ScanResult result, RecoveryState recovery)
    {
        segment.Length = fileBytes;
        segment.LooseBytes = 0;
        if (result.GoodEnd == fileBytes || result.HasReadErrors)
            return;
        segment.PutRecords -= result.DamagedAfterGood;
        segment.Length = result.GoodEnd;
        if (TryCut(segment))
            recovery.TruncatedBytes += fileBytes - result.GoodEnd;
        else
            segment.LooseBytes = fileBytes - result.GoodEnd;
    }

    private void Replay(Segment segment, in RecordHeader header, long offset, bool payloadGood, RecoveryState recovery)
    {
        recovery.Records++;
        bool isDescriptor = header.Kind is RecordKind.Descriptor or RecordKind.DescriptorTombstone;
        if (header.IsPut)
        {
            segment.PutRecords++;
            if (recovery.IsLast && payloadGood && header.Stripe != default)
                recovery.LastStripes.Add(header.Stripe);
            if (payloadGood)
                IndexOf(isDescriptor).Set(header.Id, new RecordLocation(segment.Number, (uint)offset, header.PayloadLength), out _);
            else
                recovery.AddDamaged(header.Id, isDescriptor);
        }
        else if (header.IsTombstone)
        {
            segment.Tombstones++;
            if (isDescriptor)
                recovery.LastStripes.Remove(header.Id);
            if (!PlantedBugs.Has(PlantedBug.TombstoneNotHeeded))
                IndexOf(isDescriptor).Remove(header.Id, out _);
        }
    }

    // Entries of a checkpoint whose segment is gone were dead by then: what lived in it had been written again, and was found.
    private void CountLive()
    {
        Segment? segment = null;
        foreach (LocationIndex index in (LocationIndex[])[_blobs, _descriptors])
        {
            for (int slot = 0; slot < index.SlotCount; slot++)
            {
                if (!index.TryGetSlot(slot, out BlobId id, out RecordLocation location))
                    continue;
                long bytes = RecordHeader.Length + (long)location.Length;
                if (segment?.Number != location.Segment) // seldom: neighbours were put one after the other
                    _segments.TryGetValue(location.Segment, out segment);
                if (segment is not null && location.Offset + bytes <= segment.Length)
                    segment.AddLive(bytes);
                else
                    index.Remove(id, out _);
            }
        }
        foreach (Segment open in _segments.Values)
        {
            open.DurableLength = open.Length;
            _usedBytes += open.FileBytes;
        }
    }

    private sealed class RecoveryState
    {
        public long Records { get; set; }

        public long ScannedBytes { get; set; }

        public long SkippedBytes { get; set; }

        public long TruncatedBytes { get; set; }

        public int DamagedCount { get; private set; }

        /// <summary>Whether the segment being read is the last, in which a write may have been cut short.</summary>
        public bool IsLast { get; set; }

        /// <summary>Stripes of blobs there.</summary>
        public HashSet<BlobId> LastStripes { get; } = [];

        public HashSet<(BlobId Id, bool IsDescriptor)> DamagedIds { get; } = [];

        public void AddDamaged(BlobId id, bool isDescriptor)
        {
            DamagedCount++;
            if (DamagedIds.Count < RecoveryReport.DamagedIdsMax)
                DamagedIds.Add((id, isDescriptor));
        }
    }
}
