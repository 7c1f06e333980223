using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The body of the question <c>leases</c>: of which stripes, and where the asker knows some already, a digest of what it knows, so that only
/// differences are told. Layout: docs/spec/garbage.md.
/// </summary>
/// <param name="Stripes">Stripe ids, at most <see cref="MaxStripes"/>.</param>
/// <param name="Digests">Empty, or one for each stripe: the sum of the digests of the leases that the asker knows.</param>
/// <param name="Skip">How many leases of the first stripe to pass over: those that an earlier answer told.</param>
public sealed record LeaseQuery(IReadOnlyList<BlobId> Stripes, IReadOnlyList<ulong> Digests, int Skip)
{
    /// <summary>The question's name.</summary>
    public const string Name = "leases";

    /// <summary>The most stripes of one question.</summary>
    public const int MaxStripes = 4096;

    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        var digests = new byte[Digests.Count * sizeof(ulong)];
        for (int i = 0; i < Digests.Count; i++)
            BinaryPrimitives.WriteUInt64BigEndian(digests.AsSpan(i * sizeof(ulong)), Digests[i]);
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("d");
            writer.WriteBytes(digests);
            writer.WriteKey("f");
            writer.WriteInteger(Skip);
            writer.WriteKey("i");
            writer.WriteBytes(IdList.Encode(Stripes));
            writer.WriteKey("v");
            writer.WriteInteger(Version);
            writer.End();
        });
    }

    /// <summary>Reads a question.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static LeaseQuery Decode(ReadOnlySpan<byte> source)
    {
        BlobId[]? stripes = null;
        ulong[] digests = [];
        int skip = 0;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "lease question");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("d"u8))
                digests = ReadDigests(ref reader);
            else if (key.SequenceEqual("f"u8))
                skip = (int)reader.ReadInteger(0, int.MaxValue);
            else if (key.SequenceEqual("i"u8))
                stripes = IdList.Read(ref reader, MaxStripes);
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return stripes is not null && versioned && (digests.Length == 0 || digests.Length == stripes.Length)
            ? new LeaseQuery(stripes, digests, skip)
            : throw reader.Malformed("the stripes or the version is missing, or the digests are not as many");
    }

    private static ulong[] ReadDigests(ref BencodeReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(MaxStripes * sizeof(ulong));
        var digests = new ulong[bytes.Length / sizeof(ulong)];
        for (int i = 0; i < digests.Length; i++)
            digests[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes[(i * sizeof(ulong))..]);
        return digests;
    }
}
