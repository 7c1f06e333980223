using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class CompactionTests
{
    private const int Blobs = 60;

    [Fact]
    public void It_gives_back_what_is_dead_and_keeps_what_lives()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            long full = store.Statistics.UsedBytes;
            for (int number = 0; number < Blobs; number++)
            {
                if (number % 4 != 0)
                    await store.DeleteAsync(Id(number));
            }
            await store.CompactAsync();
            Assert.InRange(store.Statistics.UsedBytes, 1, full / 2);
            Assert.Equal(store.Statistics.UsedBytes, files.Segments.Sum(path => files.ReadAll(path).Length));
            Assert.Equal(files.Segments.Count, store.Statistics.Segments);
            await CheckAsync(store, number => number % 4 == 0);
            // And from the segments alone.
            files.KillProcess();
            files.Remove($"{Sample.Directory}/CHECKPOINT");
            await using BlobStore again = await Sample.OpenAsync(files);
            await CheckAsync(again, number => number % 4 == 0);
        });
    }

    [Fact]
    public void A_store_from_which_everything_was_deleted_comes_down_to_nothing()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            for (int number = 0; number < Blobs; number++)
                await store.DeleteAsync(Id(number));
            await store.CompactAsync();
            Assert.Equal(0, store.Statistics.UsedBytes);
            Assert.Empty(files.Segments);
            (BlobId id, byte[] blob) = Sample.Blob(7, 300);
            Assert.True(await store.PutAsync(id, blob));
        });
    }

    [Fact]
    public void A_tombstone_stays_while_a_dead_record_of_its_blob_is_on_the_disk()
    {
        SingleThread.Run(async () =>
        {
            // Segment 1 keeps a dead record, as too little of it is dead to be compacted; its tombstone lies in a segment that is.
            var files = new FaultyFileSystem(1);
            BlobStoreOptions options = Sample.Options with { CompactionDeadRatio = 0.5 };
            await using BlobStore store = await FillAsync(files, options);
            await store.DeleteAsync(Id(0));
            (BlobId passing, byte[] blob) = Sample.Blob(900, 3500);
            await store.PutAsync(passing, blob);
            await store.DeleteAsync(passing);
            for (int round = 0; round < 3; round++)
            {
                await store.CompactAsync();
                await store.PutAsync(Sample.Blob(901 + round, 3900).Id, Sample.Blob(901 + round, 3900).Blob);
                await store.DeleteAsync(Sample.Blob(901 + round, 3900).Id);
            }
            await store.CompactAsync();
            Assert.True(files.Exists(Sample.Segment(1)));
            files.KillProcess();
            files.Remove($"{Sample.Directory}/CHECKPOINT");
            await using BlobStore again = await Sample.OpenAsync(files, options);
            Assert.False(again.Contains(Id(0)));
            Assert.Equal(Blobs - 1, again.Statistics.Blobs);
        });
    }

    [Fact]
    public void A_tombstone_does_not_outlive_the_return_of_its_blob()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            BlobStoreOptions options = Sample.Options with { CompactionDeadRatio = 0.5 };
            await using BlobStore store = await FillAsync(files, options);
            await store.DeleteAsync(Id(0));
            await store.PutAsync(Id(0), Blob(0));
            (BlobId passing, byte[] blob) = Sample.Blob(900, 3500);
            await store.PutAsync(passing, blob);
            await store.DeleteAsync(passing);
            await store.CompactAsync();
            await store.PutAsync(passing, blob);
            files.KillProcess();
            files.Remove($"{Sample.Directory}/CHECKPOINT");
            await using BlobStore again = await Sample.OpenAsync(files, options);
            await CheckAsync(again, _ => true);
        });
    }

    [Fact]
    public void It_passes_damage_over_and_reports_it()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using (BlobStore store = await FillAsync(files))
            {
                for (int number = 0; number < 8; number++)
                    await store.DeleteAsync(Id(number));
            }
            byte[] bytes = files.ReadAll(Sample.Segment(1));
            bytes[^5] ^= 1; // in the payload of the last record, which lives
            files.Replace(Sample.Segment(1), bytes);
            await using BlobStore again = await Sample.OpenAsync(files);
            await again.CompactAsync();
            Assert.False(files.Exists(Sample.Segment(1)));
            Assert.Equal(1, again.Statistics.BadRecords);
            Assert.Equal(Blobs - 9, again.Statistics.Blobs);
            ScrubReport report = await again.ScrubAsync(new ScrubOptions());
            Assert.Empty(report.Bad);
        });
    }

    [Fact]
    public void It_holds_few_records_while_the_disk_flushes_slowly()
    {
        const int count = 300, length = 64 << 10, live = count * 2 / 3;
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var executor = new ManualExecutor { RunInline = true, NewestFirst = true };
            BlobStoreOptions options = Sample.Options with { Executor = executor, SegmentBytes = 2 * count * length };
            await using BlobStore store = await Sample.OpenAsync(files, options);
            for (int number = 0; number < count; number++)
                await Sample.PutAsync(store, number, length);
            for (int number = 0; number < count; number += 3)
                await store.DeleteAsync(Sample.Blob(number, length).Id);
            (int read, int atFlush, int most) = (0, 0, 0);
            files.Fault = (operation, _) =>
            {
                if (operation == FileOperation.Read && read < live) // what is read after them is where the tombstones lie
                    most = Math.Max(most, ++read - atFlush);
                else if (operation == FileOperation.Flush)
                    atFlush = read;
                return null;
            };
            executor.RunInline = false;
            await executor.RunUntilAsync(store.CompactAsync().AsTask());
            executor.RunInline = true;
            Assert.InRange(most, 16, 64); // 4 MiB, of 12.5 that live
            Assert.Equal(live, store.Statistics.Blobs);
            Assert.Equal(1, store.Statistics.Segments);
            Assert.InRange(store.Statistics.DeadBytes, 0, length);
        });
    }

    [Fact]
    public void A_read_under_way_outlives_the_deletion_of_its_segment()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var executor = new ManualExecutor { RunInline = true };
            await using BlobStore store = await FillAsync(files, Sample.Options with { Executor = executor });
            int open = files.OpenFiles;
            executor.RunInline = false;
            Task<BlobLease> get = store.GetAsync(Id(0)).AsTask();
            executor.RunInline = true;
            for (int number = 0; number < Blobs; number++)
                await store.DeleteAsync(Id(number));
            await store.CompactAsync();
            Assert.Equal(0, store.Statistics.Segments);
            Assert.Equal(1, files.OpenFiles);
            executor.RunAll();
            using (BlobLease lease = await get)
                Assert.Equal(Blob(0), lease.Memory.ToArray());
            Assert.Equal(0, files.OpenFiles);
            Assert.True(open > 1);
        });
    }

    [Fact]
    public void It_starts_by_itself_once_enough_is_dead()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files, Sample.Options with { AutoCompact = true });
            long full = store.Statistics.UsedBytes;
            for (int number = 0; number < Blobs; number++)
            {
                if (number % 5 != 0)
                    await store.DeleteAsync(Id(number));
            }
            for (int turn = 0; turn < 1000; turn++)
                await Task.Yield();
            Assert.InRange(store.Statistics.UsedBytes, 1, full / 2);
            await CheckAsync(store, number => number % 5 == 0);
        });
    }

    [Fact]
    public void It_fails_without_loss_on_a_full_disk_and_deletes_what_is_all_dead_even_there()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            for (int number = 0; number < Blobs; number += 2)
                await store.DeleteAsync(Id(number));
            files.DiskBytes = files.DiskBytes - files.GetFreeBytes("/");
            await Sample.FailsAsync(ErrorKind.StoreFull, async () => await store.CompactAsync());
            await CheckAsync(store, number => number % 2 == 1);
            files.DiskBytes *= 2;
            for (int number = 0; number < 15; number++)
                await store.DeleteAsync(Id(number));
            files.DiskBytes = files.DiskBytes - files.GetFreeBytes("/");
            // The first segment is all dead by now, and what its deletion gives back is room enough to go on.
            Assert.True(files.Exists(Sample.Segment(1)));
            await store.CompactAsync();
            Assert.False(files.Exists(Sample.Segment(1)));
            await CheckAsync(store, number => number % 2 == 1 && number >= 15);
        });
    }

    [Fact]
    public void Stripe_ids_and_descriptors_move_along()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await Sample.OpenAsync(files);
            BlobId stripe = Id(500);
            await store.PutAsync(Id(0), Blob(0), stripe, Blob(3));
            for (int number = 1; number < 20; number++)
                await store.PutAsync(Id(number), Blob(number));
            for (int number = 1; number < 20; number++)
                await store.DeleteAsync(Id(number));
            await store.CompactAsync();
            Assert.False(files.Exists(Sample.Segment(1)));
            byte[] segment = files.ReadAll(files.Segments[^1]);
            Assert.True(segment.AsSpan().IndexOf(stripe.ToArray()) > 0, "the stripe id of the blob");
            Assert.Equal(Blob(3), await store.GetDescriptorAsync(stripe));
            Assert.Equal(Blob(0), await Sample.ReadAsync(store, Id(0)));
        });
    }

    private static BlobId Id(int number) => Sample.Blob(number, 300).Id;

    private static byte[] Blob(int number) => Sample.Blob(number, 300).Blob;

    private static async Task<BlobStore> FillAsync(FaultyFileSystem files, BlobStoreOptions? options = null)
    {
        BlobStore store = await Sample.OpenAsync(files, options);
        for (int number = 0; number < Blobs; number++)
            await store.PutAsync(Id(number), Blob(number));
        return store;
    }

    private static async Task CheckAsync(BlobStore store, Func<int, bool> isThere)
    {
        for (int number = 0; number < Blobs; number++)
        {
            Assert.Equal(isThere(number), store.Contains(Id(number)));
            if (isThere(number))
                Assert.Equal(Blob(number), await Sample.ReadAsync(store, Id(number)));
        }
    }
}
