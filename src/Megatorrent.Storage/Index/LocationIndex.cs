using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Storage.Index;

/// <summary>
/// Where every id lies: 48 bytes an entry, in chunks, and 4 bytes a bucket, one bucket an entry. It grows by linear hashing (Litwin,
/// "Linear hashing: a new tool for file and table addressing", VLDB 1980): each insertion splits one bucket, so there is never a
/// pause to rehash, nothing is copied, and the memory follows the count instead of doubling. Not thread-safe: the store's lock guards it.
/// </summary>
/// <remarks>
/// An entry keeps its slot for life, and a removed one goes to a free list, so a pass over the slots in pieces sees everything that was
/// there throughout. The hash is seeded: ids come from strangers.
/// </remarks>
internal sealed class LocationIndex
{
    private const int ChunkBits = 10;
    private const int ChunkLength = 1 << ChunkBits; // 48 KiB: stays out of the large object heap
    private const int ChunkMask = ChunkLength - 1;
    private const int BucketChunkBits = 12;
    private const int BucketChunkLength = 1 << BucketChunkBits;
    private const int BucketChunkMask = BucketChunkLength - 1;
    private const int AddedAtOnce = 64; // buckets fetched ahead: as many as a first-level cache holds beside the rest

    private readonly ulong _seed;
    private readonly List<Entry[]> _entries = [];
    private readonly List<int[]> _buckets = []; // slot + 1; 0 = empty
    private int _free; // slot + 1 of the first free slot, 0 = none
    private int _bucketCount;
    private uint _mask; // 2^level - 1, with 2^level <= _bucketCount < 2^(level+1)

    /// <summary>An empty index.</summary>
    /// <param name="seed">Of the hash.</param>
    /// <param name="expected">How many ids it will hold, if that is known: then it has their buckets from the start, and splits none.</param>
    public LocationIndex(ulong seed, int expected = 0)
    {
        _seed = seed;
        _bucketCount = Math.Max(1, expected);
        _mask = BitOperations.RoundUpToPowerOf2((uint)_bucketCount + 1) / 2 - 1;
        while ((long)_buckets.Count << BucketChunkBits < _bucketCount)
            _buckets.Add(new int[BucketChunkLength]);
    }

    /// <summary>Bytes of one entry, without its share of the buckets.</summary>
    public static int EntryBytes => Unsafe.SizeOf<Entry>();

    public int Count { get; private set; }

    /// <summary>Slots ever used; each is an entry or free.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Bytes that the index holds: all chunks, used or not.</summary>
    public long MemoryBytes =>
        ((long)_entries.Count * ChunkLength * EntryBytes) + ((long)_buckets.Count * BucketChunkLength * sizeof(int))
        + ((long)(_entries.Capacity + _buckets.Capacity) * IntPtr.Size);

    public bool TryGet(in BlobId id, out RecordLocation location)
    {
        int slot = Find(id);
        location = slot < 0 ? default : At(slot).Location;
        return slot >= 0;
    }

    /// <summary>Adds an id or changes its place. Returns whether it was there, and then in <paramref name="previous"/> where.</summary>
    public bool Set(in BlobId id, RecordLocation location, out RecordLocation previous)
    {
        int slot = Find(id);
        if (slot >= 0)
        {
            ref Entry entry = ref At(slot);
            previous = entry.Location;
            entry.Location = location;
            return true;
        }
        previous = default;
        Link(id, location, Hash(id));
        return false;
    }

    /// <summary>
    /// Adds ids that are known not to be there, which takes no look: several times as fast as <see cref="Set"/> where the index is larger
    /// than the caches.
    /// </summary>
    /// <param name="ids">The ids, none of them twice.</param>
    /// <param name="locations">Where they lie, in the same order.</param>
    public void AddNew(ReadOnlySpan<BlobId> ids, ReadOnlySpan<RecordLocation> locations)
    {
        Span<uint> hashes = stackalloc uint[AddedAtOnce];
        while (!ids.IsEmpty)
        {
            int count = Math.Min(ids.Length, AddedAtOnce);
            for (int i = 0; i < count; i++)
            {
                hashes[i] = Hash(ids[i]);
                Prefetch(ref Bucket(BucketOf(hashes[i]))); // so that the misses overlap
            }
            for (int i = 0; i < count; i++)
                Link(ids[i], locations[i], hashes[i]);
            ids = ids[count..];
            locations = locations[count..];
        }
    }

    public bool Remove(in BlobId id, out RecordLocation location)
    {
        ref int link = ref Bucket(BucketOf(Hash(id)));
        while (link != 0)
        {
            int slot = link - 1;
            ref Entry entry = ref At(slot);
            if (entry.Id == id)
            {
                location = entry.Location;
                link = entry.Next;
                entry = default;
                entry.Next = _free;
                _free = slot + 1;
                Count--;
                return true;
            }
            link = ref entry.Next;
        }
        location = default;
        return false;
    }

    /// <summary>The entry of a slot below <see cref="SlotCount"/>; false if the slot is free.</summary>
    public bool TryGetSlot(int slot, out BlobId id, out RecordLocation location)
    {
        ref Entry entry = ref At(slot);
        id = entry.Id;
        location = entry.Location;
        return location.Segment != 0;
    }

    private int Find(in BlobId id)
    {
        int link = Bucket(BucketOf(Hash(id)));
        while (link != 0)
        {
            ref Entry entry = ref At(link - 1);
            if (entry.Id == id)
                return link - 1;
            link = entry.Next;
        }
        return -1;
    }

    private void Link(in BlobId id, RecordLocation location, uint hash)
    {
        int slot = TakeSlot();
        ref int head = ref Bucket(BucketOf(hash));
        ref Entry added = ref At(slot);
        added.Id = id;
        added.Location = location;
        added.Next = head;
        head = slot + 1;
        Count++;
        if (Count > _bucketCount)
            SplitOne();
    }

    private static unsafe void Prefetch(ref int bucket)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref bucket)); // a hint: the collector may move what it points at
    }

    private int TakeSlot()
    {
        if (_free != 0)
        {
            int slot = _free - 1;
            _free = At(slot).Next;
            return slot;
        }
        if (SlotCount >> ChunkBits == _entries.Count)
            _entries.Add(GC.AllocateUninitializedArray<Entry>(ChunkLength)); // a slot is written when it is taken
        return SlotCount++;
    }

    // Bucket s of 2^level shares its entries with the new bucket s + 2^level, by one more bit of the hash.
    private void SplitOne()
    {
        if (_bucketCount >> BucketChunkBits == _buckets.Count)
            _buckets.Add(new int[BucketChunkLength]);
        uint target = (uint)_bucketCount++;
        uint source = target & _mask;
        uint bit = _mask + 1;
        int link = Bucket(source);
        int stay = 0;
        int go = 0;
        while (link != 0)
        {
            ref Entry entry = ref At(link - 1);
            int next = entry.Next;
            ref int list = ref ((Hash(entry.Id) & bit) == 0 ? ref stay : ref go);
            entry.Next = list;
            list = link;
            link = next;
        }
        Bucket(source) = stay;
        Bucket(target) = go;
        if ((uint)_bucketCount == bit << 1)
            _mask = (bit << 1) - 1;
    }

    private uint BucketOf(uint hash)
    {
        uint wide = hash & ((_mask << 1) | 1);
        return wide < (uint)_bucketCount ? wide : hash & _mask;
    }

    private uint Hash(in BlobId id) => (uint)XxHash3.HashToUInt64(BlobId.AsSpan(in id), (long)_seed);

    private ref Entry At(int slot) => ref _entries[slot >> ChunkBits][slot & ChunkMask];

    private ref int Bucket(uint bucket) => ref _buckets[(int)(bucket >> BucketChunkBits)][bucket & BucketChunkMask];

    private struct Entry
    {
        public BlobId Id;
        public RecordLocation Location;
        public int Next;
    }
}
