using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// A question that only somebody with the bytes can answer: the hash of a range of a blob under a nonce that was never used before. The
/// answer is bound to the holder, so that what one holder answers is worth nothing to another. Layout: docs/spec/audit.md, "Challenge".
/// </summary>
/// <param name="Nonce">32 random bytes. Not to be changed.</param>
/// <param name="Blob">The blob.</param>
/// <param name="Offset">The range's first byte.</param>
/// <param name="Length">Its bytes, at least 1.</param>
internal sealed record AuditChallenge(byte[] Nonce, BlobId Blob, int Offset, int Length)
{
    /// <summary>Bytes in a nonce.</summary>
    public const int NonceLength = 32;

    private const int FormatVersion = 1;
    private const int RangeMin = 4096; // shorter ones would miss too much of what a holder may have thrown away

    private static ReadOnlySpan<byte> Context => "megatorrent audit 1\0"u8;

    /// <summary>A challenge over a random range: half the time the whole blob, else between two uniform places.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="random">What chooses.</param>
    public static AuditChallenge Create(BlobId blob, int length, IRandomSource random)
    {
        var nonce = new byte[NonceLength];
        random.Fill(nonce);
        if (length <= RangeMin || random.Next(2) == 0)
            return new AuditChallenge(nonce, blob, 0, length);
        (int first, int second) = (random.Next(length), random.Next(length));
        int offset = Math.Min(Math.Min(first, second), length - RangeMin);
        return new AuditChallenge(nonce, blob, offset, Math.Max(RangeMin, Math.Max(first, second) - offset + 1));
    }

    /// <summary>A challenge over the whole blob.</summary>
    public static AuditChallenge Whole(BlobId blob, int length, IRandomSource random)
    {
        var nonce = new byte[NonceLength];
        random.Fill(nonce);
        return new AuditChallenge(nonce, blob, 0, length);
    }

    /// <summary>The answer of a holder; null when the range is not within the blob.</summary>
    /// <param name="holder">Who answers.</param>
    /// <param name="bytes">The whole blob.</param>
    public byte[]? Answer(NodeId holder, ReadOnlySpan<byte> bytes)
    {
        if (Offset < 0 || Length < 1 || Offset > bytes.Length - Length)
            return null;
        int head = Context.Length + NonceLength + NodeId.Length + BlobId.Length + (2 * sizeof(int));
        byte[] input = System.Buffers.ArrayPool<byte>.Shared.Rent(head + Length);
        try
        {
            Span<byte> at = input;
            Context.CopyTo(at);
            at = at[Context.Length..];
            Nonce.CopyTo(at);
            at = at[NonceLength..];
            holder.CopyTo(at);
            at = at[NodeId.Length..];
            Blob.CopyTo(at);
            at = at[BlobId.Length..];
            BinaryPrimitives.WriteInt32BigEndian(at, Offset);
            BinaryPrimitives.WriteInt32BigEndian(at[sizeof(int)..], Length);
            bytes.Slice(Offset, Length).CopyTo(at[(2 * sizeof(int))..]);
            var digest = new byte[Sha256.HashLength];
            Sha256.Hash(input.AsSpan(0, head + Length), digest);
            return digest;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(input);
        }
    }

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("b");
        BlobId blob = Blob;
        writer.WriteBytes(BlobId.AsSpan(in blob));
        writer.WriteKey("l");
        writer.WriteInteger(Length);
        writer.WriteKey("n");
        writer.WriteBytes(Nonce);
        writer.WriteKey("o");
        writer.WriteInteger(Offset);
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });

    /// <summary>Reads a challenge. The range is not compared with any blob.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static AuditChallenge Decode(ReadOnlySpan<byte> source)
    {
        BlobId? blob = null;
        byte[]? nonce = null;
        long offset = -1, length = -1;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "audit challenge");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'b']: blob = new BlobId(reader.ReadBytesExact(BlobId.Length)); break;
                case [(byte)'l']: length = reader.ReadInteger(1, int.MaxValue); break;
                case [(byte)'n']: nonce = reader.ReadBytesExact(NonceLength).ToArray(); break;
                case [(byte)'o']: offset = reader.ReadInteger(0, int.MaxValue); break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        return blob is { } id && nonce is not null && offset >= 0 && length > 0 && versioned
            ? new AuditChallenge(nonce, id, (int)offset, (int)length)
            : throw reader.Malformed("an entry is missing");
    }
}
