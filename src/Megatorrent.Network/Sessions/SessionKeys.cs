using System.Security.Cryptography;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// The X25519 key that stands for our identity in handshakes, and the signed payload that says so; made once for a server or a pool, not
/// for every connection. Thread-safe until disposed, which zeroes the secret.
/// </summary>
internal sealed class SessionKeys : IDisposable
{
    private readonly byte[] _secret = new byte[X25519.KeyLength];

    public SessionKeys(SessionOptions options)
    {
        options.Random.Fill(_secret);
        Span<byte> publicKey = stackalloc byte[X25519.KeyLength];
        X25519.PublicKey(_secret, publicKey);
        Payload = HandshakePayload.Create(options.Identity, options.Certificate, publicKey);
    }

    public ReadOnlySpan<byte> Secret => _secret;

    public byte[] Payload { get; }

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);
}
