using System.Security.Cryptography;

namespace Megatorrent.Core.Crypto;

/// <summary>The provider that is always there: System.Security.Cryptography, which is OpenSSL on Linux.</summary>
internal sealed class DotNetAeadKey : AeadKey
{
    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;

    public DotNetAeadKey(CipherSuite suite, ReadOnlySpan<byte> key)
    {
        if (suite == CipherSuite.Aes256Gcm)
        {
            if (!AesGcm.IsSupported)
                throw Unsupported(suite);
            _aes = new AesGcm(key, AeadCipher.TagLength);
        }
        else
        {
            if (!ChaCha20Poly1305.IsSupported)
                throw Unsupported(suite);
            _chaCha = new ChaCha20Poly1305(key);
        }
    }

    public override void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        if (_aes is not null)
            _aes.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
        else
            _chaCha!.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
    }

    public override bool TryOpen(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        try
        {
            if (_aes is not null)
                _aes.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
            else
                _chaCha!.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }

    public override void Dispose()
    {
        _aes?.Dispose();
        _chaCha?.Dispose();
    }

    private static MegatorrentException Unsupported(CipherSuite suite) =>
        new(ErrorKind.Unsupported, $"The cipher {suite} is not available in this system's cryptography library.");
}
