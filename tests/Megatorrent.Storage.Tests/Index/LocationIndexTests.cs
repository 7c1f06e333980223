using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Index;

namespace Megatorrent.Storage.Tests.Index;

public sealed class LocationIndexTests
{
    [Fact]
    public void It_agrees_with_a_dictionary_over_a_long_random_life()
    {
        const ulong Seed = 5;
        var random = new SeededRandomSource(Seed);
        var index = new LocationIndex(Seed);
        var oracle = new Dictionary<BlobId, RecordLocation>();
        for (int step = 0; step < 200_000; step++)
        {
            BlobId id = Id(random.Next(20_000));
            if (random.Next(5) < 3)
            {
                var location = new RecordLocation((uint)random.Next(1000) + 1, (uint)step, random.Next(100));
                bool was = oracle.TryGetValue(id, out RecordLocation expected);
                Assert.Equal(was, index.Set(id, location, out RecordLocation previous));
                Assert.Equal(expected, previous);
                oracle[id] = location;
            }
            else
            {
                bool was = oracle.Remove(id, out RecordLocation expected);
                Assert.Equal(was, index.Remove(id, out RecordLocation removed));
                Assert.Equal(expected, removed);
            }
        }
        Assert.Equal(oracle.Count, index.Count);
        var found = new Dictionary<BlobId, RecordLocation>();
        for (int slot = 0; slot < index.SlotCount; slot++)
        {
            if (index.TryGetSlot(slot, out BlobId id, out RecordLocation location))
                found.Add(id, location);
        }
        Assert.Equal(oracle.Count, found.Count);
        for (int number = 0; number < 20_000; number++)
        {
            bool isThere = oracle.TryGetValue(Id(number), out RecordLocation expected);
            Assert.Equal(isThere, index.TryGet(Id(number), out RecordLocation actual));
            Assert.Equal(expected, actual);
            if (isThere)
                Assert.Equal(expected, found[Id(number)]);
        }
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 3)]
    [InlineData(4096, 4096, 1)]
    [InlineData(5000, 5000, 5000)]
    [InlineData(10_000, 100, 10)]
    [InlineData(100, 10_000, 10_000)]
    public void What_is_added_without_a_look_lives_on_like_what_was_set(int count, int expectedCount, int more)
    {
        var index = new LocationIndex(3, expectedCount);
        BlobId[] ids = [.. Enumerable.Range(0, count).Select(Id)];
        index.AddNew(ids, [.. Enumerable.Range(0, count).Select(number => new RecordLocation(1, (uint)number, 7))]);
        Assert.Equal(count, index.Count);
        for (int number = 0; number < count; number++)
        {
            Assert.True(index.TryGetSlot(number, out BlobId id, out _));
            Assert.Equal(ids[number], id);
        }
        for (int number = count; number < count + more; number++)
            Assert.False(index.Set(Id(number), new RecordLocation(1, (uint)number, 7), out _));
        for (int number = 0; number < count + more; number++)
        {
            Assert.True(index.TryGet(Id(number), out RecordLocation location));
            Assert.Equal(new RecordLocation(1, (uint)number, 7), location);
            Assert.True(index.Set(Id(number), new RecordLocation(2, 0, number), out RecordLocation previous));
            Assert.Equal(location, previous);
        }
        Assert.False(index.TryGet(Id(count + more), out _));
        for (int number = 0; number < count + more; number++)
        {
            Assert.True(index.Remove(Id(number), out RecordLocation location));
            Assert.Equal(new RecordLocation(2, 0, number), location);
            Assert.False(index.TryGet(Id(number), out _));
        }
        Assert.Equal(0, index.Count);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public void A_blob_costs_at_most_64_bytes_as_counted_and_as_allocated(int count)
    {
        BlobId[] ids = [.. Enumerable.Range(0, count).Select(Id)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        var index = new LocationIndex(1);
        for (int number = 0; number < count; number++)
            index.Set(ids[number], new RecordLocation(1, (uint)number, 1), out _);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(48, LocationIndex.EntryBytes);
        Assert.InRange((double)index.MemoryBytes / count, 52, 64);
        // All that was ever allocated, the outgrown lists of chunks with it, so it bounds what is held.
        Assert.InRange(allocated, index.MemoryBytes, count * 64L);
    }

    [Fact]
    public void Removed_slots_are_used_again()
    {
        var index = new LocationIndex(1);
        for (int round = 0; round < 50; round++)
        {
            for (int number = 0; number < 1000; number++)
                index.Set(Id((round * 1000) + number), new RecordLocation(1, 1, 1), out _);
            for (int number = 0; number < 1000; number++)
                Assert.True(index.Remove(Id((round * 1000) + number), out _));
        }
        Assert.Equal(0, index.Count);
        Assert.Equal(1000, index.SlotCount);
    }

    private static BlobId Id(int number) => BlobId.Of(BitConverter.GetBytes(number));
}
