using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

/// <summary>Scrubs of one segment, in parts, and what a planner of scrubs and audits asks of a store.</summary>
public sealed class SegmentScrubTests
{
    private const int Blobs = 40;

    [Fact]
    public void The_segments_together_are_the_store_and_a_part_goes_on_where_another_stopped()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            Assert.True(store.Segments.Count > 2);
            ScrubReport whole = await store.ScrubAsync(new ScrubOptions());
            long count = 0, bytes = 0;
            foreach (SegmentStatistics segment in store.Segments)
            {
                ScrubReport part = await store.ScrubSegmentAsync(segment.Number, 0, new ScrubOptions());
                Assert.Equal(segment.LiveBytes, part.Bytes);
                (count, bytes) = (count + part.Checked, bytes + part.Bytes);
            }
            Assert.Equal((whole.Checked, whole.Bytes), (count, bytes));

            var seen = new List<ScrubProgress>();
            uint first = store.Segments[0].Number;
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ScrubSegmentAsync(
                first, 0, new ScrubOptions { Progress = progress => { seen.Add(progress); if (seen.Count == 5) stop.Cancel(); } }, stop.Token));
            Assert.Equal(5, seen.Count);
            ScrubReport rest = await store.ScrubSegmentAsync(first, seen[^1].Offset, new ScrubOptions());
            Assert.Equal((await store.ScrubSegmentAsync(first, 0, new ScrubOptions())).Checked - 4, rest.Checked); // the fifth again
            Assert.Equal(0, (await store.ScrubSegmentAsync(99, 0, new ScrubOptions())).Checked);
        });
    }

    [Fact]
    public void Damage_is_told_with_the_progress_as_a_caller_may_be_cut_short()
    {
        SingleThread.Run(async () =>
        {
            var files = new FaultyFileSystem(1);
            await using BlobStore store = await FillAsync(files);
            (BlobId victim, byte[] blob) = Sample.Blob(0, 2000);
            Assert.True(store.TryGetSegment(victim, out uint segment));
            byte[] bytes = files.ReadAll(Sample.Segment(segment));
            bytes[bytes.AsSpan().IndexOf(blob) + 7] ^= 1;
            files.Replace(Sample.Segment(segment), bytes);
            var told = new List<BlobId>();
            await store.ScrubSegmentAsync(segment, 0, new ScrubOptions { Progress = progress => told.AddRange(progress.BadBlob is { } bad ? [bad] : []) });
            Assert.Equal([victim], told);
            Assert.False(store.TryGetSegment(victim, out _));
        });
    }

    [Fact]
    public void Descriptors_are_picked_evenly()
    {
        SingleThread.Run(async () =>
        {
            await using BlobStore store = await FillAsync(new FaultyFileSystem(1));
            var random = new SeededRandomSource(5);
            Assert.Equal(store.Descriptors.Order(), store.PickDescriptors(Blobs, random).Order());
            Dictionary<BlobId, int> hits = store.Descriptors.ToDictionary(static id => id, static _ => 0);
            const int Rounds = 4000, Count = 4;
            for (int i = 0; i < Rounds; i++)
            {
                IReadOnlyList<BlobId> picked = store.PickDescriptors(Count, random);
                Assert.Equal(picked.Count, picked.Distinct().Count());
                Assert.InRange(picked.Count, 1, Count);
                foreach (BlobId id in picked)
                    hits[id]++;
            }
            double expected = (double)Rounds * Count / Blobs;
            Assert.All(hits.Values, hit => Assert.InRange(hit, expected * 0.8, expected * 1.2)); // four deviations; seed 5
        });
    }

    private static async Task<BlobStore> FillAsync(FaultyFileSystem files)
    {
        BlobStore store = await Sample.OpenAsync(files, Sample.Options with { SegmentBytes = 32_768 });
        for (int i = 0; i < Blobs; i++)
        {
            (BlobId id, byte[] blob) = Sample.Blob(i, 2000);
            await store.PutAsync(id, blob, Sample.Blob(1000 + i, 10).Id, Sample.Bytes((ulong)i + 5000, 300));
        }
        return store;
    }
}
