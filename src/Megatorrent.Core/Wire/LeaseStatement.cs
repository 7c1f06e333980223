using System.Buffers;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire;

/// <summary>
/// An owner's signed word on how long an object is to be kept: until a time, for ever, or no longer. Of two statements of one owner about one
/// object the one with the higher sequence number holds. Immutable and thread-safe. Layout: docs/spec/garbage.md.
/// </summary>
public sealed class LeaseStatement
{
    /// <summary>The longest encoding, in bytes.</summary>
    public const int MaxEncodedLength = 384;

    /// <summary>The expiry of a lease that never ends.</summary>
    public const long Never = 0;

    /// <summary>The greatest time, in Unix seconds: the end of the year 9999.</summary>
    public const long MaxUnixSeconds = 253_402_300_799;

    private static readonly byte[] Context = "megatorrent lease v1\0"u8.ToArray();

    private readonly byte[] _clusterKey;
    private readonly byte[] _ownerKey;
    private readonly byte[] _signature;

    private LeaseStatement(
        byte[] clusterKey, byte[] ownerKey, BlobId objectId, long sequence, long expiresUnixS, long signedUnixS, byte[] signature)
    {
        _clusterKey = clusterKey;
        _ownerKey = ownerKey;
        _signature = signature;
        Owner = NodeId.Of(ownerKey);
        Object = objectId;
        Sequence = sequence;
        ExpiresUnixS = expiresUnixS;
        SignedUnixS = signedUnixS;
    }

    /// <summary>Who keeps.</summary>
    public NodeId Owner { get; }

    /// <summary>What is kept: the root stripe's id, which is the id of the root manifest and so commits to every stripe of the object.</summary>
    public BlobId Object { get; }

    /// <summary>Of two statements of the owner about the object the higher holds; 0 or more.</summary>
    public long Sequence { get; }

    /// <summary>The first Unix second at which it is not kept any more, or <see cref="Never"/>. A forget's is the time it was made.</summary>
    public long ExpiresUnixS { get; }

    /// <summary>When it was signed, on the owner's clock, Unix seconds: the time by which the owner's certificate is judged.</summary>
    public long SignedUnixS { get; }

    /// <summary>The signature, 64 bytes.</summary>
    public ReadOnlySpan<byte> Signature => _signature;

    /// <summary>Makes a statement.</summary>
    /// <param name="owner">The owner, who signs.</param>
    /// <param name="clusterKey">The cluster's Ed25519 public key, 32 bytes.</param>
    /// <param name="objectId">The object.</param>
    /// <param name="sequence">Higher than that of every earlier statement of the owner about the object.</param>
    /// <param name="expiresUnixS">When it ends, in Unix seconds, or <see cref="Never"/>.</param>
    /// <param name="signedUnixS">The time now, in Unix seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or too large.</exception>
    public static LeaseStatement Create(
        Identity owner, byte[] clusterKey, BlobId objectId, long sequence, long expiresUnixS, long signedUnixS)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Certificate.CheckClusterKey(clusterKey);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfNegative(expiresUnixS);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(expiresUnixS, MaxUnixSeconds);
        ArgumentOutOfRangeException.ThrowIfNegative(signedUnixS);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signedUnixS, MaxUnixSeconds);
        var unsigned = new LeaseStatement(
            clusterKey, owner.PublicKey.ToArray(), objectId, sequence, expiresUnixS, signedUnixS, new byte[Ed25519.SignatureLength]);
        var signature = new byte[Ed25519.SignatureLength];
        owner.Key.Sign(unsigned.Message(), signature);
        return new LeaseStatement(clusterKey, unsigned._ownerKey, objectId, sequence, expiresUnixS, signedUnixS, signature);
    }

    /// <summary>Reads a statement. The form is checked, not the signature: see <see cref="Validate"/>.</summary>
    /// <exception cref="MegatorrentException">Malformed: what is wrong, and where.</exception>
    public static LeaseStatement Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new BencodeReader(encoded, maxDepth: 1, "lease");
        byte[]? clusterKey = null, ownerKey = null, objectId = null, signature = null;
        long sequence = -1, expires = -1, signed = -1;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'c']: clusterKey = reader.ReadBytesExact(Ed25519.PublicKeyLength).ToArray(); break;
                case [(byte)'e']: expires = reader.ReadInteger(0, MaxUnixSeconds); break;
                case [(byte)'n']: sequence = reader.ReadInteger(0, long.MaxValue); break;
                case [(byte)'o']: objectId = reader.ReadBytesExact(BlobId.Length).ToArray(); break;
                case [(byte)'s']: signature = reader.ReadBytesExact(Ed25519.SignatureLength).ToArray(); break;
                case [(byte)'t']: signed = reader.ReadInteger(0, MaxUnixSeconds); break;
                case [(byte)'u']: ownerKey = reader.ReadBytesExact(Ed25519.PublicKeyLength).ToArray(); break;
                default: throw reader.UnknownKey(key); // what is signed cannot be skipped
            }
        }
        reader.ReadEndOfDocument();
        return clusterKey is not null && ownerKey is not null && objectId is not null && signature is not null
            && sequence >= 0 && expires >= 0 && signed >= 0
            ? new LeaseStatement(clusterKey, ownerKey, new BlobId(objectId), sequence, expires, signed, signature)
            : throw reader.Malformed("an entry is missing");
    }

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer => Write(writer, _signature));

    /// <summary>
    /// Checks that the owner signed it for this cluster, and that the owner's certificate allows storing and was valid when it was signed.
    /// A lease outlives the certificate: the owner of an object for ever need not renew it.
    /// </summary>
    /// <param name="certificate">The owner's.</param>
    /// <param name="clusterKey">The cluster that we belong to: its Ed25519 public key, 32 bytes.</param>
    /// <exception cref="MegatorrentException">Unauthorized: what is wrong.</exception>
    public void Validate(Certificate certificate, ReadOnlySpan<byte> clusterKey)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!_clusterKey.AsSpan().SequenceEqual(clusterKey))
            throw Unauthorized("it is for another cluster");
        if (!certificate.SubjectKey.AsSpan().SequenceEqual(_ownerKey))
            throw Unauthorized("the certificate is of another identity");
        if (certificate.Role < Role.Writer)
            throw Unauthorized($"a {certificate.Role.ToText()} may not keep objects; a writer's certificate is needed");
        certificate.Validate(clusterKey, DateTimeOffset.FromUnixTimeSeconds(SignedUnixS));
        if (!Ed25519.Verify(_ownerKey, Message(), _signature))
            throw Unauthorized("the signature is wrong: it was changed, or made by someone else");
    }

    /// <summary>Whether the object is kept at a time.</summary>
    /// <param name="unixS">The time, in Unix seconds.</param>
    public bool IsLivingAt(long unixS) => ExpiresUnixS == Never || unixS < ExpiresUnixS;

    /// <summary>
    /// Whether this statement holds where <paramref name="other"/>, of the same owner and object, is known too. At equal sequence numbers, which
    /// an honest owner does not make, the longer one holds, so that all nodes agree and keep.
    /// </summary>
    public bool Supersedes(LeaseStatement other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Sequence != other.Sequence)
            return Sequence > other.Sequence;
        (long mine, long its) = (End(this), End(other));
        if (mine != its)
            return mine > its;
        return SignedUnixS != other.SignedUnixS
            ? SignedUnixS > other.SignedUnixS
            : _signature.AsSpan().SequenceCompareTo(other._signature) > 0;

        static long End(LeaseStatement statement) => statement.ExpiresUnixS == Never ? long.MaxValue : statement.ExpiresUnixS;
    }

    /// <summary>Owner, object and number.</summary>
    public override string ToString() => $"lease {Sequence} of {Owner.ToShortString()} on {Object}";

    private byte[] Message()
    {
        var message = new ArrayBufferWriter<byte>(MaxEncodedLength);
        message.Write(Context);
        Write(new BencodeWriter(message), null);
        return message.WrittenSpan.ToArray();
    }

    private void Write(BencodeWriter writer, byte[]? signature)
    {
        writer.BeginDictionary();
        writer.WriteKey("c");
        writer.WriteBytes(_clusterKey);
        writer.WriteKey("e");
        writer.WriteInteger(ExpiresUnixS);
        writer.WriteKey("n");
        writer.WriteInteger(Sequence);
        writer.WriteKey("o");
        writer.WriteBytes(BlobId.AsSpan(Object));
        if (signature is not null)
        {
            writer.WriteKey("s");
            writer.WriteBytes(signature);
        }
        writer.WriteKey("t");
        writer.WriteInteger(SignedUnixS);
        writer.WriteKey("u");
        writer.WriteBytes(_ownerKey);
        writer.End();
    }

    private MegatorrentException Unauthorized(string fault) => new(ErrorKind.Unauthorized, $"The {this} does not count: {fault}.");
}
