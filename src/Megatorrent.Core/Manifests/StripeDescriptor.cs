using System.Buffers;
using System.Buffers.Binary;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// The public description of one stripe: enough to find, audit and repair its blobs without any key (docs/spec/stripe.md).
/// Immutable; every holder of a blob keeps the descriptor beside it.
/// </summary>
/// <remarks>
/// A stripe of one data blob is plain replication: <see cref="Ids"/> has that one id, and <see cref="TotalBlobs"/> copies of it live on
/// different domains. Otherwise <see cref="Ids"/> has k data ids, then m parity ids.
/// </remarks>
public sealed class StripeDescriptor
{
    /// <summary>The longest encoding, in bytes: 255 ids and lengths, and the keys around them.</summary>
    public const int EncodedLengthMax = (ReedSolomon.MaxShards * (BlobId.Length + sizeof(int))) + 128;

    private readonly BlobId[] _ids;
    private readonly int[] _lengths;

    /// <summary>Describes a stripe.</summary>
    /// <param name="parityShards">m: parity blobs, or further copies where there is one data blob.</param>
    /// <param name="ids">Data ids, then parity ids; one id for replication.</param>
    /// <param name="lengths">The length in bytes of each data blob; their number is k.</param>
    /// <exception cref="MegatorrentException">Malformed: counts or lengths outside the limits.</exception>
    public StripeDescriptor(int parityShards, ReadOnlySpan<BlobId> ids, ReadOnlySpan<int> lengths)
        : this(parityShards, ids.ToArray(), lengths.ToArray())
    {
    }

    private StripeDescriptor(int parityShards, BlobId[] ids, int[] lengths)
    {
        DataShards = lengths.Length;
        ParityShards = parityShards;
        if (DataShards < 1 || parityShards < 0 || DataShards + (long)parityShards > ReedSolomon.MaxShards)
            throw Malformed($"it has {DataShards} data and {parityShards} parity blobs");
        int idCount = DataShards == 1 ? 1 : DataShards + parityShards;
        if (ids.Length != idCount)
            throw Malformed($"it has {ids.Length} ids where {idCount} belong");
        foreach (int length in lengths)
        {
            if (length is < 1 or > BlobSealer.BlobLengthMax)
                throw Malformed($"a blob of {length} bytes is outside 1 to {BlobSealer.BlobLengthMax}");
            ShardLength = Math.Max(ShardLength, length);
        }

        _ids = ids;
        _lengths = lengths;
        Encoded = Encode();
        Id = IsReplication ? ids[0] : BlobId.Of(Encoded);
    }

    /// <summary>k: data blobs in this stripe (fewer than the scheme's in a short last stripe).</summary>
    public int DataShards { get; }

    /// <summary>m: parity blobs, or further copies.</summary>
    public int ParityShards { get; }

    /// <summary>k+m: blobs (or copies) that a healthy stripe has alive.</summary>
    public int TotalBlobs => DataShards + ParityShards;

    /// <summary>Whether this is one blob and its copies.</summary>
    public bool IsReplication => DataShards == 1;

    /// <summary>Copies of each id in a healthy stripe: 1+m for replication, else 1.</summary>
    public int CopiesPerId => IsReplication ? TotalBlobs : 1;

    /// <summary>The blob ids: data first, then parity.</summary>
    public ReadOnlySpan<BlobId> Ids => _ids;

    /// <summary>The length in bytes of each data blob.</summary>
    public ReadOnlySpan<int> Lengths => _lengths;

    /// <summary>The length in bytes of the longest data blob, and of every parity blob.</summary>
    public int ShardLength { get; }

    /// <summary>The name by which the stripe is placed: the SHA-256 of <see cref="Encoded"/>; for replication the blob's own id.</summary>
    public BlobId Id { get; }

    /// <summary>The canonical encoding. Not to be changed.</summary>
    public byte[] Encoded { get; }

    /// <summary>The length in bytes of the blob at <paramref name="index"/>.</summary>
    public int LengthOf(int index) => index < DataShards ? _lengths[index] : ShardLength;

    /// <summary>Reads a descriptor.</summary>
    /// <exception cref="MegatorrentException">Malformed: the bytes are not exactly one canonical descriptor within the limits.</exception>
    public static StripeDescriptor Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length > EncodedLengthMax)
            throw Malformed($"it is {encoded.Length} bytes, over the limit of {EncodedLengthMax}");
        var reader = new BencodeReader(encoded);
        StripeDescriptor descriptor = Read(ref reader);
        reader.ReadEndOfDocument();
        return descriptor;
    }

    /// <summary>Reads a descriptor that stands inside a larger document.</summary>
    internal static StripeDescriptor Read(ref BencodeReader reader)
    {
        reader.BeginDictionary();
        reader.ExpectKey("i"u8);
        ReadOnlySpan<byte> ids = reader.ReadBytes(ReedSolomon.MaxShards * BlobId.Length);
        reader.ExpectKey("k"u8);
        long dataShards = reader.ReadInteger();
        reader.ExpectKey("l"u8);
        ReadOnlySpan<byte> lengths = reader.ReadBytes(ReedSolomon.MaxShards * sizeof(int));
        reader.ExpectKey("m"u8);
        long parityShards = reader.ReadInteger();
        reader.ExpectEnd();
        if (ids.Length % BlobId.Length != 0 || lengths.Length != dataShards * sizeof(int) || parityShards is < 0 or > ReedSolomon.MaxShards)
            throw Malformed("its counts contradict each other");

        var idArray = new BlobId[ids.Length / BlobId.Length];
        for (int i = 0; i < idArray.Length; i++)
            idArray[i] = new BlobId(ids.Slice(i * BlobId.Length, BlobId.Length));
        var lengthArray = new int[lengths.Length / sizeof(int)];
        for (int i = 0; i < lengthArray.Length; i++)
            lengthArray[i] = BinaryPrimitives.ReadInt32BigEndian(lengths[(i * sizeof(int))..]);
        return new StripeDescriptor((int)parityShards, idArray, lengthArray);
    }

    private byte[] Encode()
    {
        var ids = new byte[_ids.Length * BlobId.Length];
        for (int i = 0; i < _ids.Length; i++)
            _ids[i].CopyTo(ids.AsSpan(i * BlobId.Length));
        var lengths = new byte[_lengths.Length * sizeof(int)];
        for (int i = 0; i < _lengths.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(lengths.AsSpan(i * sizeof(int)), _lengths[i]);

        var buffer = new ArrayBufferWriter<byte>(ids.Length + lengths.Length + 64);
        var writer = new BencodeWriter(buffer);
        writer.BeginDictionary();
        writer.WriteKey("i");
        writer.WriteBytes(ids);
        writer.WriteKey("k");
        writer.WriteInteger(DataShards);
        writer.WriteKey("l");
        writer.WriteBytes(lengths);
        writer.WriteKey("m");
        writer.WriteInteger(ParityShards);
        writer.End();
        return buffer.WrittenSpan.ToArray();
    }

    private static MegatorrentException Malformed(string what) =>
        new(ErrorKind.Malformed, $"A stripe descriptor is damaged: {what}.");
}
