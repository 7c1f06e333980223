using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class ConcurrencyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mt-store-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Puts_gets_deletions_compactions_and_scrubs_together()
    {
        const int Workers = 8;
        const int PerWorker = 40;
        const int Rounds = 150;
        const ulong Seed = 11;
        var options = new BlobStoreOptions
        {
            SegmentBytes = 64 * 1024,
            CheckpointBytes = 300_000,
            QueueBytes = 40_000,
            BatchBytes = 16_000,
            ReserveFreeBytes = 0,
        };
        var present = new bool[Workers * PerWorker];
        await using (BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, _directory, options))
        {
            using var done = new CancellationTokenSource();
            Task compacting = LoopAsync(async () => await store.CompactAsync(), done.Token);
            Task scrubbing = LoopAsync(async () => Assert.Empty((await store.ScrubAsync(new ScrubOptions())).Bad), done.Token);
            Task[] workers = [.. Enumerable.Range(0, Workers).Select(worker => ThreadPoolExecutor.Instance.RunAsync(
                static work => WorkAsync(work.store, work.worker, work.present), (store, worker, present)).AsTask().Unwrap())];
            await Task.WhenAll(workers);
            await done.CancelAsync();
            await compacting;
            await scrubbing;
            await CheckAsync(store);
        }
        await using (BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, _directory, options))
            await CheckAsync(store);
        File.Delete(Path.Combine(_directory, "CHECKPOINT"));
        await using (BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, _directory, options))
            await CheckAsync(store);

        async Task CheckAsync(BlobStore store)
        {
            Assert.Equal(present.Count(isPresent => isPresent), store.Statistics.Blobs);
            for (int number = 0; number < present.Length; number++)
            {
                (BlobId id, byte[] blob) = Sample.Blob(number, 100 + (number * 17));
                if (present[number])
                    Assert.Equal(blob, await Sample.ReadAsync(store, id));
                else
                    Assert.False(store.Contains(id));
            }
        }

        static async Task WorkAsync(BlobStore store, int worker, bool[] present)
        {
            var random = new SeededRandomSource(Seed + (ulong)worker);
            for (int round = 0; round < Rounds; round++)
            {
                int number = (worker * PerWorker) + random.Next(PerWorker);
                (BlobId id, byte[] blob) = Sample.Blob(number, 100 + (number * 17));
                switch (random.Next(3))
                {
                    case 0:
                        Assert.Equal(!present[number], await store.PutAsync(id, blob));
                        present[number] = true;
                        break;
                    case 1:
                        await store.DeleteAsync(id);
                        present[number] = false;
                        break;
                    default:
                        if (present[number])
                            Assert.Equal(blob, await Sample.ReadAsync(store, id));
                        else
                            await Sample.FailsAsync(ErrorKind.NotFound, async () => await store.GetAsync(id));
                        break;
                }
            }
        }
    }

    [Fact]
    public async Task The_same_blob_put_by_many_at_once_is_stored_once()
    {
        (BlobId id, byte[] blob) = Sample.Blob(1, 100_000);
        await using BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, _directory, new BlobStoreOptions());
        bool[] results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.PutAsync(id, blob).AsTask()));
        Assert.Equal(1, results.Count(isNew => isNew));
        Assert.Equal(0, store.Statistics.DeadBytes - 64);
        Assert.Equal(1, store.Statistics.Blobs);
    }

    [Fact]
    public async Task A_hundred_thousand_small_blobs()
    {
        const int Count = 100_000;
        await using (BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, _directory, new BlobStoreOptions()))
        {
            int next = -1;
            await Task.WhenAll(Enumerable.Range(0, 512).Select(async _ =>
            {
                for (int number; (number = Interlocked.Increment(ref next)) < Count;)
                {
                    byte[] blob = Small(number);
                    Assert.True(await store.PutAsync(BlobId.Of(blob), blob));
                }
            }));
            Assert.Equal(Count, store.Statistics.Blobs);
            Assert.InRange((double)store.Statistics.IndexBytes / Count, 48, 64);
        }
        File.Delete(Path.Combine(_directory, "CHECKPOINT"));
        await using BlobStore again = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, _directory, new BlobStoreOptions());
        Assert.Equal(Count, again.Recovery.ScannedRecords);
        for (int number = 0; number < Count; number += 101)
            Assert.Equal(Small(number), await Sample.ReadAsync(again, BlobId.Of(Small(number))));

        static byte[] Small(int number) => BitConverter.GetBytes(number);
    }

    [Fact]
    public void A_batch_has_one_flush_and_while_it_runs_the_next_is_written()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var operations = new List<FileOperation>();
            files.Fault = (operation, path) =>
            {
                if (path.EndsWith(".seg", StringComparison.Ordinal) && operation is FileOperation.Write or FileOperation.Flush)
                    operations.Add(operation);
                return null;
            };
            var executor = new ManualExecutor();
            ValueTask<BlobStore> opening = Sample.OpenAsync(files, Sample.Options with { Executor = executor, SegmentBytes = 1 << 20 });
            executor.RunAll();
            await using BlobStore store = await opening;
            Task<bool>[] puts = [.. Enumerable.Range(0, 30).Select(number => Sample.PutAsync(store, number, 100))];
            await executor.RunUntilAsync(Task.WhenAll(puts));
            Assert.All(puts, put => Assert.True(put.Result));
            int flushes = operations.Count(operation => operation == FileOperation.Flush);
            Assert.InRange(flushes, 1, 10);
            executor.RunInline = true;
        });
    }

    [Fact]
    public void The_queue_is_bounded_and_lets_everything_through_in_the_end()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var executor = new ManualExecutor();
            ValueTask<BlobStore> opening = Sample.OpenAsync(
                files, Sample.Options with { Executor = executor, QueueBytes = 1000, SegmentBytes = 1 << 20 });
            executor.RunAll();
            await using BlobStore store = await opening;
            using var stop = new CancellationTokenSource();
            Task<bool>[] puts =
            [
                .. Enumerable.Range(0, 12).Select(number => Sample.PutAsync(store, number, 400, number == 7 ? stop.Token : default)),
            ];
            (BlobId large, byte[] largeBlob) = Sample.Blob(50, 5000);
            Task<bool> oversized = store.PutAsync(large, largeBlob).AsTask();
            int flushes = 0;
            files.Fault = (operation, _) =>
            {
                if (operation == FileOperation.Flush)
                    flushes++;
                return null;
            };
            await stop.CancelAsync();
            await executor.RunUntilAsync(Task.WhenAll(puts.Append(oversized)));
            Assert.Equal(11, puts.Count(put => put.IsCompletedSuccessfully));
            Assert.True(puts[7].IsCanceled);
            Assert.False(store.Contains(Sample.Blob(7, 400).Id));
            Assert.True(await oversized);
            Assert.True(flushes >= 7, $"two records fit the queue, and {flushes} flushes took all");
            executor.RunInline = true;
        });
    }

    [Fact]
    public void Disposal_waits_for_what_was_queued_and_later_calls_are_refused()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var executor = new ManualExecutor { RunInline = true };
            BlobStore store = await Sample.OpenAsync(files, Sample.Options with { Executor = executor });
            (BlobId first, byte[] firstBlob) = Sample.Blob(1, 100);
            await store.PutAsync(first, firstBlob);
            executor.RunInline = false;
            Task deleting = store.DeleteAsync(first).AsTask();
            Task disposal = store.DisposeAsync().AsTask();
            Task again = store.DisposeAsync().AsTask();
            Assert.False(disposal.IsCompleted);
            await executor.RunUntilAsync(Task.WhenAll(deleting, disposal, again));
            await deleting;
            await disposal;
            Assert.Equal(0, files.OpenFiles);
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.PutAsync(first, firstBlob));
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.GetAsync(first));
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.DeleteAsync(first));
            Assert.Throws<ObjectDisposedException>(() => store.Contains(first));
            executor.RunInline = true;
            await using BlobStore next = await Sample.OpenAsync(files);
            Assert.True(next.Recovery.FromCheckpoint);
            Assert.Equal(0, next.Recovery.ScannedRecords);
            Assert.False(next.Contains(first));
        });
    }

    private static async Task LoopAsync(Func<Task> body, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await body();
            await Task.Yield();
        }
    }
}
