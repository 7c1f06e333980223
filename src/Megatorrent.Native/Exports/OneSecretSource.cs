using System.Security.Cryptography;
using Megatorrent.Core;

namespace Megatorrent.Native.Exports;

/// <summary>Gives one secret that the caller chose, once, in place of a random one; then, or by Dispose, it is zeroed.</summary>
internal sealed class OneSecretSource : IRandomSource, IDisposable
{
    private readonly byte[] _secret;
    private bool _given;

    /// <summary>Takes a copy of the secret.</summary>
    public OneSecretSource(ReadOnlySpan<byte> secret)
    {
        _secret = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_secret);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It was given before, or another length is asked for.</exception>
    public void Fill(Span<byte> destination)
    {
        if (_given || destination.Length != _secret.Length)
            throw new InvalidOperationException("There is one secret, for one use.");
        _secret.CopyTo(destination);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _given = true;
        CryptographicOperations.ZeroMemory(_secret);
    }
}
