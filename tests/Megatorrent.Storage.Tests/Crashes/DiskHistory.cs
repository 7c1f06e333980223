using Megatorrent.Core;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>
/// A disk as it goes through recorded events, and at each of them the states in which a loss of power may leave it. The model is that of
/// a journaling file system: what was flushed is there; of each write behind that, any set of its sectors of 512 bytes, whatever the order
/// of the writes, the file as long as the last of them or as the write wanted it; of the changes to names a first part.
/// </summary>
internal sealed class DiskHistory
{
    private const int SectorBytes = 512;
    private const int SubsetWritesMax = 5; // above, 2^n subsets are too many: single ones and some at random
    private const int TornWritesMax = 4; // of the newest, each place that a write can be torn at
    private const int PlacesMax = 8; // in a write; of a longer one some at random
    private const int RandomStates = 4;

    private readonly Dictionary<int, byte[]> _durable = [];
    private readonly Dictionary<string, int> _names = [];
    private readonly List<DiskEvent> _writes = []; // and changes of length, not flushed
    private readonly List<DiskEvent> _renamings = []; // and creations and deletions, not flushed

    /// <summary>Writes, and changes of length, that are not flushed.</summary>
    public int Waiting => _writes.Count;

    /// <summary>Takes the next event in.</summary>
    /// <returns>Whether there may be states that were not there before.</returns>
    public bool Apply(DiskEvent next)
    {
        switch (next.Kind)
        {
            case DiskEventKind.Create:
                _durable.TryAdd(next.Inode, []);
                _renamings.Add(next);
                return true;
            case DiskEventKind.Rename or DiskEventKind.Delete:
                _renamings.Add(next);
                return true;
            case DiskEventKind.Write or DiskEventKind.SetLength:
                _writes.Add(next);
                return true;
            case DiskEventKind.Flush:
                foreach (DiskEvent write in _writes.Where(write => write.Inode == next.Inode))
                    _durable[next.Inode] = Write(_durable[next.Inode], write, static _ => true, fullLength: true);
                return _writes.RemoveAll(write => write.Inode == next.Inode) > 0;
            case DiskEventKind.SyncDirectory:
                bool isNew = _renamings.Count > 0;
                foreach (DiskEvent renaming in _renamings)
                    Rename(_names, renaming);
                _renamings.Clear();
                return isNew;
            default:
                return false;
        }
    }

    /// <summary>What a loss of power now may leave.</summary>
    public IEnumerable<DiskImage> States(IRandomSource random)
    {
        for (int names = _renamings.Count; names >= 0; names--)
        {
            foreach (Choice choice in Choices(random, isWhole: names == _renamings.Count))
                yield return Image(names, choice);
        }
    }

    private IEnumerable<Choice> Choices(IRandomSource random, bool isWhole)
    {
        int count = _writes.Count;
        yield return new Choice("all", static (_, _) => true);
        if (count == 0)
            yield break;
        yield return new Choice("none", static (_, _) => false);
        if (isWhole)
        {
            foreach (Choice choice in Subsets(count, random).Concat(Torn(random)))
                yield return choice;
        }
        for (int i = 0; i < RandomStates; i++)
        {
            int seed = random.Next(int.MaxValue);
            yield return new Choice(
                $"sectors by {seed}", (write, sector) => new Random(unchecked((seed * 31) + (write * 7919) + sector)).Next(2) == 0, (seed & 1) == 0);
        }
    }

    private static IEnumerable<Choice> Subsets(int count, IRandomSource random)
    {
        if (count <= SubsetWritesMax)
        {
            for (int set = 1; set < (1 << count) - 1; set++)
            {
                int chosen = set;
                yield return new Choice($"writes {chosen:b}", (write, _) => (chosen >> write & 1) != 0);
            }
            yield break;
        }
        for (int i = 0; i < count; i++)
        {
            int one = i;
            int seed = random.Next(int.MaxValue);
            yield return new Choice($"all but {one}", (write, _) => write != one);
            yield return new Choice($"only {one}", (write, _) => write == one);
            yield return new Choice($"writes by {seed}", (write, _) => new Random(unchecked(seed + (write * 7919))).Next(2) == 0);
        }
    }

    private IEnumerable<Choice> Torn(IRandomSource random)
    {
        for (int i = Math.Max(0, _writes.Count - TornWritesMax); i < _writes.Count; i++)
        {
            int torn = i;
            if (_writes[i].Bytes is not { } bytes)
                continue;
            int sectors = Sector(_writes[i], bytes.Length - 1) + 1;
            for (int place = 0; place < Math.Min(sectors, PlacesMax); place++)
            {
                int sector = sectors <= PlacesMax ? place : random.Next(sectors);
                yield return new Choice($"write {torn} up to sector {sector}", (write, at) => write != torn || at < sector);
                yield return new Choice($"write {torn} up to sector {sector}, then zeros", (write, at) => write != torn || at < sector, true);
                yield return new Choice($"write {torn} up to sector {sector}, nothing behind", (write, at) => write < torn || (write == torn && at < sector));
                yield return new Choice($"write {torn} without sector {sector}", (write, at) => write != torn || at != sector, true);
            }
        }
    }

    private DiskImage Image(int names, Choice choice)
    {
        var contents = new Dictionary<int, byte[]>(_durable);
        for (int i = 0; i < _writes.Count; i++)
        {
            int write = i;
            contents[_writes[i].Inode] =
                Write(contents[_writes[i].Inode], _writes[i], sector => choice.Has(write, sector), choice.FullLength);
        }
        var left = new Dictionary<string, int>(_names);
        foreach (DiskEvent renaming in _renamings.Take(names))
            Rename(left, renaming);
        return new DiskImage(
            [.. left.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, contents[pair.Value]))],
            $"{names} of {_renamings.Count} names, of {_writes.Count} writes {choice.What}");
    }

    // Sectors are the disk's: counted from the one in which the write begins.
    private static int Sector(DiskEvent write, long at) => (int)(((write.Offset + at) / SectorBytes) - (write.Offset / SectorBytes));

    private static byte[] Write(byte[] old, DiskEvent write, Func<int, bool> has, bool fullLength)
    {
        if (write.Bytes is not { } bytes)
            return has(0) ? Resize(old, write.Offset) : old;
        long length = old.Length;
        int last = Sector(write, bytes.Length - 1);
        for (int sector = last; sector >= 0; sector--)
        {
            if (has(sector))
            {
                length = Math.Max(length, Math.Min(write.Offset + bytes.Length, EndOf(write, sector)));
                break;
            }
        }
        byte[] result = Resize(old, fullLength ? Math.Max(old.Length, write.Offset + bytes.Length) : length);
        for (int sector = 0; sector <= last; sector++)
        {
            long from = Math.Max(write.Offset, EndOf(write, sector) - SectorBytes);
            long to = Math.Min(write.Offset + bytes.Length, EndOf(write, sector));
            if (has(sector))
                bytes.AsSpan((int)(from - write.Offset), (int)(to - from)).CopyTo(result.AsSpan((int)from));
        }
        return result;
    }

    private static long EndOf(DiskEvent write, int sector) => ((write.Offset / SectorBytes) + sector + 1) * SectorBytes;

    private static byte[] Resize(byte[] bytes, long length)
    {
        byte[] result = new byte[length];
        bytes.AsSpan(0, (int)Math.Min(bytes.Length, length)).CopyTo(result);
        return result;
    }

    private static void Rename(Dictionary<string, int> names, DiskEvent renaming)
    {
        if (renaming.Kind != DiskEventKind.Create)
            names.Remove(renaming.Path);
        if (renaming.Kind != DiskEventKind.Delete)
            names[renaming.Kind == DiskEventKind.Create ? renaming.Path : renaming.NewPath] = renaming.Inode;
    }

    /// <summary>Which part of what was not flushed has reached the disk.</summary>
    /// <param name="What">For people.</param>
    /// <param name="Has">By the number of the write and of its sector.</param>
    /// <param name="FullLength">Whether the file is as long as the write wanted it even where its last sectors are missing.</param>
    private sealed record Choice(string What, Func<int, int, bool> Has, bool FullLength = false);
}
