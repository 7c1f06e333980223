using System.Runtime.InteropServices;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire;

/// <summary>The name of a node, client or any other subject: the SHA-256 of its Ed25519 public key. Shown as 64 hexadecimal digits.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct NodeId : IEquatable<NodeId>, IComparable<NodeId>
{
    /// <summary>Bytes in an id.</summary>
    public const int Length = 32;

    private readonly ulong _a, _b, _c, _d;

    /// <summary>Takes the 32 bytes of a SHA-256.</summary>
    /// <exception cref="ArgumentException"><paramref name="hash"/> is not 32 bytes long.</exception>
    public NodeId(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Length)
            throw new ArgumentException($"A node id is {Length} bytes, not {hash.Length}.", nameof(hash));
        this = MemoryMarshal.Read<NodeId>(hash);
    }

    /// <summary>The id of the holder of an Ed25519 public key.</summary>
    public static NodeId Of(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> hash = stackalloc byte[Length];
        Sha256.Hash(publicKey, hash);
        return new NodeId(hash);
    }

    /// <summary>The 32 bytes, in place; valid as long as the struct it was taken from.</summary>
    public static ReadOnlySpan<byte> AsSpan(in NodeId id) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<NodeId>(in id));

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination) => AsSpan(in this).CopyTo(destination);

    /// <summary>The 32 bytes, copied.</summary>
    public byte[] ToArray() => AsSpan(in this).ToArray();

    /// <inheritdoc/>
    public bool Equals(NodeId other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NodeId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)_a); // a SHA-256 is uniform already

    /// <summary>Orders by bytes, as the wire and the disk do.</summary>
    public int CompareTo(NodeId other) => AsSpan(in this).SequenceCompareTo(AsSpan(in other));

    /// <summary>Whether two ids are the same.</summary>
    public static bool operator ==(NodeId left, NodeId right) => left.Equals(right);

    /// <summary>Whether two ids differ.</summary>
    public static bool operator !=(NodeId left, NodeId right) => !left.Equals(right);

    /// <summary>The 64 hexadecimal digits, lower case.</summary>
    public override string ToString() => Convert.ToHexStringLower(AsSpan(in this));

    /// <summary>The first 10 digits: enough to tell nodes apart in a log.</summary>
    public string ToShortString() => ToString()[..10];

    /// <summary>Reads 64 hexadecimal digits; false when the text is anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NodeId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != 2 * Length || Convert.FromHexString(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done || written != Length)
            return false;
        id = new NodeId(bytes);
        return true;
    }
}
