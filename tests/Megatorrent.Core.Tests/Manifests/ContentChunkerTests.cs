using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class ContentChunkerTests
{
    private const ulong Seed = 99;

    [Fact]
    public void Lengths_stay_within_the_limits_and_near_the_target()
    {
        List<int> lengths = Lengths(Noise(64 << 20));
        Assert.All(lengths.SkipLast(1), static length => Assert.InRange(length, ContentChunker.LengthMin, ContentChunker.LengthMax));
        Assert.InRange(lengths.Average(), 700_000, 1_500_000);
    }

    [Fact]
    public void An_insertion_changes_the_chunks_around_it_and_no_others()
    {
        byte[] before = Noise(32 << 20);
        byte[] after = [.. before.AsSpan(0, 10_000_000), .. "inserted"u8, .. before.AsSpan(10_000_000)];
        HashSet<BlobId> old = [.. Chunks(before)];
        int fresh = Chunks(after).Count(id => !old.Contains(id));
        Assert.InRange(fresh, 1, 3);
    }

    [Fact]
    public void Uniform_bytes_are_cut_at_the_longest()
    {
        Assert.Equal([ContentChunker.LengthMax, ContentChunker.LengthMax, 5], Lengths(new byte[(2 * ContentChunker.LengthMax) + 5]));
    }

    [Fact]
    public void Boundaries_are_frozen()
    {
        // Old and new puts share chunks only as long as these do not move.
        Assert.Equal(Frozen, Lengths(Noise(4 << 20)));
    }

    private static readonly int[] Frozen = [1140482, 1065575, 1064004, 759639, 164604];

    private static IEnumerable<BlobId> Chunks(byte[] bytes)
    {
        int start = 0;
        foreach (int length in Lengths(bytes))
        {
            yield return BlobId.Of(bytes.AsSpan(start, length));
            start += length;
        }
    }

    private static List<int> Lengths(byte[] bytes)
    {
        var lengths = new List<int>();
        for (int start = 0; start < bytes.Length; start += lengths[^1])
            lengths.Add(ContentChunker.NextLength(bytes.AsSpan(start, Math.Min(ContentChunker.LengthMax, bytes.Length - start))));
        return lengths;
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new SeededRandomSource(Seed).Fill(bytes);
        return bytes;
    }
}
