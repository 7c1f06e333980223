using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Repair;

/// <summary>The calls by which nodes agree on what one of them may delete. Layout: docs/spec/repair.md, "Surplus".</summary>
internal static class SurplusMessages
{
    /// <summary>The call that tells a node where it may hold too much.</summary>
    public const string HintName = "surplus";

    /// <summary>The call that asks a node to prove that it has a blob, and to keep it.</summary>
    public const string ConfirmName = "confirm";

    /// <summary>Stripes in one hint at most: 128 KiB of ids.</summary>
    public const int MaxHintStripes = 4096;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceLength = 16;

    private const int FormatVersion = 1;

    /// <summary>The body of a hint.</summary>
    public static byte[] EncodeHint(ReadOnlySpan<BlobId> stripes)
    {
        byte[] ids = IdList.Encode(stripes);
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("s");
            writer.WriteBytes(ids);
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
    }

    /// <summary>Reads the body of a hint.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static BlobId[] DecodeHint(ReadOnlySpan<byte> source)
    {
        BlobId[]? stripes = null;
        var reader = new BencodeReader(source, subject: "surplus hint");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("s"u8))
                stripes = IdList.Read(ref reader, MaxHintStripes);
            else if (key.SequenceEqual("v"u8))
                reader.ReadInteger(FormatVersion, long.MaxValue);
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return stripes ?? throw reader.Malformed("the stripes are missing");
    }

    /// <summary>The body of a question for a confirmation.</summary>
    public static byte[] EncodeConfirm(BlobId stripe, BlobId blob, byte[] nonce) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("b");
        writer.WriteBytes(BlobId.AsSpan(in blob));
        writer.WriteKey("n");
        writer.WriteBytes(nonce);
        writer.WriteKey("s");
        writer.WriteBytes(BlobId.AsSpan(in stripe));
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });

    /// <summary>Reads the body of a question for a confirmation.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static (BlobId Stripe, BlobId Blob, byte[] Nonce) DecodeConfirm(ReadOnlySpan<byte> source)
    {
        BlobId? stripe = null;
        BlobId? blob = null;
        byte[]? nonce = null;
        var reader = new BencodeReader(source, subject: "surplus confirmation");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("b"u8))
                blob = new BlobId(reader.ReadBytesExact(BlobId.Length));
            else if (key.SequenceEqual("n"u8))
                nonce = reader.ReadBytesExact(NonceLength).ToArray();
            else if (key.SequenceEqual("s"u8))
                stripe = new BlobId(reader.ReadBytesExact(BlobId.Length));
            else if (key.SequenceEqual("v"u8))
                reader.ReadInteger(FormatVersion, long.MaxValue);
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return stripe is { } s && blob is { } b && nonce is not null
            ? (s, b, nonce)
            : throw reader.Malformed("the blob, the stripe or the nonce is missing");
    }

    /// <summary>
    /// The answer to a question for a confirmation: the proof, or nothing when the node does not promise to keep the blob.
    /// </summary>
    public static byte[] EncodeProof(byte[]? proof) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        if (proof is not null)
        {
            writer.WriteKey("p");
            writer.WriteBytes(proof);
        }
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });

    /// <summary>Reads an answer.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static byte[]? DecodeProof(ReadOnlySpan<byte> source)
    {
        byte[]? proof = null;
        var reader = new BencodeReader(source, subject: "surplus proof");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("p"u8))
                proof = reader.ReadBytesExact(Sha256.HashLength).ToArray();
            else if (key.SequenceEqual("v"u8))
                reader.ReadInteger(FormatVersion, long.MaxValue);
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return proof;
    }

    /// <summary>What only a holder of the blob can say: SHA-256(nonce ‖ blob).</summary>
    public static byte[] Prove(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> blob)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        hash.AppendData(nonce);
        hash.AppendData(blob);
        return hash.GetHashAndReset();
    }
}
