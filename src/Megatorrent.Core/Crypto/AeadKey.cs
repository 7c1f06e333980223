namespace Megatorrent.Core.Crypto;

/// <summary>
/// One key in the form that a provider works with. The callers (<see cref="AeadCipher"/>, <see cref="Aead"/>) have checked every length.
/// </summary>
internal abstract class AeadKey : IDisposable
{
    public abstract void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData);

    /// <summary>False when the tag is wrong; the plaintext is then all zeros.</summary>
    public abstract bool TryOpen(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData);

    public abstract void Dispose();
}
