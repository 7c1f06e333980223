using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class DiskFaultTests
{
    [Fact]
    public void A_full_disk_refuses_puts_keeps_everything_and_takes_puts_again_when_there_is_room()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1) { DiskBytes = 20_000 };
            var stored = new List<int>();
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                int number = 0;
                for (; ; number++)
                {
                    (BlobId id, byte[] blob) = Sample.Blob(number, 300);
                    try
                    {
                        await store.PutAsync(id, blob);
                        stored.Add(number);
                    }
                    catch (MegatorrentException exception)
                    {
                        Assert.Equal(ErrorKind.StoreFull, exception.Kind);
                        break;
                    }
                }
                Assert.InRange(stored.Count, 30, 60);
                foreach (int one in stored)
                    Assert.Equal(Sample.Blob(one, 300).Blob, await Sample.ReadAsync(store, Sample.Blob(one, 300).Id));
                files.DiskBytes = 40_000;
                (BlobId last, byte[] lastBlob) = Sample.Blob(number, 300);
                Assert.True(await store.PutAsync(last, lastBlob));
                stored.Add(number);
            }
            files.LosePower();
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.Equal(stored.Count, again.Statistics.Blobs);
            foreach (int one in stored)
                Assert.Equal(Sample.Blob(one, 300).Blob, await Sample.ReadAsync(again, Sample.Blob(one, 300).Id));
        });
    }

    [Fact]
    public void What_still_fits_on_a_nearly_full_disk_is_stored_though_its_batch_does_not()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var executor = new ManualExecutor();
            ValueTask<BlobStore> opening = Sample.OpenAsync(files, Sample.Options with { Executor = executor, SegmentBytes = 100_000 });
            executor.RunAll();
            await using BlobStore store = await opening;
            (BlobId first, byte[] firstBlob) = Sample.Blob(0, 10);
            Task<bool> begin = store.PutAsync(first, firstBlob).AsTask();
            await executor.RunUntilAsync(begin);
            files.DiskBytes = await FreeAsync(files, 1500);
            (BlobId small, byte[] smallBlob) = Sample.Blob(1, 300);
            (BlobId large, byte[] largeBlob) = Sample.Blob(2, 5000);
            (BlobId other, byte[] otherBlob) = Sample.Blob(3, 300);
            Task<bool>[] puts =
            [
                store.PutAsync(small, smallBlob).AsTask(),
                store.PutAsync(large, largeBlob).AsTask(),
                store.PutAsync(other, otherBlob).AsTask(),
            ];
            await executor.RunUntilAsync(Task.WhenAll(puts));
            Assert.True(await puts[0]);
            await Sample.FailsAsync(ErrorKind.StoreFull, async () => await puts[1]);
            Assert.True(await puts[2]);
            executor.RunInline = true;
        });

        static Task<long> FreeAsync(FaultyFileSystem files, long free) => Task.FromResult(files.DiskBytes - files.GetFreeBytes("/") + free);
    }

    [Theory]
    [InlineData(FileOperation.Write)]
    [InlineData(FileOperation.Flush)]
    public void A_failed_write_or_flush_fails_the_put_and_the_next_one_goes_to_a_new_segment(FileOperation operation)
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                (BlobId before, byte[] beforeBlob) = Sample.Blob(1, 100);
                await store.PutAsync(before, beforeBlob);
                files.Fault = (what, _) => what == operation ? ErrorKind.InputOutput : null;
                (BlobId lost, byte[] lostBlob) = Sample.Blob(2, 100);
                await Sample.FailsAsync(ErrorKind.InputOutput, async () => await store.PutAsync(lost, lostBlob));
                await Sample.FailsAsync(ErrorKind.InputOutput, async () => await store.DeleteAsync(before));
                Assert.False(store.Contains(lost));
                Assert.Equal(beforeBlob, await Sample.ReadAsync(store, before));
                files.Fault = null;
                Assert.True(await store.PutAsync(lost, lostBlob));
                Assert.True(files.Segments.Count > 1);
                files.LosePower();
            }
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.Equal(Sample.Blob(1, 100).Blob, await Sample.ReadAsync(again, Sample.Blob(1, 100).Id));
            Assert.Equal(Sample.Blob(2, 100).Blob, await Sample.ReadAsync(again, Sample.Blob(2, 100).Id));
        });
    }

    [Fact]
    public void What_a_failed_deletion_could_not_take_back_does_not_delete_at_the_next_start()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            (BlobId kept, byte[] keptBlob) = Sample.Blob(1, 100);
            (BlobId next, byte[] nextBlob) = Sample.Blob(2, 100);
            BlobStore store = await Sample.OpenAsync(files);
            await store.PutAsync(kept, keptBlob);
            // The tombstone is written, its flush fails, and it cannot be cut off: it lies in the file for good.
            files.Fault = (what, _) => what is FileOperation.Flush or FileOperation.SetLength ? ErrorKind.InputOutput : null;
            await Sample.FailsAsync(ErrorKind.InputOutput, async () => await store.DeleteAsync(kept));
            files.Fault = null;
            await store.PutAsync(next, nextBlob);
            files.KillProcess();
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.Equal(keptBlob, await Sample.ReadAsync(again, kept));
            Assert.Equal(nextBlob, await Sample.ReadAsync(again, next));
            // And not when the segment whose header keeps it down has been compacted away either.
            await again.DeleteAsync(next);
            await again.CompactAsync();
            files.KillProcess();
            files.Remove($"{Sample.Directory}/CHECKPOINT");
            await using BlobStore third = await Sample.OpenAsync(files);
            Assert.Equal(keptBlob, await Sample.ReadAsync(third, kept));
        });
    }

    [Fact]
    public void A_disk_that_turned_read_only_is_still_read()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            (BlobId id, byte[] blob) = Sample.Blob(1, 100);
            await using BlobStore store = await Sample.OpenAsync(files);
            await store.PutAsync(id, blob);
            files.IsReadOnly = true;
            (BlobId other, byte[] otherBlob) = Sample.Blob(2, 100);
            await Sample.FailsAsync(ErrorKind.InputOutput, async () => await store.PutAsync(other, otherBlob));
            await Sample.FailsAsync(ErrorKind.InputOutput, async () => await store.DeleteAsync(id));
            Assert.Equal(blob, await Sample.ReadAsync(store, id));
            Assert.True(await store.CheckAsync(id));
            Assert.Empty((await store.ScrubAsync(new ScrubOptions())).Bad);
            files.IsReadOnly = false;
            Assert.True(await store.PutAsync(other, otherBlob));
        });
    }

    [Fact]
    public void A_read_error_is_that_of_the_get_and_a_scrub_counts_the_blob_as_bad()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            (BlobId id, byte[] blob) = Sample.Blob(1, 100);
            await using BlobStore store = await Sample.OpenAsync(files);
            await store.PutAsync(id, blob);
            files.Fault = (what, _) => what == FileOperation.Read ? ErrorKind.InputOutput : null;
            await Sample.FailsAsync(ErrorKind.InputOutput, async () => await store.GetAsync(id));
            await Sample.FailsAsync(ErrorKind.InputOutput, async () => await store.CheckAsync(id));
            Assert.True(store.Contains(id));
            ScrubReport report = await store.ScrubAsync(new ScrubOptions());
            Assert.Equal([id], report.Bad);
            files.Fault = null;
            Assert.False(store.Contains(id));
            Assert.True(await store.PutAsync(id, blob));
            Assert.Equal(blob, await Sample.ReadAsync(store, id));
        });
    }

    [Fact]
    public void The_reserve_of_free_space_is_left_alone_by_puts_and_open_to_deletions()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1) { DiskBytes = 100_000 };
            (BlobId id, byte[] blob) = Sample.Blob(1, 1000);
            await using BlobStore store = await Sample.OpenAsync(files, Sample.Options with { ReserveFreeBytes = 98_000 });
            await store.PutAsync(id, blob);
            (BlobId other, byte[] otherBlob) = Sample.Blob(2, 1000);
            MegatorrentException full = await Sample.FailsAsync(ErrorKind.StoreFull, async () => await store.PutAsync(other, otherBlob));
            Assert.Contains("reserve", full.Message, StringComparison.Ordinal);
            await store.DeleteAsync(id);
            files.DiskBytes = 200_000;
            Assert.True(await store.PutAsync(other, otherBlob));
        });
    }

    [Fact]
    public void Each_operation_of_the_disk_may_fail_once_and_the_next_put_works()
    {
        SingleThread.Run(async () =>
        {
            foreach (ErrorKind kind in (ErrorKind[])[ErrorKind.InputOutput, ErrorKind.StoreFull])
            {
                for (int failing = 1; failing <= 60; failing++)
                {
                    var files = new FaultyFileSystem((ulong)failing);
                    await using (BlobStore store = await Sample.OpenAsync(files))
                    {
                        int count = 0;
                        files.Fault = (what, _) => what != FileOperation.Read && ++count == failing ? kind : null;
                        var acknowledged = new List<int>();
                        for (int number = 0; number < 25; number++)
                        {
                            (BlobId id, byte[] blob) = Sample.Blob(number, 500);
                            try
                            {
                                await store.PutAsync(id, blob);
                                acknowledged.Add(number);
                            }
                            catch (MegatorrentException exception)
                            {
                                Assert.Equal(kind, exception.Kind);
                                Assert.True(await store.PutAsync(id, blob), $"operation {failing}: the second try");
                                acknowledged.Add(number);
                            }
                        }
                        Assert.Equal(25, acknowledged.Count);
                        files.LosePower();
                    }
                    await using BlobStore again = await Sample.OpenAsync(files);
                    for (int number = 0; number < 25; number++)
                        Assert.Equal(Sample.Blob(number, 500).Blob, await Sample.ReadAsync(again, Sample.Blob(number, 500).Id));
                }
            }
        });
    }
}
