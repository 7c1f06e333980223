using System.Buffers.Binary;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// The fixed first bytes of a data blob, and the associated data of its seal (docs/spec/blob.md).
/// </summary>
/// <param name="Suite">The cipher of the seal.</param>
/// <param name="Compression">What was done to the chunk before it was sealed.</param>
/// <param name="PayloadLength">Bytes that went into the cipher, after compression; the ciphertext is as long.</param>
/// <param name="PlaintextLength">Bytes of the chunk.</param>
public readonly record struct BlobHeader(CipherSuite Suite, CompressionKind Compression, int PayloadLength, int PlaintextLength)
{
    /// <summary>Bytes of the header on disk and on the wire.</summary>
    public const int Length = 16;

    /// <summary>The largest chunk, in bytes: what a node must be ready to hold in memory for one blob.</summary>
    public const int PlaintextLengthMax = 16 * 1024 * 1024;

    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "MTB\0"u8;

    /// <summary>Writes the 16 bytes.</summary>
    public void Encode(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        destination[4] = Version;
        destination[5] = (byte)Suite;
        destination[6] = (byte)Compression;
        destination[7] = 0;
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], PayloadLength);
        BinaryPrimitives.WriteInt32BigEndian(destination[12..], PlaintextLength);
    }

    /// <summary>Reads and checks the 16 bytes at the start of a blob of <paramref name="blob"/>.Length bytes.</summary>
    /// <exception cref="MegatorrentException">
    /// Malformed: no header, wrong magic, or lengths that do not fit the blob. Unsupported: another version, suite or compression.
    /// </exception>
    public static BlobHeader Decode(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < Length + AeadCipher.TagLength || !blob[..4].SequenceEqual(Magic))
            throw new MegatorrentException(ErrorKind.Malformed, "These bytes are not a sealed chunk: the blob header is missing.");
        if (blob[4] != Version || blob[7] != 0)
            throw new MegatorrentException(ErrorKind.Unsupported, $"The blob has format version {blob[4]}; this build reads version {Version}.");
        var header = new BlobHeader(
            (CipherSuite)blob[5],
            (CompressionKind)blob[6],
            BinaryPrimitives.ReadInt32BigEndian(blob[8..]),
            BinaryPrimitives.ReadInt32BigEndian(blob[12..]));
        if (header.Suite is not (CipherSuite.Aes256Gcm or CipherSuite.ChaCha20Poly1305))
            throw new MegatorrentException(ErrorKind.Unsupported, $"The blob is sealed with suite {blob[5]}, which this build does not know.");
        if (header.Compression > CompressionKind.Brotli)
            throw new MegatorrentException(ErrorKind.Unsupported, $"The blob is compressed with method {blob[6]}, which this build does not know.");
        if (header.PayloadLength != blob.Length - Length - AeadCipher.TagLength)
            throw new MegatorrentException(ErrorKind.Malformed, "The blob's header and its length disagree: it was cut or extended.");
        bool lengthsFit = header.Compression == CompressionKind.None
            ? header.PayloadLength == header.PlaintextLength
            : header.PayloadLength < header.PlaintextLength;
        if (header.PlaintextLength is < 0 or > PlaintextLengthMax || !lengthsFit)
            throw new MegatorrentException(ErrorKind.Malformed, "The lengths in the blob's header contradict each other.");
        return header;
    }
}
