using System.Runtime.InteropServices;

namespace Megatorrent.Core.Hashing;

/// <summary>
/// The name of an immutable byte string: the SHA-256 of its bytes. Shown as CIDv1 (raw, sha2-256, base32), see <see cref="Cid"/>.
/// The same type names stripes (the SHA-256 of a descriptor).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct BlobId : IEquatable<BlobId>, IComparable<BlobId>
{
    /// <summary>Bytes in an id.</summary>
    public const int Length = 32;

    private readonly ulong _a, _b, _c, _d;

    /// <summary>Takes the 32 bytes of a SHA-256.</summary>
    /// <exception cref="ArgumentException"><paramref name="hash"/> is not 32 bytes long.</exception>
    public BlobId(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Length)
            throw new ArgumentException($"A blob id is {Length} bytes, not {hash.Length}.", nameof(hash));
        this = MemoryMarshal.Read<BlobId>(hash);
    }

    /// <summary>The id of <paramref name="blob"/>: its SHA-256.</summary>
    public static BlobId Of(ReadOnlySpan<byte> blob)
    {
        Span<byte> hash = stackalloc byte[Length];
        Sha256.Hash(blob, hash);
        return new BlobId(hash);
    }

    /// <summary>The 32 bytes, in place; valid as long as the struct it was taken from.</summary>
    public static ReadOnlySpan<byte> AsSpan(in BlobId id) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<BlobId>(in id));

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination) => AsSpan(in this).CopyTo(destination);

    /// <summary>The 32 bytes, copied.</summary>
    public byte[] ToArray() => AsSpan(in this).ToArray();

    /// <inheritdoc/>
    public bool Equals(BlobId other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BlobId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)_a); // a SHA-256 is uniform already

    /// <summary>Orders by bytes, as the wire and the disk do.</summary>
    public int CompareTo(BlobId other) => AsSpan(in this).SequenceCompareTo(AsSpan(in other));

    /// <summary>Whether two ids are the same.</summary>
    public static bool operator ==(BlobId left, BlobId right) => left.Equals(right);

    /// <summary>Whether two ids differ.</summary>
    public static bool operator !=(BlobId left, BlobId right) => !left.Equals(right);

    /// <summary>The CIDv1 text.</summary>
    public override string ToString() => Cid.Format(this);
}
