using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Checkpoints;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;

namespace Megatorrent.Storage;

public sealed partial class BlobStore
{
    private const string CheckpointName = "CHECKPOINT";
    private const string TemporarySuffix = ".new";
    private const int SlotsPerTurn = 4096; // entries copied under one hold of the gate
    private const int EntriesPerTurn = 512; // entries read at once: they stay in the cache until they are in the index

    private long _bytesSinceCheckpoint;
    private bool _checkpointIsOld; // the index changed in a way that wrote nothing to a segment

    /// <summary>
    /// Called where no write is under way. A checkpoint only saves time at the next start, so a failure is not one of the store.
    /// </summary>
    private async Task TryWriteCheckpointAsync()
    {
        try
        {
            await _executor.RunAsync(
                static store =>
                {
                    store.WriteCheckpoint();
                    return true;
                },
                this);
            lock (_gate)
                _checkpointIsOld = false;
        }
        catch (Exception)
        {
            // Whatever it was: the loop that writes must go on.
            lock (_gate)
                _checkpointIsOld = true;
        }
        lock (_gate)
            _bytesSinceCheckpoint = 0;
    }

    private void WriteCheckpoint()
    {
        string temporary = PathOf(CheckpointName + TemporarySuffix);
        try
        {
            using (IFile file = _files.Open(temporary, FileOpenMode.Create))
            {
                var writer = new CheckpointWriter(file);
                WriteSegments(writer);
                long blobs = WriteEntries(writer, _blobs);
                long descriptors = WriteEntries(writer, _descriptors);
                writer.Finish(blobs, descriptors);
                file.Flush();
            }
            _files.Rename(temporary, PathOf(CheckpointName));
            _files.SyncDirectory(_directory);
        }
        catch (MegatorrentException)
        {
            TryDelete(temporary);
            throw;
        }
    }

    private void WriteSegments(CheckpointWriter writer)
    {
        CheckpointHeader header;
        List<CheckpointSegment> rows;
        lock (_gate)
        {
            rows =
            [
                .. _segments.Values.Select(
                    segment => new CheckpointSegment(segment.Number, segment.PutRecords, segment.Tombstones, segment.Length)),
            ];
            header = new CheckpointHeader(_salt, _nextSegment, rows.Count > 0 ? rows[^1].Number : 0, rows.Count);
        }
        header.Write(writer.Next(CheckpointHeader.Length));
        foreach (CheckpointSegment row in rows)
            row.Write(writer.Next(CheckpointSegment.RowLength));
    }

    // Entries keep their slots, so a pass in turns sees all that stay. One that is dropped meanwhile may be in or out: its record is bad.
    private long WriteEntries(CheckpointWriter writer, LocationIndex index)
    {
        long count = 0;
        for (int slot = 0; ;)
        {
            writer.EnsureRoom(SlotsPerTurn * CheckpointEntry.RowLength); // no disk under the gate
            lock (_gate)
            {
                int end = Math.Min(index.SlotCount, slot + SlotsPerTurn);
                if (slot >= end)
                    return count;
                for (; slot < end; slot++)
                {
                    if (!index.TryGetSlot(slot, out BlobId id, out RecordLocation location))
                        continue;
                    CheckpointEntry.Write(writer.Next(CheckpointEntry.RowLength), id, location);
                    count++;
                }
            }
        }
    }

    /// <summary>
    /// Loads the checkpoint into the index and the segments that are open. False, and nothing changed, if it is missing, broken, or does
    /// not fit the segments.
    /// </summary>
    private bool TryLoadCheckpoint(out uint position)
    {
        position = 0;
        try
        {
            using IFile file = _files.Open(PathOf(CheckpointName), FileOpenMode.Read);
            var reader = new CheckpointReader(file);
            if (!CheckpointHeader.TryRead(reader.Next(CheckpointHeader.Length), out CheckpointHeader header)
                || header.Salt != _salt || !reader.IsWhole(header.SegmentCount))
            {
                return false;
            }
            var rows = new Dictionary<uint, CheckpointSegment>();
            for (int i = 0; i < header.SegmentCount; i++)
            {
                ReadOnlySpan<byte> row = reader.Next(CheckpointSegment.RowLength);
                if (row.IsEmpty)
                    return false;
                var segment = CheckpointSegment.Read(row);
                rows[segment.Number] = segment;
            }
            LocationIndex blobs = NewIndex((int)reader.BlobCount);
            LocationIndex descriptors = NewIndex((int)reader.DescriptorCount);
            if (!ReadEntries(reader, blobs, reader.BlobCount) || !ReadEntries(reader, descriptors, reader.DescriptorCount)
                || !reader.IsGood() || !Fits(header, rows))
            {
                return false;
            }
            _blobs = blobs;
            _descriptors = descriptors;
            _nextSegment = Math.Max(_nextSegment, header.NextSegment);
            position = header.Position;
            foreach (CheckpointSegment row in rows.Values)
            {
                if (!_segments.TryGetValue(row.Number, out Segment? segment))
                    continue; // compacted since: whatever lived there was written again, and is read below
                segment.PutRecords = row.PutRecords;
                segment.Tombstones = row.Tombstones;
                segment.LooseBytes = segment.FileBytes - row.Length;
                segment.Length = row.Length;
            }
            return true;
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.NotFound or ErrorKind.InputOutput)
        {
            return false;
        }
    }

    // What the checksum proves to be ours has no id twice: it was written out of an index.
    private static bool ReadEntries(CheckpointReader reader, LocationIndex index, long count)
    {
        var ids = new BlobId[EntriesPerTurn];
        var locations = new RecordLocation[EntriesPerTurn];
        while (count > 0)
        {
            int turn = (int)Math.Min(count, EntriesPerTurn);
            ReadOnlySpan<byte> rows = reader.Next(turn * CheckpointEntry.RowLength);
            if (rows.IsEmpty)
                return false;
            for (int i = 0; i < turn; i++)
            {
                locations[i] = CheckpointEntry.Read(rows[(i * CheckpointEntry.RowLength)..], out ids[i]);
                if (locations[i].Segment == 0 || locations[i].Length < 0)
                    return false;
            }
            index.AddNew(ids.AsSpan(0, turn), locations.AsSpan(0, turn));
            count -= turn;
        }
        return true;
    }

    // Every segment up to the position must be listed, and none may be shorter than it was: else the checkpoint is of another time.
    private bool Fits(CheckpointHeader header, Dictionary<uint, CheckpointSegment> rows)
    {
        if (PlantedBugs.Has(PlantedBug.CheckpointNotMatched))
            return true;
        foreach (Segment segment in _segments.Values)
        {
            bool isListed = rows.TryGetValue(segment.Number, out CheckpointSegment row);
            if (segment.Number <= header.Position && !isListed)
                return false;
            if (isListed && (row.Length < SegmentHeader.Length || row.Length > segment.FileBytes))
                return false;
        }
        return true;
    }
}
