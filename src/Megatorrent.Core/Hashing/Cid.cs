namespace Megatorrent.Core.Hashing;

/// <summary>CIDv1 text of blob ids.</summary>
public static class Cid
{
    /// <summary>The CIDv1 of <paramref name="id"/>.</summary>
    public static string Format(BlobId id) => Convert.ToHexStringLower(BlobId.AsSpan(in id));
}
