using System.Buffers.Binary;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>One owner's lease on one object, as a node knows it. Guarded by its <see cref="LeaseTable"/>.</summary>
/// <param name="statement">The newest statement.</param>
/// <param name="certificate">The owner's certificate, shared between the owner's leases.</param>
/// <param name="learnedUnixMs">When this node learned of the statement.</param>
internal sealed class Lease(LeaseStatement statement, byte[] certificate, long learnedUnixMs)
{
    private ulong _digest = DigestOf(statement);

    /// <summary>The newest statement.</summary>
    public LeaseStatement Statement { get; private set; } = statement;

    /// <summary>The owner's certificate, encoded.</summary>
    public byte[] Certificate { get; private set; } = certificate;

    /// <summary>When this node learned of the statement, on its own clock.</summary>
    public long LearnedUnixMs { get; private set; } = learnedUnixMs;

    /// <summary>Stripes that it is known for here.</summary>
    public int Stripes { get; set; }

    /// <summary>What two nodes compare: the sum of these over a stripe's leases.</summary>
    public ulong Digest => _digest;

    /// <summary>A newer statement.</summary>
    public void Replace(LeaseStatement statement, byte[] certificate, long learnedUnixMs)
    {
        Statement = statement;
        Certificate = certificate;
        LearnedUnixMs = learnedUnixMs;
        _digest = DigestOf(statement);
    }

    /// <summary>When it ended, as far as this node can vouch for: not before it learned of that. Only of leases that have ended.</summary>
    public long EndedUnixMs => Math.Max(LearnedUnixMs, Statement.ExpiresUnixS * 1000);

    private static ulong DigestOf(LeaseStatement statement)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Length + BlobId.Length + (3 * sizeof(long)) + Ed25519.SignatureLength];
        statement.Owner.CopyTo(bytes);
        statement.Object.CopyTo(bytes[NodeId.Length..]);
        Span<byte> numbers = bytes[(NodeId.Length + BlobId.Length)..];
        BinaryPrimitives.WriteInt64BigEndian(numbers, statement.Sequence);
        BinaryPrimitives.WriteInt64BigEndian(numbers[8..], statement.ExpiresUnixS);
        BinaryPrimitives.WriteInt64BigEndian(numbers[16..], statement.SignedUnixS);
        statement.Signature.CopyTo(numbers[24..]);
        BlobId hash = BlobId.Of(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(BlobId.AsSpan(hash));
    }
}
