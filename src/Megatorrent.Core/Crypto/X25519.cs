using System.Security.Cryptography;

namespace Megatorrent.Core.Crypto;

/// <summary>Diffie-Hellman on Curve25519 (RFC 7748). Thread-safe, constant time in the secret.</summary>
public static class X25519
{
    /// <summary>Bytes in a secret, a public key and a shared secret.</summary>
    public const int KeyLength = 32;

    /// <summary>Computes the public key of 32 secret bytes; they are clamped as RFC 7748 §5 says, so any 32 bytes do.</summary>
    /// <param name="secret">32 bytes.</param>
    /// <param name="publicKey">32 bytes; overwritten.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="MegatorrentException">Unsupported: libsodium is missing.</exception>
    public static unsafe void PublicKey(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        CheckLength(secret.Length, nameof(secret));
        CheckLength(publicKey.Length, nameof(publicKey));
        Libsodium.EnsureReady();
        fixed (byte* from = secret, to = publicKey)
        {
            if (Libsodium.crypto_scalarmult_base(to, from) != 0)
                throw new MegatorrentException(ErrorKind.Internal, "libsodium computed no X25519 public key.");
        }
    }

    /// <summary>Computes the secret shared with the holder of <paramref name="publicKey"/>. Hash it before use as a key.</summary>
    /// <param name="secret">Our 32 bytes.</param>
    /// <param name="publicKey">The other's 32 bytes.</param>
    /// <param name="shared">32 bytes; overwritten.</param>
    /// <returns>
    /// False when the other's key is a point of small order, which would make the result known to everyone (RFC 7748 §6.1);
    /// <paramref name="shared"/> is then all zeros.
    /// </returns>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="MegatorrentException">Unsupported: libsodium is missing.</exception>
    public static unsafe bool TryAgree(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey, Span<byte> shared)
    {
        CheckLength(secret.Length, nameof(secret));
        CheckLength(publicKey.Length, nameof(publicKey));
        CheckLength(shared.Length, nameof(shared));
        Libsodium.EnsureReady();
        fixed (byte* ours = secret, theirs = publicKey, to = shared)
        {
            if (Libsodium.crypto_scalarmult(to, ours, theirs) == 0)
                return true;
        }
        CryptographicOperations.ZeroMemory(shared);
        return false;
    }

    private static void CheckLength(int length, string name)
    {
        if (length != KeyLength)
            throw new ArgumentException($"An X25519 key is {KeyLength} bytes, not {length}.", name);
    }
}
