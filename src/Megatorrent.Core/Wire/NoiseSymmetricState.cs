using System.Security.Cryptography;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire;

/// <summary>
/// The chaining key, the transcript hash and the current key of a handshake (the Noise specification, revision 34, section 5.2,
/// SymmetricState, with the CipherState of 5.1 inside). Hash and HMAC are SHA-256.
/// </summary>
internal sealed class NoiseSymmetricState
{
    private const int HashLength = Sha256.HashLength;

    private readonly CipherSuite _suite;
    private readonly byte[] _chainingKey = new byte[HashLength];
    private readonly byte[] _hash = new byte[HashLength];
    private NoiseCipher? _key;

    /// <summary>InitializeSymmetric.</summary>
    public NoiseSymmetricState(CipherSuite suite, ReadOnlySpan<byte> protocolName)
    {
        _suite = suite;
        // A name of at most HASHLEN bytes is padded with zeros; both of ours are.
        protocolName.CopyTo(_hash);
        _hash.CopyTo(_chainingKey, 0);
    }

    /// <summary>The transcript hash.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>h = HASH(h ‖ data).</summary>
    public void MixHash(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_hash);
        hash.AppendData(data);
        hash.GetHashAndReset(_hash);
    }

    /// <summary>ck, k = HKDF(ck, input); the nonce starts again at 0.</summary>
    public void MixKey(ReadOnlySpan<byte> input)
    {
        Span<byte> key = stackalloc byte[HashLength];
        DeriveTwo(input, _chainingKey, key);
        _key?.Dispose();
        _key = new NoiseCipher(_suite, key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Encrypts with the transcript as associated data once there is a key, copies before; then mixes what was sent.</summary>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="destination">Exactly as long as the plaintext, and 16 bytes longer once there is a key.</param>
    public void EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        if (_key is null)
            plaintext.CopyTo(destination);
        else
            _key.Encrypt(_hash, plaintext, destination);
        MixHash(destination);
    }

    /// <summary>The inverse of <see cref="EncryptAndHash"/>.</summary>
    /// <exception cref="MegatorrentException">Integrity: not what the other side wrote.</exception>
    public void DecryptAndHash(ReadOnlySpan<byte> source, Span<byte> plaintext)
    {
        if (_key is null)
            source.CopyTo(plaintext);
        else
            _key.Decrypt(_hash, source, plaintext);
        MixHash(source);
    }

    /// <summary>The two ciphers of the session: what the initiator sends, what the responder sends.</summary>
    public (NoiseCipher First, NoiseCipher Second) Split()
    {
        Span<byte> first = stackalloc byte[HashLength];
        Span<byte> second = stackalloc byte[HashLength];
        DeriveTwo(default, first, second);
        var ciphers = (new NoiseCipher(_suite, first), new NoiseCipher(_suite, second));
        CryptographicOperations.ZeroMemory(first);
        CryptographicOperations.ZeroMemory(second);
        return ciphers;
    }

    /// <summary>Zeroes the secrets; the transcript hash is public and stays.</summary>
    public void Zero()
    {
        CryptographicOperations.ZeroMemory(_chainingKey);
        _key?.Dispose();
        _key = null;
    }

    // HKDF with two outputs (specification, section 4.3), keyed with the chaining key. `first` may be the chaining key itself.
    private void DeriveTwo(ReadOnlySpan<byte> input, Span<byte> first, Span<byte> second)
    {
        Span<byte> temporary = stackalloc byte[HashLength];
        Span<byte> block = stackalloc byte[HashLength + 1];
        HMACSHA256.HashData(_chainingKey, input, temporary);
        block[0] = 1;
        HMACSHA256.HashData(temporary, block[..1], first);
        first.CopyTo(block);
        block[HashLength] = 2;
        HMACSHA256.HashData(temporary, block, second);
        CryptographicOperations.ZeroMemory(temporary);
        CryptographicOperations.ZeroMemory(block);
    }
}
