using System.Buffers.Binary;
using System.Security.Cryptography;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Client;

/// <summary>
/// The memory of a get that was interrupted: how many bytes of the object's content stand durably in the ".mtpart" beside the destination.
/// It is written after the bytes are flushed, so it never promises more than the disk has.
/// </summary>
internal sealed class PartialDownload(string path, BlobId root)
{
    // "mtpart1\0", root id, content offset, then the SHA-256 of these.
    private const int BodyLength = 8 + BlobId.Length + sizeof(long);
    private const int Length = BodyLength + Sha256.HashLength;

    private static ReadOnlySpan<byte> Magic => "mtpart1\0"u8;

    /// <summary>The file, or the directory, that is being filled.</summary>
    public string ContentPath => path + ".mtpart";

    private string StatePath => path + ".mtpart.state";

    /// <summary>
    /// Where to go on: 0 when there is nothing to resume, or when what is there belongs to another object or is damaged.
    /// </summary>
    /// <exception cref="IOException">What is there is a link, or another user's: it is left alone.</exception>
    public long Load()
    {
        foreach (string path in (string[])[ContentPath, StatePath])
        {
            if (!LocalFiles.IsOurs(path))
                throw new IOException($"'{path}' is a link or belongs to another user; remove it, or get to another place");
        }

        try
        {
            byte[] state = File.ReadAllBytes(StatePath);
            return state.Length == Length && state.AsSpan().StartsWith(Magic) && state.AsSpan(8, BlobId.Length).SequenceEqual(root.ToArray())
                && SHA256.HashData(state.AsSpan(0, BodyLength)).AsSpan().SequenceEqual(state.AsSpan(BodyLength))
                ? BinaryPrimitives.ReadInt64BigEndian(state.AsSpan(8 + BlobId.Length))
                : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Remembers that the first <paramref name="offset"/> bytes are on disk.</summary>
    public void Save(long offset)
    {
        var state = new byte[Length];
        Magic.CopyTo(state);
        root.CopyTo(state.AsSpan(8));
        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(8 + BlobId.Length), offset);
        SHA256.HashData(state.AsSpan(0, BodyLength)).CopyTo(state.AsSpan(BodyLength));
        string temporary = StatePath + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            file.Write(state);
        File.Move(temporary, StatePath, overwrite: true);
    }

    public void Forget() => File.Delete(StatePath);
}
