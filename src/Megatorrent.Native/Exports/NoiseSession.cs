using System.Security.Cryptography;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Native.Exports;

/// <summary>
/// What a handle of a Noise session stands for: the handshake, then the two ciphers. Both are dead once they are misused, so the export
/// asks <see cref="State"/> and the overheads first. Whoever uses it holds its lock.
/// </summary>
internal sealed class NoiseSession : IDisposable
{
    /// <summary>The most bytes that a message is longer than its payload: <c>MT_NOISE_OVERHEAD_MAX</c>, of message 1.</summary>
    public static readonly int OverheadMax = NoiseHandshake.Overhead(1);

    // Payloads are decrypted here first, so that nothing of the caller's changes when a message is not genuine.
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly bool _initiator;
    private readonly OneSecretSource? _ephemeral;
    private readonly NoiseHandshake _handshake;
    private readonly byte[] _remoteKey = new byte[X25519.KeyLength];
    private readonly byte[] _handshakeHash = new byte[Sha256.HashLength];
    private NoiseCipher? _send;
    private NoiseCipher? _receive;
    private int _messageIndex;
    private bool _dead;

    /// <summary>Begins a session.</summary>
    /// <param name="initiator">Whether this side writes first.</param>
    /// <param name="suite">The cipher.</param>
    /// <param name="staticSecret">This side's X25519 secret, 32 bytes; copied.</param>
    /// <param name="ephemeralSecret">32 bytes, copied; or empty: random ones.</param>
    /// <param name="prologue">What both sides have said before in the clear.</param>
    public NoiseSession(
        bool initiator,
        CipherSuite suite,
        ReadOnlySpan<byte> staticSecret,
        ReadOnlySpan<byte> ephemeralSecret,
        ReadOnlySpan<byte> prologue)
    {
        _initiator = initiator;
        _ephemeral = ephemeralSecret.IsEmpty ? null : new OneSecretSource(ephemeralSecret);
        IRandomSource random = _ephemeral is null ? SystemRandomSource.Instance : _ephemeral;
        _handshake = new NoiseHandshake(initiator, suite, staticSecret, random, prologue);
    }

    /// <summary>Whether the handle was destroyed while a call waited for the lock.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Whose turn it is.</summary>
    public NoiseState State =>
        _dead ? NoiseState.Dead
        : _messageIndex == NoiseHandshake.MessageCount ? NoiseState.Established
        : (_messageIndex % 2 == 0) == _initiator ? NoiseState.Write
        : NoiseState.Read;

    /// <summary>The other side's public key, 32 bytes; empty before it is proved.</summary>
    public ReadOnlySpan<byte> RemoteKey => !_dead && _messageIndex >= (_initiator ? 2 : 3) ? _remoteKey : default;

    /// <summary>The hash that names the session, 32 bytes; empty before it is established.</summary>
    public ReadOnlySpan<byte> HandshakeHash => State == NoiseState.Established ? _handshakeHash : default;

    /// <summary>Bytes that the next message of this side will be longer than its payload.</summary>
    public int WriteOverhead => Overhead(State == NoiseState.Read ? _messageIndex + 1 : _messageIndex);

    /// <summary>Bytes that the message which is due is longer than its payload.</summary>
    public int ReadOverhead => Overhead(_messageIndex);

    /// <summary>Writes the next message. It must be this side's turn; after an exception the session is dead.</summary>
    /// <param name="payload">Not too long for a message.</param>
    /// <param name="destination">As long as the message: the payload and <see cref="WriteOverhead"/>. Unchanged after an exception.</param>
    public void Write(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        try
        {
            if (_send is not null)
            {
                _send.Encrypt(payload, destination);
                return;
            }

            Span<byte> message = Scratch(destination.Length);
            _handshake.WriteMessage(payload, message);
            message.CopyTo(destination);
            CryptographicOperations.ZeroMemory(message); // the payload of the first is not encrypted
            Advance();
        }
        catch
        {
            Kill();
            throw;
        }
    }

    /// <summary>Reads the next message. It must be the other side's turn; after an exception the session is dead.</summary>
    /// <param name="message">Not shorter than <see cref="ReadOverhead"/>, not longer than any message.</param>
    /// <param name="destination">As long as the payload. Unchanged after an exception.</param>
    /// <exception cref="MegatorrentException">Integrity, ProtocolViolation.</exception>
    public void Read(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Span<byte> payload = Scratch(destination.Length);
        try
        {
            if (_receive is not null)
            {
                _receive.Decrypt(message, payload);
            }
            else
            {
                _handshake.ReadMessage(message, payload);
                Advance();
            }

            payload.CopyTo(destination);
        }
        catch
        {
            Kill();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload);
        }
    }

    /// <summary>Ends the session and zeroes its secrets.</summary>
    public void Kill()
    {
        _dead = true;
        _ephemeral?.Dispose();
        _handshake.Dispose();
        _send?.Dispose();
        _receive?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IsDisposed = true;
        Kill();
    }

    private static int Overhead(int messageIndex) =>
        messageIndex < NoiseHandshake.MessageCount ? NoiseHandshake.Overhead(messageIndex) : NoiseCipher.TagLength;

    private static Span<byte> Scratch(int length) =>
        (_scratch ??= GC.AllocateUninitializedArray<byte>(NoiseHandshake.MaxMessage, pinned: true)).AsSpan(0, length);

    private void Advance()
    {
        _messageIndex++;
        if (_messageIndex >= (_initiator ? 2 : 3))
            _handshake.RemoteStatic.CopyTo(_remoteKey);
        if (_messageIndex < NoiseHandshake.MessageCount)
            return;
        _handshake.HandshakeHash.CopyTo(_handshakeHash);
        (_send, _receive) = _handshake.Split();
        _handshake.Dispose();
    }
}
