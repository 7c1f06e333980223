using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class CapacityTests
{
    private const int SegmentHeader = 64;
    private const int RecordHeader = 96;

    [Fact]
    public void The_capacity_counts_every_byte_on_disk_and_is_used_to_the_last()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            const int Count = 10;
            BlobStoreOptions options = Sample.Options with
            {
                SegmentBytes = 1 << 20,
                CapacityBytes = SegmentHeader + (Count * (RecordHeader + 200)),
            };
            await using BlobStore store = await Sample.OpenAsync(files, options);
            for (int number = 0; number < Count; number++)
                Assert.True(await store.PutAsync(Sample.Blob(number, 200).Id, Sample.Blob(number, 200).Blob));
            Assert.Equal(options.CapacityBytes, store.Statistics.UsedBytes);
            Assert.Equal(options.CapacityBytes, files.Segments.Sum(path => files.ReadAll(path).Length));
            (BlobId more, byte[] blob) = Sample.Blob(Count, 0);
            MegatorrentException full = await Sample.FailsAsync(ErrorKind.StoreFull, async () => await store.PutAsync(more, blob));
            Assert.Contains($"{options.CapacityBytes}", full.Message, StringComparison.Ordinal);
            await Sample.FailsAsync(ErrorKind.StoreFull, async () => await store.PutDescriptorAsync(more, blob));
            // What is here already needs no room.
            Assert.False(await store.PutAsync(Sample.Blob(3, 200).Id, Sample.Blob(3, 200).Blob));
        });
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(BlobStoreOptions.SegmentBytesMin)]
    public void A_put_into_a_full_store_has_deleted_blobs_reclaimed_first(long segmentBytes)
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            BlobStoreOptions options = Sample.Options with { SegmentBytes = segmentBytes, CapacityBytes = 20_000 };
            await using BlobStore store = await Sample.OpenAsync(files, options);
            int number = 0;
            for (; ; number++)
            {
                try
                {
                    await store.PutAsync(Sample.Blob(number, 500).Id, Sample.Blob(number, 500).Blob);
                }
                catch (MegatorrentException exception) when (exception.Kind == ErrorKind.StoreFull)
                {
                    break;
                }
            }
            for (int dead = 0; dead < number; dead += 2)
                await store.DeleteAsync(Sample.Blob(dead, 500).Id);
            for (int fresh = 0; fresh < number / 3; fresh++)
                Assert.True(await store.PutAsync(Sample.Blob(1000 + fresh, 500).Id, Sample.Blob(1000 + fresh, 500).Blob));
            Assert.InRange(store.Statistics.UsedBytes, 1, options.CapacityBytes);
            for (int live = 1; live < number; live += 2)
                Assert.Equal(Sample.Blob(live, 500).Blob, await Sample.ReadAsync(store, Sample.Blob(live, 500).Id));
        });
    }

    [Fact]
    public void Puts_that_arrive_together_do_not_share_the_last_room()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var executor = new ManualExecutor();
            ValueTask<BlobStore> opening = Sample.OpenAsync(files, Sample.Options with
            {
                Executor = executor,
                SegmentBytes = 1 << 20,
                CapacityBytes = SegmentHeader + (3 * (RecordHeader + 200)),
            });
            executor.RunAll();
            await using BlobStore store = await opening;
            Task<bool>[] puts = [.. Enumerable.Range(0, 8).Select(number => Sample.PutAsync(store, number, 200))];
            await executor.RunUntilAsync(Task.WhenAll(puts));
            Assert.Equal(3, puts.Count(put => put.IsCompletedSuccessfully));
            Assert.Equal(3, store.Statistics.Blobs);
            Assert.Equal(store.Statistics.CapacityBytes, store.Statistics.UsedBytes);
            executor.RunInline = true;
        });
    }
}
