using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

/// <summary>The last segment is cut, or one byte of it flipped, at every single place.</summary>
public sealed class CutTests
{
    private const int Records = 5;
    private const int HeaderLength = 96;

    [Fact]
    public void A_cut_at_every_byte_of_the_last_two_records_costs_the_cut_records_alone()
    {
        SingleThread.Run(async () =>
        {
            (FaultyFileSystem whole, long[] ends) = await MakeAsync();
            byte[] bytes = whole.ReadAll(Sample.Segment(1));
            Assert.Equal(ends[^1], bytes.Length);
            for (long cut = ends[^3]; cut <= bytes.Length; cut++)
            {
                FaultyFileSystem files = whole.Clone();
                files.Replace(Sample.Segment(1), bytes[..(int)cut]);
                int good = ends.Count(end => end <= cut);
                await using BlobStore store = await Sample.OpenAsync(files);
                await CheckAsync(store, number => number < good, $"cut at {cut}");
                Assert.Equal(cut - ends[good - 1], store.Recovery.TruncatedBytes);
                Assert.Equal(ends[good - 1], files.ReadAll(Sample.Segment(1)).Length);
                // The tail takes new records as if nothing had been.
                (BlobId id, byte[] blob) = Sample.Blob(99, 10);
                Assert.True(await store.PutAsync(id, blob));
                files.KillProcess();
                files.Remove($"{Sample.Directory}/CHECKPOINT");
                await using BlobStore again = await Sample.OpenAsync(files);
                Assert.Equal(blob, await Sample.ReadAsync(again, id));
                Assert.Equal(0, again.Recovery.TruncatedBytes);
            }
        });
    }

    [Fact]
    public void A_put_cut_between_its_blob_and_its_descriptor_is_told()
    {
        SingleThread.Run(async () =>
        {
            var whole = new FaultyFileSystem(1);
            BlobStore made = await Sample.OpenAsync(whole);
            (BlobId id, byte[] blob) = Sample.Blob(1, 50);
            (BlobId stripe, byte[] descriptor) = Sample.Blob(2, 70);
            await made.PutAsync(id, blob, stripe, descriptor);
            byte[] bytes = whole.ReadAll(Sample.Segment(1));
            whole.KillProcess();
            long blobEnd = bytes.Length - HeaderLength - descriptor.Length;
            for (long cut = blobEnd; cut <= bytes.Length; cut++)
            {
                FaultyFileSystem files = whole.Clone();
                files.Replace(Sample.Segment(1), bytes[..(int)cut]);
                await using BlobStore store = await Sample.OpenAsync(files);
                Assert.True(store.Contains(id));
                Assert.Equal(cut < bytes.Length ? [stripe] : [], store.Recovery.HalfStripes);
                await store.PutDescriptorAsync(stripe, descriptor);
                await store.DeleteDescriptorAsync(stripe); // as when the stripe is collected, and another has the blob too
                files.KillProcess();
                files.Remove($"{Sample.Directory}/CHECKPOINT");
                await using BlobStore again = await Sample.OpenAsync(files);
                Assert.Empty(again.Recovery.HalfStripes);
            }
        });
    }

    [Theory]
    [InlineData(Records - 1)]
    [InlineData(Records - 2)]
    [InlineData(0)]
    public void A_flip_of_every_byte_of_a_record_costs_that_record_alone(int victim)
    {
        SingleThread.Run(async () =>
        {
            (FaultyFileSystem whole, long[] ends) = await MakeAsync();
            byte[] bytes = whole.ReadAll(Sample.Segment(1));
            long from = victim == 0 ? 64 : ends[victim - 1];
            for (long place = from; place < ends[victim]; place++)
            {
                FaultyFileSystem files = whole.Clone();
                byte[] flipped = [.. bytes];
                flipped[place] ^= (byte)(1 << (int)(place % 8));
                files.Replace(Sample.Segment(1), flipped);
                await using BlobStore store = await Sample.OpenAsync(files);
                await CheckAsync(store, number => number != victim, $"flip at {place}");
                bool inPayload = place >= from + HeaderLength;
                Assert.Equal(inPayload, store.Recovery.DamagedIds.Contains(Sample.Blob(victim, Length(victim)).Id));
                Assert.Equal(victim == Records - 1 ? ends[victim] - from : 0, store.Recovery.TruncatedBytes);
                // A bad header is not passed over by its length, so its record counts as bytes of nobody.
                Assert.Equal(inPayload ? 0 : ends[victim] - from, store.Recovery.SkippedBytes);
            }
        });
    }

    [Fact]
    public void Records_inside_a_blob_are_not_found_when_a_scan_looks_for_the_next_header()
    {
        SingleThread.Run(async () =>
        {
            // A stranger puts a blob that holds a whole segment of this very store: a put and the deletion of another's blob.
            (FaultyFileSystem files, _) = await MakeAsync();
            (BlobId target, _) = Sample.Blob(0, Length(0));
            byte[] trap;
            await using (BlobStore store = await Sample.OpenAsync(files.Clone()))
            {
                await store.DeleteAsync(target);
                trap = files.ReadAll(Sample.Segment(1));
            }
            BlobId trapId = BlobId.Of(trap);
            long at;
            await using (BlobStore store = await Sample.OpenAsync(files))
            {
                at = files.ReadAll(Sample.Segment(1)).Length;
                await store.PutAsync(trapId, trap);
                (BlobId after, byte[] blob) = Sample.Blob(77, 50);
                await store.PutAsync(after, blob);
            }
            byte[] bytes = files.ReadAll(Sample.Segment(1));
            bytes[at + 20] ^= 1; // the trap's header rots, so the scan searches through its payload
            files.Replace(Sample.Segment(1), bytes);
            files.Remove($"{Sample.Directory}/CHECKPOINT");
            await using BlobStore again = await Sample.OpenAsync(files);
            Assert.True(again.Contains(target));
            Assert.False(again.Contains(trapId));
            Assert.True(again.Contains(Sample.Blob(77, 50).Id));
            Assert.Equal(HeaderLength + trap.Length, again.Recovery.SkippedBytes);
            Assert.Equal(Records + 1, again.Blobs.Count);
        });
    }

    [Fact]
    public void A_sector_that_cannot_be_read_costs_the_records_on_it()
    {
        SingleThread.Run(async () =>
        {
            (FaultyFileSystem files, long[] ends) = await MakeAsync();
            files.FaultRange = (Sample.Segment(1), ends[1], ends[1] + 1);
            await using BlobStore store = await Sample.OpenAsync(files);
            // Sectors are 4096 bytes and so is this segment: nothing of it can be told, but the store opens, and cuts nothing.
            Assert.Empty(store.Blobs);
            Assert.Equal(0, store.Recovery.TruncatedBytes);
            (BlobId id, byte[] blob) = Sample.Blob(5, 10);
            Assert.True(await store.PutAsync(id, blob));
            files.FaultRange = null;
            Assert.Equal(blob, await Sample.ReadAsync(store, id));
            Assert.Equal(ends[^1], files.ReadAll(Sample.Segment(1)).Length);
        });
    }

    private static int Length(int number) => 20 + (number * 30);

    /// <summary>A store that was killed with a handful of records in its first segment and no checkpoint, and where each ends.</summary>
    private static async Task<(FaultyFileSystem Files, long[] Ends)> MakeAsync()
    {
        var files = new FaultyFileSystem(1);
        BlobStore store = await Sample.OpenAsync(files);
        var ends = new long[Records];
        for (int number = 0; number < Records; number++)
        {
            (BlobId id, byte[] blob) = Sample.Blob(number, Length(number));
            await store.PutAsync(id, blob);
            ends[number] = files.ReadAll(Sample.Segment(1)).Length;
        }
        files.KillProcess();
        return (files, ends);
    }

    private static async Task CheckAsync(BlobStore store, Func<int, bool> isThere, string text)
    {
        for (int number = 0; number < Records; number++)
        {
            (BlobId id, byte[] blob) = Sample.Blob(number, Length(number));
            Assert.True(isThere(number) == store.Contains(id), $"{text}: blob {number}");
            if (isThere(number))
                Assert.Equal(blob, await Sample.ReadAsync(store, id));
            else
                await Sample.FailsAsync(ErrorKind.NotFound, async () => await store.GetAsync(id));
        }
    }
}
