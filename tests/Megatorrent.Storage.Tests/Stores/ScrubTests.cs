using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class ScrubTests
{
    private const int Blobs = 30;
    private const int RecordHeader = 96;

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(RecordHeader)]
    [InlineData(RecordHeader + 249)]
    public void It_finds_a_flipped_byte_anywhere_in_a_record(int place)
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            (BlobId victim, byte[] blob) = Sample.Blob(0, 250);
            byte[] bytes = files.ReadAll(Sample.Segment(1));
            bytes[64 + place] ^= 4;
            files.Replace(Sample.Segment(1), bytes);
            var seen = new List<ScrubProgress>();
            ScrubReport report = await store.ScrubAsync(new ScrubOptions { Progress = seen.Add });
            Assert.Equal([victim], report.Bad);
            Assert.Empty(report.BadDescriptors);
            Assert.Equal(Blobs + 1, report.Checked);
            Assert.Equal(store.Statistics.LiveBytes + RecordHeader + blob.Length, report.Bytes);
            Assert.Equal(Blobs + 1, seen.Count);
            Assert.Equal(new ScrubProgress(Blobs + 1, Blobs + 1, report.Bytes, 1), seen[^1]);
            Assert.False(store.Contains(victim));
            Assert.Equal(1, store.Statistics.BadRecords);
            Assert.Empty((await store.ScrubAsync(new ScrubOptions())).Bad);
            // Repair puts it again; and a start without the checkpoint remembers neither the bad record nor forgets the good one.
            Assert.True(await store.PutAsync(victim, blob));
            files.KillProcess();
            files.Remove($"{Sample.Directory}/CHECKPOINT");
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.Equal(blob, await Sample.ReadAsync(again, victim));
        });
    }

    [Fact]
    public void What_was_dropped_stays_dropped_at_the_next_start()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            BlobId victim = Sample.Blob(0, 250).Id;
            await using (BlobStore store = await FillAsync(files))
            {
                byte[] bytes = files.ReadAll(Sample.Segment(1));
                bytes[64 + RecordHeader] ^= 4;
                files.Replace(Sample.Segment(1), bytes);
                MegatorrentException bad = await Sample.FailsAsync(ErrorKind.Integrity, async () => await store.GetAsync(victim));
                Assert.Contains(victim.ToString(), bad.Message, StringComparison.Ordinal);
                await Sample.FailsAsync(ErrorKind.NotFound, async () => await store.GetAsync(victim));
                files.KillProcess();
            }
            files.Remove($"{Sample.Directory}/CHECKPOINT");
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.False(again.Contains(victim));
        });
    }

    [Fact]
    public void A_bad_descriptor_is_told_apart_and_dropped()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            BlobId stripe = Sample.Blob(500, 10).Id;
            string last = files.Segments[^1];
            byte[] bytes = files.ReadAll(last);
            bytes[^1] ^= 1;
            files.Replace(last, bytes);
            ScrubReport report = await store.ScrubAsync(new ScrubOptions());
            Assert.Empty(report.Bad);
            Assert.Equal([stripe], report.BadDescriptors);
            Assert.Null(await store.GetDescriptorAsync(stripe));
            Assert.DoesNotContain(stripe, store.Descriptors);
        });
    }

    [Fact]
    public void Check_rehashes_one_blob_and_drops_it_if_it_is_bad()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            (BlobId id, byte[] blob) = Sample.Blob(0, 250);
            Assert.True(await store.CheckAsync(id));
            byte[] bytes = files.ReadAll(Sample.Segment(1));
            bytes[64 + RecordHeader + 7] ^= 1;
            files.Replace(Sample.Segment(1), bytes);
            Assert.False(await store.CheckAsync(id));
            Assert.False(store.Contains(id));
            Assert.False(await store.CheckAsync(id));
            Assert.True(await store.PutAsync(id, blob));
            Assert.True(await store.CheckAsync(id));
        });
    }

    [Fact]
    public void It_keeps_to_its_rate()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            var time = new ManualTime();
            await using BlobStore store = await FillAsync(files, Sample.Options with { Time = time });
            ScrubReport report = await store.ScrubAsync(new ScrubOptions { RateBytesPerSecond = 1000 });
            Assert.InRange(time.Elapsed.TotalSeconds, (report.Bytes / 1000.0) - 0.1, (report.Bytes / 1000.0) + 0.1);
            TimeSpan before = time.Elapsed;
            await store.ScrubAsync(new ScrubOptions());
            Assert.Equal(before, time.Elapsed);
            await Sample.FailsAsync(
                ErrorKind.InvalidArgument, async () => await store.ScrubAsync(new ScrubOptions { RateBytesPerSecond = -1 }));
        });
    }

    [Fact]
    public void Cancellation_and_disposal_end_it()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            BlobStore store = await FillAsync(files);
            using var stop = new CancellationTokenSource();
            int seen = 0;
            var options = new ScrubOptions
            {
                Progress = _ =>
                {
                    if (++seen == 5)
                        stop.Cancel();
                },
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ScrubAsync(options, stop.Token));
            Assert.Equal(5, seen);
            Task? disposal = null;
            var second = new ScrubOptions { Progress = _ => disposal ??= store.DisposeAsync().AsTask() };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ScrubAsync(second));
            await disposal!;
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.ScrubAsync(new ScrubOptions()));
        });
    }

    private static async Task<BlobStore> FillAsync(FaultyFileSystem files, BlobStoreOptions? options = null)
    {
        BlobStore store = await Sample.OpenAsync(files, options);
        for (int number = 0; number < Blobs; number++)
            await store.PutAsync(Sample.Blob(number, 250).Id, Sample.Blob(number, 250).Blob);
        await store.PutDescriptorAsync(Sample.Blob(500, 10).Id, Sample.Bytes(9, 90));
        return store;
    }
}
