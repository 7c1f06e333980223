namespace Megatorrent.Core.Crypto;

/// <summary>
/// One authenticated cipher under one key, for many messages: the key schedule is computed once. Not thread-safe. The caller owns the
/// rule that no nonce is used twice under a key. For one message a key, <see cref="Aead"/> needs no object.
/// </summary>
public sealed class AeadCipher : IDisposable
{
    /// <summary>Bytes in a key, of either suite.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes in a nonce, of either suite.</summary>
    public const int NonceLength = 12;

    /// <summary>Bytes in a tag, of either suite.</summary>
    public const int TagLength = 16;

    private AeadKey? _key;

    /// <summary>Expands a 32-byte key with the fastest provider there is (see <see cref="CipherProvider"/>).</summary>
    /// <exception cref="ArgumentException">
    /// <paramref name="key"/> is not 32 bytes, or <paramref name="suite"/> is not a known suite.
    /// </exception>
    /// <exception cref="MegatorrentException">Unsupported: the system's cryptography library lacks the suite.</exception>
    public AeadCipher(CipherSuite suite, ReadOnlySpan<byte> key)
        : this(suite, key, CipherProvider.For(suite, int.MaxValue))
    {
    }

    internal AeadCipher(CipherSuite suite, ReadOnlySpan<byte> key, CipherProviderKind provider)
    {
        Aead.CheckKey(suite, key);
        Suite = suite;
        _key = CipherProvider.CreateKey(suite, key, provider);
    }

    /// <summary>The cipher.</summary>
    public CipherSuite Suite { get; }

    /// <summary>
    /// Encrypts <paramref name="plaintext"/> into <paramref name="ciphertext"/> and writes the tag over both the ciphertext and
    /// <paramref name="associatedData"/>. The two may be the same memory, but may not overlap in part.
    /// </summary>
    /// <param name="nonce">12 bytes, never used before under this key.</param>
    /// <param name="plaintext">Any length from 0.</param>
    /// <param name="ciphertext">As long as the plaintext; overwritten.</param>
    /// <param name="tag">16 bytes; overwritten.</param>
    /// <param name="associatedData">Authenticated, not encrypted; may be empty.</param>
    /// <exception cref="ArgumentException">A length is wrong, or plaintext and ciphertext overlap in part.</exception>
    /// <exception cref="ObjectDisposedException">The cipher was disposed.</exception>
    public void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        Aead.CheckMessage(nonce, plaintext, ciphertext, tag);
        Key.Seal(nonce, plaintext, ciphertext, tag, associatedData);
    }

    /// <summary>
    /// Decrypts <paramref name="ciphertext"/> if its tag is right. The two may be the same memory, but may not overlap in part.
    /// The tag is compared in constant time.
    /// </summary>
    /// <param name="nonce">The 12 bytes it was sealed with.</param>
    /// <param name="ciphertext">Any length from 0.</param>
    /// <param name="tag">16 bytes.</param>
    /// <param name="plaintext">As long as the ciphertext; overwritten.</param>
    /// <param name="associatedData">What it was sealed with.</param>
    /// <returns>True when the message is authentic; when false, <paramref name="plaintext"/> is all zeros.</returns>
    /// <exception cref="ArgumentException">A length is wrong, or plaintext and ciphertext overlap in part.</exception>
    /// <exception cref="ObjectDisposedException">The cipher was disposed.</exception>
    public bool TryOpen(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        Aead.CheckMessage(nonce, ciphertext, plaintext, tag);
        return Key.TryOpen(nonce, ciphertext, tag, plaintext, associatedData);
    }

    /// <summary>Zeroes and releases the key.</summary>
    public void Dispose()
    {
        _key?.Dispose();
        _key = null;
    }

    private AeadKey Key => _key ?? throw new ObjectDisposedException(nameof(AeadCipher));
}
