using System.Buffers;

namespace Megatorrent.Core;

/// <summary>
/// Bytes on loan, from a pool or from memory that somebody else keeps. Dispose gives them back; <see cref="Memory"/> must not be touched
/// after that.
/// </summary>
public sealed class BlobLease : IDisposable
{
    private readonly Memory<byte> _memory;
    private byte[]? _pooled;
    private bool _isGivenBack;

    private BlobLease(Memory<byte> memory, byte[]? pooled)
    {
        _memory = memory;
        _pooled = pooled;
        Length = memory.Length;
    }

    /// <summary>Bytes on loan.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public Memory<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isGivenBack), this);
            return _memory[..Length];
        }
    }

    /// <summary>Rents <paramref name="length"/> bytes, not cleared.</summary>
    public static BlobLease Rent(int length)
    {
        byte[] pooled = ArrayPool<byte>.Shared.Rent(length);
        return new BlobLease(pooled.AsMemory(0, length), pooled);
    }

    /// <summary>Lends memory of the caller's, which must stay as it is until the lease is given back: a blob goes out without a copy.</summary>
    public static BlobLease Over(Memory<byte> memory) => new(memory, null);

    /// <summary>Wraps the part of an array that came from <see cref="ArrayPool{T}.Shared"/>; the lease returns it there.</summary>
    public static BlobLease FromPooled(byte[] pooled, int offset, int length)
    {
        ArgumentNullException.ThrowIfNull(pooled);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + (long)length, pooled.Length, nameof(length));
        return new BlobLease(pooled.AsMemory(offset, length), pooled);
    }

    /// <summary>Lends only the first <paramref name="length"/> bytes from now on.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative or more than <see cref="Length"/>.</exception>
    public BlobLease Shorten(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _isGivenBack, true);
        byte[]? pooled = Interlocked.Exchange(ref _pooled, null);
        if (pooled is not null)
            ArrayPool<byte>.Shared.Return(pooled);
    }
}
