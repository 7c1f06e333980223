using System.Security.Cryptography;

namespace Megatorrent.Core.Crypto;

/// <summary>
/// An Ed25519 key pair (RFC 8032) that signs. The secret stays in pinned memory, so that the collector makes no copies, and is zeroed by
/// <see cref="Dispose"/>. Signing is thread-safe; disposing while another thread signs is not.
/// </summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>Bytes in a seed, from which the whole pair follows.</summary>
    public const int SeedLength = 32;

    private const int SecretKeyLength = 64; // seed, then public key: libsodium's form
    private readonly byte[] _publicKey = new byte[Ed25519.PublicKeyLength];
    private readonly byte[] _secretKey = GC.AllocateArray<byte>(SecretKeyLength, pinned: true);
    private bool _disposed;

    private unsafe SigningKey(ReadOnlySpan<byte> seed)
    {
        Libsodium.EnsureReady();
        fixed (byte* publicKey = _publicKey, secretKey = _secretKey, from = seed)
        {
            if (Libsodium.crypto_sign_seed_keypair(publicKey, secretKey, from) != 0)
                throw new MegatorrentException(ErrorKind.Internal, "libsodium made no Ed25519 key pair.");
        }
    }

    /// <summary>The 32-byte public key; stays readable after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Makes a new pair from 32 random bytes.</summary>
    /// <exception cref="MegatorrentException">Unsupported: libsodium is missing.</exception>
    public static SigningKey Generate(IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> seed = stackalloc byte[SeedLength];
        try
        {
            random.Fill(seed);
            return new SigningKey(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Makes the pair of a 32-byte seed; the same seed gives the same pair.</summary>
    /// <exception cref="ArgumentException"><paramref name="seed"/> is not 32 bytes.</exception>
    /// <exception cref="MegatorrentException">Unsupported: libsodium is missing.</exception>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedLength)
            throw new ArgumentException($"A seed is {SeedLength} bytes, not {seed.Length}.", nameof(seed));
        return new SigningKey(seed);
    }

    /// <summary>Writes the signature over <paramref name="message"/>; the same message gives the same signature.</summary>
    /// <param name="message">Any length from 0.</param>
    /// <param name="signature64">64 bytes; overwritten.</param>
    /// <exception cref="ArgumentException"><paramref name="signature64"/> is not 64 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public unsafe void Sign(ReadOnlySpan<byte> message, Span<byte> signature64)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (signature64.Length != Ed25519.SignatureLength)
            throw new ArgumentException($"A signature is {Ed25519.SignatureLength} bytes, not {signature64.Length}.", nameof(signature64));
        byte none; // an empty span pins as null
        fixed (byte* secretKey = _secretKey, text = message, signature = signature64)
        {
            if (Libsodium.crypto_sign_detached(signature, null, text == null ? &none : text, (ulong)message.Length, secretKey) != 0)
                throw new MegatorrentException(ErrorKind.Internal, "libsodium made no Ed25519 signature.");
        }
    }

    /// <summary>Copies the secret seed out, to be sealed and stored. The caller zeroes the copy.</summary>
    /// <param name="destination">At least 32 bytes; the first 32 are overwritten.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void CopySeedTo(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _secretKey.AsSpan(0, SeedLength).CopyTo(destination);
    }

    /// <summary>Zeroes the secret.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secretKey);
    }
}
