using System.Buffers;

namespace Megatorrent.Core;

/// <summary>Bytes on loan from a pool. Dispose gives them back; <see cref="Memory"/> must not be touched after that.</summary>
public sealed class BlobLease : IDisposable
{
    private byte[]? _pooled;
    private readonly int _offset;

    private BlobLease(byte[] pooled, int offset, int length)
    {
        _pooled = pooled;
        _offset = offset;
        Length = length;
    }

    /// <summary>Bytes on loan.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public Memory<byte> Memory => (_pooled ?? throw new ObjectDisposedException(nameof(BlobLease))).AsMemory(_offset, Length);

    /// <summary>Rents <paramref name="length"/> bytes, not cleared.</summary>
    public static BlobLease Rent(int length) => new(ArrayPool<byte>.Shared.Rent(length), 0, length);

    /// <summary>Wraps the part of an array that came from <see cref="ArrayPool{T}.Shared"/>; the lease returns it there.</summary>
    public static BlobLease FromPooled(byte[] pooled, int offset, int length)
    {
        ArgumentNullException.ThrowIfNull(pooled);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + (long)length, pooled.Length, nameof(length));
        return new BlobLease(pooled, offset, length);
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
        byte[]? pooled = Interlocked.Exchange(ref _pooled, null);
        if (pooled is not null)
            ArrayPool<byte>.Shared.Return(pooled);
    }
}
