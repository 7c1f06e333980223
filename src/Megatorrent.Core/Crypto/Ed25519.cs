namespace Megatorrent.Core.Crypto;

/// <summary>Ed25519 signatures (RFC 8032): the public side. <see cref="SigningKey"/> has the other.</summary>
public static class Ed25519
{
    /// <summary>Bytes in a public key.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>Bytes in a signature.</summary>
    public const int SignatureLength = 64;

    /// <summary>
    /// Whether <paramref name="signature"/> over <paramref name="message"/> was made with the secret of <paramref name="publicKey"/>.
    /// Non-canonical encodings and keys of small order are refused, so a signature cannot be bent into another one. Thread-safe.
    /// </summary>
    /// <returns>False also when the key is not 32 bytes or the signature not 64: both come from outside.</returns>
    /// <exception cref="MegatorrentException">Unsupported: libsodium is missing.</exception>
    public static unsafe bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength)
            return false;
        Libsodium.EnsureReady();
        byte none; // an empty span pins as null
        fixed (byte* key = publicKey, text = message, sign = signature)
            return Libsodium.crypto_sign_verify_detached(sign, text == null ? &none : text, (ulong)message.Length, key) == 0;
    }
}
