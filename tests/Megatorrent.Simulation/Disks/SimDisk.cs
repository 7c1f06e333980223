using Megatorrent.Core;
using Megatorrent.Simulation.Engine;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Tests.Faults;

namespace Megatorrent.Simulation.Disks;

/// <summary>
/// The disk of one machine. What was written and what is durable are kept apart; a loss of power leaves the durable bytes, any legal part of
/// the others, and a prefix of the changes of names. Each process sees it through a session that ends with it.
/// </summary>
internal sealed class SimDisk(SimScheduler scheduler, SimRandom random)
{
    private readonly Queue<Action<Dictionary<string, FaultyInode>>> _pendingNames = new();
    private readonly HashSet<string> _locks = [];
    private Dictionary<string, FaultyInode> _names = new(StringComparer.Ordinal);
    private Dictionary<string, FaultyInode> _durableNames = new(StringComparer.Ordinal);

    /// <summary>Every session but this has ended.</summary>
    private int _session;

    /// <summary>Called at the write after that many others; null: never.</summary>
    public (int Writes, Action Crash)? CrashAt { get; set; }

    public bool IsFull { get; set; }

    /// <summary>Chance that an operation that changes something fails.</summary>
    public double ErrorChance { get; set; }

    /// <summary>How long each piece of work takes longer.</summary>
    public TimeSpan Slow { get; set; }

    /// <summary>Whether it may refuse what is asked of it; one that is only slow does not.</summary>
    public bool IsDisturbed => IsFull || ErrorChance > 0;

    public void Heal()
    {
        IsFull = false;
        ErrorChance = 0;
        Slow = TimeSpan.Zero;
        CrashAt = null;
    }

    public IFileSystem OpenSession()
    {
        _locks.Clear();
        return new Session(this, ++_session);
    }

    /// <summary>The process has died; with the power, what was not durable is partly lost.</summary>
    public void Die(bool power)
    {
        _session++;
        _locks.Clear();
        CrashAt = null;
        if (!power)
            return;
        for (int count = random.Below(_pendingNames.Count + 1); count > 0; count--)
            _pendingNames.Dequeue()(_durableNames);
        _pendingNames.Clear();
        _names = new Dictionary<string, FaultyInode>(_durableNames, StringComparer.Ordinal);
        foreach (FaultyInode inode in _names.Values)
            inode.LosePower(random);
    }

    public bool Exists(string path) => _names.ContainsKey(path);

    /// <summary>A new, empty disk.</summary>
    public void Wipe()
    {
        _pendingNames.Clear();
        _names.Clear();
        _durableNames.Clear();
    }

    /// <summary>Flips bits of one place in a segment. False when there is none.</summary>
    public bool Rot()
    {
        if (!TryPickSegment(out string? path))
            return false;
        FaultyInode segment = _names[path];
        segment.Flip(random.Below((int)segment.Length), (byte)(1 << random.Below(8)));
        return true;
    }

    /// <summary>Cuts a segment short, or takes it away. Only while no process runs. False when there is none.</summary>
    public bool LosePart()
    {
        if (!TryPickSegment(out string? path))
            return false;
        if (random.Chance(0.5))
        {
            KeepNames(); // or the creation of the segment, still under way, would bring it back
            _names.Remove(path);
            _durableNames.Remove(path);
            return true;
        }
        byte[] bytes = _names[path].ToArray();
        _names[path].Replace(bytes[..random.Below(bytes.Length)]);
        return true;
    }

    private bool TryPickSegment([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? path)
    {
        string[] segments = [.. _names.Where(pair => pair.Key.EndsWith(".seg", StringComparison.Ordinal) && pair.Value.Length > 64)
            .Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        path = segments.Length == 0 ? null : random.Pick(segments);
        return path is not null;
    }

    private void Change(Action<Dictionary<string, FaultyInode>> change)
    {
        change(_names);
        _pendingNames.Enqueue(change);
    }

    private void KeepNames()
    {
        while (_pendingNames.TryDequeue(out Action<Dictionary<string, FaultyInode>>? change))
            change(_durableNames);
    }

    private void Check(int session, string path, bool changes)
    {
        if (session != _session)
            throw new MegatorrentException(ErrorKind.InputOutput, $"The process that used '{path}' has died.");
        if (!changes)
            return;
        scheduler.Note((ulong)path.Length);
        if (CrashAt is { } plan)
        {
            CrashAt = plan with { Writes = plan.Writes - 1 };
            if (plan.Writes <= 0)
            {
                CrashAt = null;
                plan.Crash();
                throw new MegatorrentException(ErrorKind.InputOutput, "The machine stopped.");
            }
        }
        if (ErrorChance > 0 && random.Chance(ErrorChance))
            throw new MegatorrentException(ErrorKind.InputOutput, $"Injected error ('{path}').");
    }

    private sealed class Session(SimDisk disk, int session) : IFileSystem
    {
        public void CreateDirectory(string path)
        {
        }

        public IReadOnlyList<string> List(string directory)
        {
            disk.Check(session, directory, changes: false);
            string[] names = [.. disk._names.Keys.Where(path => Path.GetDirectoryName(path) == directory)
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
            return names;
        }

        public IFile Open(string path, FileOpenMode mode)
        {
            bool exists = disk._names.TryGetValue(path, out FaultyInode? inode);
            bool creates = mode is FileOpenMode.Create or FileOpenMode.CreateNew;
            disk.Check(session, path, creates);
            if (mode == FileOpenMode.CreateNew && exists)
                throw new MegatorrentException(ErrorKind.InputOutput, $"'{path}' exists.");
            if (!creates && !exists)
                throw new MegatorrentException(ErrorKind.NotFound, $"'{path}' is missing.");
            if (creates && disk.IsFull)
                throw new MegatorrentException(ErrorKind.StoreFull, $"No space left on device ('{path}').");
            if (!exists)
            {
                FaultyInode made = inode = new FaultyInode();
                disk.Change(names => names[path] = made);
            }
            if (mode == FileOpenMode.Create)
                inode!.SetLength(0);
            return new OpenFile(disk, session, path, inode!);
        }

        public void Delete(string path)
        {
            disk.Check(session, path, changes: true);
            disk.Change(names => names.Remove(path));
        }

        public void Rename(string from, string to)
        {
            disk.Check(session, to, changes: true);
            if (!disk._names.TryGetValue(from, out FaultyInode? inode))
                throw new MegatorrentException(ErrorKind.NotFound, $"'{from}' is missing.");
            disk.Change(names =>
            {
                names.Remove(from);
                names[to] = inode;
            });
        }

        public void SyncDirectory(string directory)
        {
            disk.Check(session, directory, changes: true);
            disk.KeepNames();
        }

        public long GetFreeBytes(string directory) => disk.IsFull ? 0 : 1L << 40;

        public IDisposable? TryLock(string path, out string? holder)
        {
            disk.Check(session, path, changes: false);
            holder = "another process";
            return disk._locks.Add(path) ? new Held(disk, path) : null;
        }
    }

    private sealed class Held(SimDisk disk, string path) : IDisposable
    {
        public void Dispose() => disk._locks.Remove(path);
    }

    private sealed class OpenFile(SimDisk disk, int session, string path, FaultyInode inode) : IFile
    {
        public long Length => inode.Length;

        public int Read(Span<byte> destination, long offset)
        {
            disk.Check(session, path, changes: false);
            return inode.Read(destination, offset);
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            var bytes = new byte[buffers.Sum(static buffer => buffer.Length)];
            int at = 0;
            foreach (ReadOnlyMemory<byte> buffer in buffers)
            {
                buffer.Span.CopyTo(bytes.AsSpan(at));
                at += buffer.Length;
            }
            int before = disk._session;
            try
            {
                disk.Check(session, path, changes: true);
            }
            catch (MegatorrentException) when (session == before && bytes.Length > 0)
            {
                if (session == disk._session)
                    inode.Write(bytes.AsSpan(0, disk.Torn(bytes.Length)), offset);
                throw;
            }
            if (disk.IsFull && offset + bytes.Length > inode.Length)
            {
                inode.Write(bytes.AsSpan(0, disk.Torn(bytes.Length)), offset);
                throw new MegatorrentException(ErrorKind.StoreFull, $"No space left on device ('{path}').");
            }
            inode.Write(bytes, offset);
        }

        public void SetLength(long length)
        {
            disk.Check(session, path, changes: true);
            inode.SetLength(length);
        }

        public void Flush()
        {
            try
            {
                disk.Check(session, path, changes: true);
            }
            catch (MegatorrentException) when (session == disk._session)
            {
                inode.ForgetUnflushed();
                throw;
            }
            inode.Flush();
        }

        public void Dispose()
        {
        }
    }

    private int Torn(int length) => random.Below(length);
}
