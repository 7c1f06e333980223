using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>
/// Opens a store on every state in which a crash may have left the disk of a recorded run, at every point of it, and compares what it has
/// with what was acknowledged there. What the first opening has, a second one after another loss of power must have as well; and of some
/// openings, every state in which a crash in the middle of them may leave the disk.
/// </summary>
internal sealed class CrashExplorer(ulong seed)
{
    private const int NestedEvery = 64; // of so many states one is opened with a recorder, and its crashes are explored

    private readonly HashSet<UInt128> _seen = [];
    private readonly SeededRandomSource _random = new(seed);

    /// <summary>Events after which there were new states.</summary>
    public int Points { get; private set; }

    /// <summary>Different states that a store was opened on, with what was known then.</summary>
    public int States { get; private set; }

    /// <summary>Of them, those that a crash of an opening left.</summary>
    public int NestedStates { get; private set; }

    /// <summary>Openings of which the crashes were explored.</summary>
    public int Nested { get; private set; }

    /// <summary>Writes that waited for their flush at one time, at most.</summary>
    public int MostWaiting { get; private set; }

    /// <summary>Explores a run.</summary>
    /// <exception cref="CrashException">A state costs what was acknowledged; the message has the event and the state.</exception>
    public void Explore(IReadOnlyList<DiskEvent> events, Action<int>? progress = null)
    {
        var history = new DiskHistory();
        var ledger = new Ledger();
        for (int i = 0; i < events.Count; i++)
        {
            progress?.Invoke(i);
            MostWaiting = Math.Max(MostWaiting, history.Waiting);
            if (events[i].Note is { } note)
            {
                ledger.Apply(note);
                if (!note.IsEnd)
                    continue; // what may be doubtful from now on was tried when it was certain
                _seen.Clear(); // the same disk must now answer to other promises
                Visit(history, ledger, $"after event {i}, an acknowledgement", isNested: false);
            }
            else if (history.Apply(events[i]))
            {
                Points++;
                Visit(history, ledger, $"after event {i}, {events[i].Kind}", isNested: false);
            }
        }
    }

    private void Visit(DiskHistory history, Ledger ledger, string point, bool isNested)
    {
        foreach (DiskImage image in history.States(_random))
        {
            if (!_seen.Add(image.Hash()))
                continue;
            States++;
            NestedStates += isNested ? 1 : 0;
            bool nests = !isNested && States % NestedEvery == 0;
            try
            {
                SingleThread.Run(() => CheckAsync(image, ledger, nests, point));
            }
            catch (Exception exception) when (exception is MegatorrentException or CrashException or InvalidOperationException)
            {
                throw new CrashException($"{point}, on the disk {image.What}: {exception.Message}", exception);
            }
        }
    }

    private async Task CheckAsync(DiskImage image, Ledger ledger, bool nests, string point)
    {
        FaultyFileSystem disk = image.ToDisk(seed + (ulong)States);
        HashSet<(BlobId, bool)> first = await OpenAndCheckAsync(disk, ledger);
        disk.LosePower();
        HashSet<(BlobId, bool)> second = await OpenAndCheckAsync(disk, ledger);
        CrashException.Unless(first.SetEquals(second), "the second opening has other blobs than the first");
        if (nests)
            await ExploreOpeningAsync(image, ledger, point);
    }

    private static async Task<HashSet<(BlobId, bool)>> OpenAndCheckAsync(FaultyFileSystem disk, Ledger ledger)
    {
        BlobStore store = await Sample.OpenAsync(disk, RecordedWorkload.Options);
        HashSet<(BlobId, bool)> has = await ledger.CheckAsync(store);
        disk.KillProcess(); // not closed: nothing more is written
        return has;
    }

    private async Task ExploreOpeningAsync(DiskImage image, Ledger ledger, string point)
    {
        Nested++;
        var files = new RecordingFileSystem(new FaultyFileSystem(seed));
        files.Take(image);
        int from = files.Events.Count;
        BlobStore store = await Sample.OpenAsync(files, RecordedWorkload.Options);
        await store.DisposeAsync(); // and closing it again
        var history = new DiskHistory();
        for (int i = 0; i < files.Events.Count; i++)
        {
            if (history.Apply(files.Events[i]) && i >= from)
                Visit(history, ledger, $"{point}, in the opening after it, event {i - from}, {files.Events[i].Kind}", isNested: true);
        }
    }
}
