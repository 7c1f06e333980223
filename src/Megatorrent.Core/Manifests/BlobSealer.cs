using System.Security.Cryptography;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// Turns a chunk into a data blob and back: compress, seal, and the reverse (docs/spec/blob.md). One key seals one payload, ever,
/// so the nonce is zero.
/// </summary>
public static class BlobSealer
{
    /// <summary>Bytes that sealing adds: header and tag.</summary>
    public const int Overhead = BlobHeader.Length + AeadCipher.TagLength;

    /// <summary>The largest blob, in bytes.</summary>
    public const int BlobLengthMax = BlobHeader.PlaintextLengthMax + Overhead;

    private static ReadOnlySpan<byte> KeyLabel => "megatorrent blob key v1\0"u8;

    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The bytes of destination that <see cref="Seal"/> wants for a chunk.</summary>
    public static int Bound(int plaintextLength) => plaintextLength + Overhead;

    /// <summary>
    /// Seals one chunk. Compresses it first with <paramref name="compression"/> where that makes it smaller.
    /// </summary>
    /// <param name="plaintext">The chunk, at most 16 MiB. Not changed.</param>
    /// <param name="destination">At least <see cref="Bound"/> bytes; must not overlap the chunk.</param>
    /// <param name="suite">The cipher.</param>
    /// <param name="compression">The compression to try; <see cref="CompressionKind.None"/> to leave the chunk as it is.</param>
    /// <param name="tenantSecret">
    /// Empty: a fresh random key (private mode). 32 bytes: the key is derived from the secret, the header and the payload, so that equal chunks of
    /// one tenant give equal blobs (deduplicating mode).
    /// </param>
    /// <param name="random">Where a private key comes from.</param>
    /// <param name="key">Takes the 32-byte key. It opens this blob and nothing else.</param>
    /// <returns>The blob's length.</returns>
    /// <exception cref="ArgumentException">A buffer is too short, or the chunk too long.</exception>
    public static int Seal(
        ReadOnlySpan<byte> plaintext,
        Span<byte> destination,
        CipherSuite suite,
        CompressionKind compression,
        ReadOnlySpan<byte> tenantSecret,
        IRandomSource random,
        Span<byte> key)
    {
        if (plaintext.Length > BlobHeader.PlaintextLengthMax)
            throw new ArgumentException($"A chunk is at most {BlobHeader.PlaintextLengthMax} bytes.", nameof(plaintext));
        if (destination.Length < Bound(plaintext.Length))
            throw new ArgumentException($"Sealing {plaintext.Length} bytes wants {Bound(plaintext.Length)} bytes of destination.", nameof(destination));
        if (key.Length != AeadCipher.KeyLength)
            throw new ArgumentException($"A key is {AeadCipher.KeyLength} bytes.", nameof(key));

        Span<byte> body = destination[BlobHeader.Length..];
        bool compressed = compression != CompressionKind.None && plaintext.Length > 0
            && Compressor.LooksCompressible(plaintext)
            && Compressor.TryCompress(compression, plaintext, body[..(plaintext.Length - 1)], out int written)
            && (body = body[..written]).Length > 0;
        if (!compressed)
            body = destination.Slice(BlobHeader.Length, plaintext.Length);
        ReadOnlySpan<byte> payload = compressed ? body : plaintext;

        var header = new BlobHeader(suite, compressed ? compression : CompressionKind.None, payload.Length, plaintext.Length);
        header.Encode(destination);
        ReadOnlySpan<byte> associatedData = destination[..BlobHeader.Length];
        if (tenantSecret.IsEmpty)
            random.Fill(key);
        else
            DeriveKey(tenantSecret, KeyLabel, associatedData, payload, key);
        Span<byte> tag = destination.Slice(BlobHeader.Length + payload.Length, AeadCipher.TagLength);
        Aead.Seal(suite, key, ZeroNonce, payload, body, tag, associatedData);
        return Bound(payload.Length);
    }

    /// <summary>
    /// Opens a blob: checks the seal, decompresses. <paramref name="destination"/> takes the chunk and must hold
    /// <see cref="BlobHeader.PlaintextLength"/> bytes; on failure it holds nothing of the chunk.
    /// </summary>
    /// <returns>The chunk's length.</returns>
    /// <exception cref="MegatorrentException">
    /// Malformed or Unsupported: see <see cref="BlobHeader.Decode"/>. Integrity: the key is not this blob's, or the blob was changed.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int Open(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        BlobHeader header = BlobHeader.Decode(blob);
        if (destination.Length < header.PlaintextLength)
            throw new ArgumentException($"The chunk is {header.PlaintextLength} bytes; the destination holds {destination.Length}.", nameof(destination));
        destination = destination[..header.PlaintextLength];
        ReadOnlySpan<byte> associatedData = blob[..BlobHeader.Length];
        ReadOnlySpan<byte> ciphertext = blob.Slice(BlobHeader.Length, header.PayloadLength);
        ReadOnlySpan<byte> tag = blob[^AeadCipher.TagLength..];
        if (header.Compression == CompressionKind.None)
        {
            if (!Aead.TryOpen(header.Suite, key, ZeroNonce, ciphertext, tag, destination, associatedData))
                throw NotAuthentic();
            return header.PlaintextLength;
        }

        using BlobLease payload = BlobLease.Rent(header.PayloadLength);
        try
        {
            if (!Aead.TryOpen(header.Suite, key, ZeroNonce, ciphertext, tag, payload.Memory.Span, associatedData))
                throw NotAuthentic();
            Compressor.Decompress(header.Compression, payload.Memory.Span, destination);
            return header.PlaintextLength;
        }
        catch
        {
            destination.Clear(); // what was decompressed before the fault
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload.Memory.Span); // the chunk in another form, in memory that others rent next
        }
    }

    /// <summary>HMAC-SHA256(secret, label ‖ associated data ‖ SHA-256(payload)): DESIGN §5.</summary>
    internal static void DeriveKey(
        ReadOnlySpan<byte> tenantSecret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> payload, Span<byte> key)
    {
        Span<byte> hash = stackalloc byte[Sha256.HashLength];
        Sha256.Hash(payload, hash);
        using IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, tenantSecret);
        hmac.AppendData(label);
        hmac.AppendData(associatedData);
        hmac.AppendData(hash);
        hmac.GetHashAndReset(key);
    }

    private static MegatorrentException NotAuthentic() =>
        new(ErrorKind.Integrity, "A blob does not open: its key is wrong or its bytes were changed.");
}
