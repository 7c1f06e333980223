using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class CheckpointTests
{
    private const string Checkpoint = Sample.Directory + "/CHECKPOINT";
    private const int Blobs = 40;

    [Fact]
    public void A_clean_close_leaves_nothing_to_scan()
    {
        SingleThread.Run(async () =>
        {
            FaultyFileSystem files = await MakeAsync();
            await using BlobStore store = await Sample.OpenAsync(files);
            Assert.True(store.Recovery.FromCheckpoint);
            Assert.Equal(0, store.Recovery.ScannedRecords);
            await CheckAsync(store);
        });
    }

    [Fact]
    public void Without_it_or_with_any_byte_of_it_wrong_the_segments_are_scanned()
    {
        SingleThread.Run(async () =>
        {
            FaultyFileSystem whole = await MakeAsync();
            byte[] bytes = whole.ReadAll(Checkpoint);
            Assert.True(bytes.Length > 1000);
            for (int place = -1; place < bytes.Length; place++)
            {
                FaultyFileSystem files = whole.Clone();
                if (place < 0)
                {
                    files.Remove(Checkpoint);
                }
                else
                {
                    byte[] flipped = [.. bytes];
                    flipped[place] ^= 0x10;
                    files.Replace(Checkpoint, flipped);
                }
                await using BlobStore store = await Sample.OpenAsync(files);
                Assert.False(store.Recovery.FromCheckpoint, $"byte {place}");
                Assert.Equal(Blobs, store.Recovery.ScannedRecords - 1);
                if (place % 97 == 0)
                    await CheckAsync(store);
            }
            for (int cut = 0; cut < bytes.Length; cut += 13)
            {
                FaultyFileSystem files = whole.Clone();
                files.Replace(Checkpoint, bytes[..cut]);
                await using BlobStore store = await Sample.OpenAsync(files);
                Assert.False(store.Recovery.FromCheckpoint, $"cut at {cut}");
                Assert.Equal(Blobs - 1, store.Statistics.Blobs);
            }
        });
    }

    [Fact]
    public void One_that_is_behind_is_made_up_for_from_where_it_ends()
    {
        SingleThread.Run(async () =>
        {
            FaultyFileSystem files = await MakeAsync();
            byte[] old = files.ReadAll(Checkpoint);
            (BlobId late, byte[] blob) = Sample.Blob(500, 300);
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                await store.PutAsync(late, blob);
                await store.DeleteAsync(Sample.Blob(7, 200).Id);
            }
            files.Replace(Checkpoint, old);
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.True(again.Recovery.FromCheckpoint);
            Assert.Equal(2, again.Recovery.ScannedRecords);
            Assert.Equal(blob, await Sample.ReadAsync(again, late));
            Assert.False(again.Contains(Sample.Blob(7, 200).Id));
        });
    }

    [Fact]
    public void One_that_is_older_than_a_compaction_is_made_up_for()
    {
        SingleThread.Run(async () =>
        {
            FaultyFileSystem files = await MakeAsync();
            byte[] old = files.ReadAll(Checkpoint);
            StoreStatistics expected;
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                for (int number = 0; number < Blobs; number += 2)
                    await store.DeleteAsync(Sample.Blob(number, 200).Id);
                await store.CompactAsync();
                expected = store.Statistics;
            }
            Assert.False(files.Exists(Sample.Segment(1)));
            files.Replace(Checkpoint, old);
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.True(again.Recovery.FromCheckpoint);
            for (int number = 0; number < Blobs; number++)
            {
                (BlobId id, byte[] blob) = Sample.Blob(number, 200);
                Assert.Equal(number % 2 == 1 && number != 3, again.Contains(id));
                if (again.Contains(id))
                    Assert.Equal(blob, await Sample.ReadAsync(again, id));
            }
            Assert.Equal(expected with { IndexBytes = 0 }, again.Statistics with { IndexBytes = 0 });
        });
    }

    [Fact]
    public void One_that_does_not_fit_the_segments_is_not_believed()
    {
        SingleThread.Run(async () =>
        {
            FaultyFileSystem files = await MakeAsync();
            byte[] segment = files.ReadAll(Sample.Segment(2));
            files.Replace(Sample.Segment(2), segment[..^100]);
            await using BlobStore store = await Sample.OpenAsync(files);
            Assert.False(store.Recovery.FromCheckpoint);
        });
    }

    [Fact]
    public void It_is_written_after_so_many_bytes_even_under_an_unbroken_load()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(3);
            BlobStore store = await Sample.OpenAsync(files, Sample.Options with { CheckpointBytes = 2000 });
            for (int number = 0; number < 30; number++)
            {
                (BlobId id, byte[] blob) = Sample.Blob(number, 200);
                await store.PutAsync(id, blob);
            }
            files.KillProcess();
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.True(again.Recovery.FromCheckpoint);
            Assert.InRange(again.Recovery.ScannedRecords, 0, 7);
            Assert.Equal(30, again.Statistics.Blobs);
        });
    }

    [Fact]
    public void A_disk_without_room_for_it_costs_only_time()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(3);
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                (BlobId id, byte[] blob) = Sample.Blob(1, 200);
                await store.PutAsync(id, blob);
                files.Fault = (_, path) => path.Contains("CHECKPOINT", StringComparison.Ordinal) ? ErrorKind.StoreFull : null;
            }
            files.Fault = null;
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.False(again.Recovery.FromCheckpoint);
            Assert.Equal(1, again.Statistics.Blobs);
        });
    }

    private static async Task<FaultyFileSystem> MakeAsync()
    {
        var files = new FaultyFileSystem(2);
        await using BlobStore store = await Sample.OpenAsync(files);
        for (int number = 0; number < Blobs; number++)
        {
            (BlobId id, byte[] blob) = Sample.Blob(number, 200);
            await store.PutAsync(id, blob);
        }
        await store.DeleteAsync(Sample.Blob(3, 200).Id);
        return files;
    }

    private static async Task CheckAsync(BlobStore store)
    {
        Assert.Equal(Blobs - 1, store.Statistics.Blobs);
        for (int number = 0; number < Blobs; number++)
        {
            (BlobId id, byte[] blob) = Sample.Blob(number, 200);
            if (number != 3)
                Assert.Equal(blob, await Sample.ReadAsync(store, id));
        }
    }
}
