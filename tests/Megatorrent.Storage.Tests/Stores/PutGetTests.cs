using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class PutGetTests
{
    [Fact]
    public void What_was_put_is_there_now_and_after_a_restart()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            int[] lengths = [0, 1, 95, 96, 97, 4095, 4096, 4097, 100_000];
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                foreach (int length in lengths)
                {
                    (BlobId id, byte[] blob) = Sample.Blob(length, length);
                    Assert.False(store.Contains(id));
                    Assert.True(await store.PutAsync(id, blob));
                    Assert.False(await store.PutAsync(id, blob));
                }
                await CheckAsync(store);
            }
            await using (BlobStore store = await Sample.OpenAsync(files))
                await CheckAsync(store);

            async Task CheckAsync(BlobStore store)
            {
                foreach (int length in lengths)
                {
                    (BlobId id, byte[] blob) = Sample.Blob(length, length);
                    Assert.True(store.TryGetLength(id, out int known));
                    Assert.Equal(length, known);
                    Assert.Equal(blob, await Sample.ReadAsync(store, id));
                }
                Assert.Equal(lengths.Select(length => Sample.Blob(length, length).Id).Order(), store.Blobs.Order());
                Assert.Empty(store.Descriptors);
            }
        });
    }

    [Fact]
    public void A_short_read_that_the_cache_can_give_does_not_wait_for_the_executor_and_is_verified_all_the_same()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var executor = new ManualExecutor { RunInline = true };
            await using BlobStore store = await Sample.OpenAsync(files, Sample.Options with { Executor = executor });
            (BlobId id, byte[] blob) = Sample.Blob(1, 3000);
            (BlobId longId, byte[] longBlob) = Sample.Blob(2, 100_000);
            await store.PutAsync(id, blob, id, blob);
            await store.PutAsync(longId, longBlob);
            executor.RunInline = false;

            Task<BlobLease> waiting = store.GetAsync(id).AsTask();
            Assert.False(waiting.IsCompleted);
            files.IsCached = true;
            ValueTask<BlobLease> whole = store.GetAsync(id);
            Assert.True(whole.IsCompletedSuccessfully);
            using (BlobLease lease = await whole)
                Assert.Equal(blob, lease.Memory.ToArray());
            ValueTask<BlobLease> range = store.GetAsync(id, 10, 20);
            Assert.True(range.IsCompletedSuccessfully);
            using (BlobLease lease = await range)
                Assert.Equal(blob[10..30], lease.Memory.ToArray());
            ValueTask<byte[]?> descriptor = store.GetDescriptorAsync(id);
            Assert.True(descriptor.IsCompletedSuccessfully);
            Assert.Equal(blob, await descriptor);
            Task<BlobLease> waitingLong = store.GetAsync(longId).AsTask();
            Assert.False(waitingLong.IsCompleted);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                executor.RunInline = true;
                await store.GetAsync(id, new CancellationToken(true));
            });

            byte[] segment = files.ReadAll(Sample.Segment(1));
            segment[segment.AsSpan().IndexOf(blob) + 5] ^= 1;
            files.Replace(Sample.Segment(1), segment);
            await Sample.FailsAsync(ErrorKind.Integrity, async () => await store.GetAsync(id));
            Assert.False(store.Contains(id));
            executor.RunAll();
            using (BlobLease lease = await waitingLong)
                Assert.Equal(longBlob, lease.Memory.ToArray());
            await Sample.FailsAsync(ErrorKind.NotFound, async () => await waiting);
        });
    }

    [Fact]
    public void The_longest_blob_is_taken_and_one_byte_more_refused()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await Sample.OpenAsync(files);
            byte[] longest = Sample.Bytes(1, BlobStore.BlobLengthMax);
            Assert.Equal((16 << 20) + (64 << 10), longest.Length);
            BlobId id = BlobId.Of(longest);
            Assert.True(await store.PutAsync(id, longest));
            Assert.Equal(longest, await Sample.ReadAsync(store, id));
            MegatorrentException refused = await Sample.FailsAsync(
                ErrorKind.InvalidArgument, async () => await store.PutAsync(id, new byte[longest.Length + 1]));
            Assert.Contains("16842753", refused.Message, StringComparison.Ordinal);
            await store.PutDescriptorAsync(id, new byte[BlobStore.DescriptorLengthMax]);
            await Sample.FailsAsync(
                ErrorKind.InvalidArgument, async () => await store.PutDescriptorAsync(id, new byte[BlobStore.DescriptorLengthMax + 1]));
            await Sample.FailsAsync(
                ErrorKind.InvalidArgument, async () => await store.PutAsync(id, longest, id, new byte[BlobStore.DescriptorLengthMax + 1]));
        });
    }

    [Fact]
    public void Bytes_that_are_not_the_blob_are_refused_and_leave_nothing()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await Sample.OpenAsync(files);
            (BlobId id, byte[] blob) = Sample.Blob(1, 100);
            blob[50] ^= 1;
            MegatorrentException refused = await Sample.FailsAsync(ErrorKind.Integrity, async () => await store.PutAsync(id, blob));
            Assert.Contains(id.ToString(), refused.Message, StringComparison.Ordinal);
            await Sample.FailsAsync(ErrorKind.Integrity, async () => await store.PutAsync(id, blob, id, blob));
            Assert.False(store.Contains(id));
            Assert.False(store.ContainsDescriptor(id));
            Assert.Empty(files.Segments);
        });
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 100, true)]
    [InlineData(100, 0, true)]
    [InlineData(99, 1, true)]
    [InlineData(13, 50, true)]
    [InlineData(-1, 1, false)]
    [InlineData(0, -1, false)]
    [InlineData(0, 101, false)]
    [InlineData(100, 1, false)]
    [InlineData(101, 0, false)]
    [InlineData(long.MaxValue, 1, false)]
    [InlineData(1, int.MaxValue, false)]
    public void A_range_is_read_where_it_is_within_the_blob(long offset, int length, bool isGood)
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await Sample.OpenAsync(files);
            (BlobId id, byte[] blob) = Sample.Blob(1, 100);
            await store.PutAsync(id, blob);
            if (isGood)
            {
                using BlobLease lease = await store.GetAsync(id, offset, length);
                Assert.Equal(blob.AsSpan((int)offset, length).ToArray(), lease.Memory.ToArray());
            }
            else
            {
                await Sample.FailsAsync(ErrorKind.InvalidArgument, async () => await store.GetAsync(id, offset, length));
            }
            await Sample.FailsAsync(ErrorKind.NotFound, async () => await store.GetAsync(Sample.Blob(2, 1).Id, 0, 0));
        });
    }

    [Fact]
    public void A_range_behind_the_end_of_a_cut_file_is_an_integrity_failure()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await Sample.OpenAsync(files);
            (BlobId id, byte[] blob) = Sample.Blob(1, 100);
            await store.PutAsync(id, blob);
            files.Replace(Sample.Segment(1), files.ReadAll(Sample.Segment(1))[..^10]);
            using (BlobLease lease = await store.GetAsync(id, 0, 90))
                Assert.Equal(blob[..90], lease.Memory.ToArray());
            await Sample.FailsAsync(ErrorKind.Integrity, async () => await store.GetAsync(id, 0, 91));
            Assert.False(store.Contains(id));
        });
    }

    [Fact]
    public void A_pass_over_descriptors_sees_once_what_stays_while_others_come_and_go()
    {
        SingleThread.Run(async () =>
        {
            await using BlobStore store = await Sample.OpenAsync(new FaultyFileSystem(1), Sample.Options with { SegmentBytes = 16 << 20 });
            BlobId[] ids = [.. Enumerable.Range(0, 6000).Select(static number => Sample.Blob(number, 8).Id)];
            BlobId[] staying = ids[..4000];
            foreach (BlobId id in ids[..5000])
                await store.PutDescriptorAsync(id, new byte[] { 1 });
            var seen = new List<BlobId>();
            int step = 0;
            foreach (BlobId id in store.EnumerateDescriptors())
            {
                seen.Add(id);
                if (step < 1000 && seen.Count % 3 == 0) // 4,000 stay: 1,000 leave and 1,000 come, into their slots too
                {
                    await store.DeleteDescriptorAsync(ids[4000 + step], CancellationToken.None);
                    await store.PutDescriptorAsync(ids[5000 + step++], new byte[] { 1 });
                }
            }
            Assert.Equal(1000, step);
            Assert.Equal(staying.Order(), seen.Where(staying.ToHashSet().Contains).Order());
            Assert.Equal(store.Descriptors.Order(), store.EnumerateDescriptors().Order());
        });
    }

    [Fact]
    public void Descriptors_live_beside_blobs_and_the_first_of_a_stripe_is_kept()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            (BlobId id, byte[] blob) = Sample.Blob(1, 100);
            (BlobId other, byte[] otherBlob) = Sample.Blob(2, 100);
            BlobId stripe = id; // a stripe of one blob has the blob's own id
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                Assert.Null(await store.GetDescriptorAsync(stripe));
                Assert.True(await store.PutAsync(id, blob, stripe, new byte[] { 1, 2 }));
                Assert.True(await store.PutAsync(other, otherBlob, stripe, new byte[] { 3 }));
                Assert.False(await store.PutAsync(id, blob, other, new byte[] { 4 }));
                long used = store.Statistics.UsedBytes;
                await store.PutDescriptorAsync(stripe, new byte[] { 5 });
                Assert.False(await store.PutAsync(id, blob, stripe, new byte[] { 6 }));
                Assert.Equal(used, store.Statistics.UsedBytes);
                Assert.Equal([1, 2], (await store.GetDescriptorAsync(stripe))!);
                Assert.Equal(new[] { stripe, other }.Order(), store.Descriptors.Order());
            }
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                Assert.Equal([1, 2], (await store.GetDescriptorAsync(stripe))!);
                Assert.Equal([4], (await store.GetDescriptorAsync(other))!);
                await store.DeleteDescriptorAsync(stripe);
                Assert.Null(await store.GetDescriptorAsync(stripe));
                Assert.True(store.Contains(id));
                await store.DeleteAsync(id);
                await store.DeleteAsync(id);
                await store.PutDescriptorAsync(stripe, new byte[] { 7 });
                Assert.False(store.Contains(id));
                Assert.Equal([7], (await store.GetDescriptorAsync(stripe))!);
            }
        });
    }

    [Fact]
    public void The_statistics_add_up()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await Sample.OpenAsync(files, Sample.Options with { CapacityBytes = 1 << 20 });
            Assert.Equal(new StoreStatistics(0, 0, 0, 0, 1 << 20, 0, 0, 0), store.Statistics with { IndexBytes = 0 });
            for (int number = 0; number < 20; number++)
                await store.PutAsync(Sample.Blob(number, 400).Id, Sample.Blob(number, 400).Blob);
            await store.PutDescriptorAsync(Sample.Blob(0, 400).Id, new byte[54]);
            for (int number = 0; number < 5; number++)
                await store.DeleteAsync(Sample.Blob(number, 400).Id);
            StoreStatistics now = store.Statistics;
            Assert.Equal(15, now.Blobs);
            Assert.Equal(1, now.Descriptors);
            Assert.Equal((15 * 496) + 150, now.LiveBytes);
            Assert.Equal((5 * 496) + (5 * 96) + (now.Segments * 64), now.DeadBytes);
            Assert.Equal(files.Segments.Count, now.Segments);
            Assert.Equal(files.Segments.Sum(path => files.ReadAll(path).Length), now.UsedBytes);
        });
    }
}
