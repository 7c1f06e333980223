using Megatorrent.Core;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>
/// A seeded run of puts, deletions and compactions, several at once, with stores that are closed and stores that are only killed, and all
/// that it did to its disk.
/// </summary>
internal static class RecordedWorkload
{
    private const int TogetherMax = 5;
    private const int SessionsEvery = 40; // operations from one opening of the store to the next

    /// <summary>Small segments and checkpoints, so that each of the store's ways to write comes often.</summary>
    public static BlobStoreOptions Options { get; } =
        Sample.Options with { SegmentBytes = 8192, CheckpointBytes = 12_000, CompactionDeadRatio = 0.25 };

    /// <summary>Runs <paramref name="operations"/> of them.</summary>
    /// <param name="seed">One seed, one run.</param>
    /// <param name="operations">Puts, deletions and compactions in all.</param>
    /// <param name="batchBytes">Bytes that the store writes before one flush: few make many batches that wait at once.</param>
    public static List<DiskEvent> Run(ulong seed, int operations, long batchBytes)
    {
        var disk = new FaultyFileSystem(seed);
        var files = new RecordingFileSystem(disk);
        BlobStoreOptions options = Options with { BatchBytes = batchBytes, Executor = new LateExecutor(seed) };
        SingleThread.Run(async () =>
        {
            var random = new SeededRandomSource(seed);
            for (int done = 0; done < operations; done += SessionsEvery)
            {
                BlobStore store = await Sample.OpenAsync(files, options);
                await SessionAsync(store, files, random, Math.Min(SessionsEvery, operations - done));
                if (random.Next(2) == 0)
                    await store.DisposeAsync();
                else
                    disk.KillProcess();
            }
        });
        return files.Events;
    }

    private static async Task SessionAsync(BlobStore store, RecordingFileSystem files, SeededRandomSource random, int operations)
    {
        while (operations > 0)
        {
            int together = Math.Min(operations, 1 + random.Next(TogetherMax));
            operations -= together;
            int first = random.Next(Ledger.Count);
            // Of different blobs: what one of two changes of the same blob leaves is not to be told.
            await Task.WhenAll(Enumerable.Range(0, together).Select(i => Step.RunAsync(store, random.Next(Step.Choices), (first + (i * 7)) % Ledger.Count, files.Note)));
        }
    }
}
