using System.Buffers;
using System.Runtime.InteropServices;
using Megatorrent.Core;

namespace Megatorrent.Bench.Transfer;

/// <summary>Blobs of one length, one behind the other in memory that the garbage collector does not move.</summary>
internal sealed unsafe class BlobMemory : IDisposable
{
    private byte* _start;

    public BlobMemory(int count, int blobLength)
    {
        Count = count;
        BlobLength = blobLength;
        _start = (byte*)NativeMemory.Alloc((nuint)count, (nuint)blobLength);
        for (int i = 0; i < count; i++)
            Span(i).Fill(1); // so that every page is there before the time is taken
    }

    public int Count { get; }

    public int BlobLength { get; }

    public Span<byte> Span(int index) => new(_start + (long)index * BlobLength, BlobLength);

    /// <summary>The blob as memory that asynchronous calls take.</summary>
    public Memory<byte> Memory(int index) => new Part(_start + (long)index * BlobLength, BlobLength).Memory;

    /// <summary>Fills every blob with bytes from a seed.</summary>
    public void Fill(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        for (int i = 0; i < Count; i++)
            random.Fill(Span(i));
    }

    public void Dispose()
    {
        NativeMemory.Free(_start);
        _start = null;
    }

    private sealed class Part(byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
