namespace Megatorrent.Core.Crypto;

/// <summary>
/// Authenticated encryption of one message under a key that is used once, as blobs are. Thread-safe. Allocates nothing with the native
/// provider. The rules for lengths, overlap and nonces are those of <see cref="AeadCipher"/>.
/// </summary>
public static class Aead
{
    /// <summary>Encrypts one message; see <see cref="AeadCipher.Seal"/>.</summary>
    /// <exception cref="ArgumentException">
    /// A length is wrong, the suite is unknown, or plaintext and ciphertext overlap in part.
    /// </exception>
    /// <exception cref="MegatorrentException">Unsupported: the system's cryptography library lacks the suite.</exception>
    public static void Seal(
        CipherSuite suite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData) =>
        Seal(CipherProvider.For(suite, plaintext.Length), suite, key, nonce, plaintext, ciphertext, tag, associatedData);

    /// <summary>Decrypts one message if its tag is right; see <see cref="AeadCipher.TryOpen"/>.</summary>
    /// <returns>True when the message is authentic; when false, <paramref name="plaintext"/> is all zeros.</returns>
    /// <exception cref="ArgumentException">
    /// A length is wrong, the suite is unknown, or plaintext and ciphertext overlap in part.
    /// </exception>
    /// <exception cref="MegatorrentException">Unsupported: the system's cryptography library lacks the suite.</exception>
    public static bool TryOpen(
        CipherSuite suite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData) =>
        TryOpen(CipherProvider.For(suite, ciphertext.Length), suite, key, nonce, ciphertext, tag, plaintext, associatedData);

    internal static void Seal(
        CipherProviderKind provider,
        CipherSuite suite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        CheckKey(suite, key);
        CheckMessage(nonce, plaintext, ciphertext, tag);
        if (provider == CipherProviderKind.IpsecMb)
        {
            IpsecMbAeadKey.SealOnce(suite, key, nonce, plaintext, ciphertext, tag, associatedData);
            return;
        }
        if (provider == CipherProviderKind.Vaes)
        {
            VaesGcmKey.SealOnce(key, nonce, plaintext, ciphertext, tag, associatedData);
            return;
        }
        using var expanded = new DotNetAeadKey(suite, key);
        expanded.Seal(nonce, plaintext, ciphertext, tag, associatedData);
    }

    internal static bool TryOpen(
        CipherProviderKind provider,
        CipherSuite suite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        CheckKey(suite, key);
        CheckMessage(nonce, ciphertext, plaintext, tag);
        if (provider == CipherProviderKind.IpsecMb)
            return IpsecMbAeadKey.TryOpenOnce(suite, key, nonce, ciphertext, tag, plaintext, associatedData);
        if (provider == CipherProviderKind.Vaes)
            return VaesGcmKey.TryOpenOnce(key, nonce, ciphertext, tag, plaintext, associatedData);
        using var expanded = new DotNetAeadKey(suite, key);
        return expanded.TryOpen(nonce, ciphertext, tag, plaintext, associatedData);
    }

    internal static void CheckKey(CipherSuite suite, ReadOnlySpan<byte> key)
    {
        if (suite is not (CipherSuite.Aes256Gcm or CipherSuite.ChaCha20Poly1305))
            throw new ArgumentException($"There is no cipher suite {(byte)suite}.", nameof(suite));
        if (key.Length != AeadCipher.KeyLength)
            throw new ArgumentException($"A key is {AeadCipher.KeyLength} bytes, not {key.Length}.", nameof(key));
    }

    internal static void CheckMessage(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> tag)
    {
        if (nonce.Length != AeadCipher.NonceLength)
            throw new ArgumentException($"A nonce is {AeadCipher.NonceLength} bytes, not {nonce.Length}.", nameof(nonce));
        if (tag.Length != AeadCipher.TagLength)
            throw new ArgumentException($"A tag is {AeadCipher.TagLength} bytes, not {tag.Length}.", nameof(tag));
        if (source.Length != destination.Length)
            throw new ArgumentException(
                $"Plaintext and ciphertext differ in length ({source.Length} and {destination.Length} bytes).", nameof(destination));
        if (source.Overlaps(destination, out int offset) && offset != 0)
            throw new ArgumentException("Plaintext and ciphertext overlap in part.", nameof(destination));
    }
}
