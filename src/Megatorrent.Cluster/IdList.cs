using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster;

/// <summary>Ids one after the other in one byte string.</summary>
internal static class IdList
{
    /// <summary>The ids as bytes.</summary>
    public static byte[] Encode(ReadOnlySpan<BlobId> ids)
    {
        var bytes = new byte[ids.Length * BlobId.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i].CopyTo(bytes.AsSpan(i * BlobId.Length));
        return bytes;
    }

    /// <inheritdoc cref="Encode(ReadOnlySpan{BlobId})"/>
    public static byte[] Encode(IReadOnlyList<BlobId> ids) => Encode(ids as BlobId[] ?? [.. ids]);

    /// <summary>Reads the next value of a document.</summary>
    public static BlobId[] Read(ref BencodeReader reader, int maxCount)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(maxCount * BlobId.Length);
        if (bytes.Length % BlobId.Length != 0)
            throw reader.Malformed($"{bytes.Length} bytes are no list of ids");
        var ids = new BlobId[bytes.Length / BlobId.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = new BlobId(bytes.Slice(i * BlobId.Length, BlobId.Length));
        return ids;
    }
}
