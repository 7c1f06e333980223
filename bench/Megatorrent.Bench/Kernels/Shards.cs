using System.Runtime.InteropServices;
using Megatorrent.Core;

namespace Megatorrent.Bench.Kernels;

/// <summary>Buffers of one length in unmanaged memory that never moves, with an array of pointers to them, as kernels take them.</summary>
internal sealed unsafe class Shards : IDisposable
{
    private const nuint Alignment = 4096;

    private readonly byte** _pointers;

    /// <summary>Allocates buffers of zeros.</summary>
    public Shards(int count, int length)
    {
        Count = count;
        Length = length;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(byte*));
        for (int i = 0; i < count; i++)
        {
            _pointers[i] = (byte*)NativeMemory.AlignedAlloc((nuint)length, Alignment);
            this[i].Clear(); // takes the page faults now
        }
    }

    public int Count { get; }

    public int Length { get; }

    public byte** Pointers => _pointers;

    public Span<byte> this[int index] => new(_pointers[index], Length);

    /// <summary>Allocates buffers of noise, the same for the same seed.</summary>
    public static Shards Noise(int count, int length, ulong seed)
    {
        var shards = new Shards(count, length);
        var random = new SeededRandomSource(seed);
        for (int i = 0; i < count; i++)
            random.Fill(shards[i]);
        return shards;
    }

    /// <summary>Throws when a buffer does not hold the bytes of its counterpart.</summary>
    /// <exception cref="InvalidOperationException">They differ; the text begins with <paramref name="what"/>.</exception>
    public void MustBe(Shards expected, string what)
    {
        for (int i = 0; i < Count; i++)
        {
            if (!this[i].SequenceEqual(expected[i]))
                throw new InvalidOperationException($"{what}: buffer {i} of {Count} differs from the peer's.");
        }
    }

    public void Dispose()
    {
        for (int i = 0; i < Count; i++)
            NativeMemory.AlignedFree(_pointers[i]);
        NativeMemory.Free(_pointers);
    }
}
