using System.Buffers.Binary;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Wire;

/// <summary>
/// One direction of an established Noise session (the Noise specification, revision 34, section 5.1, CipherState): encrypts or decrypts
/// messages in their order, counting the nonce itself. Allocates nothing a message. Not thread-safe.
/// </summary>
/// <remarks>
/// A message is its ciphertext and the 16-byte tag. Messages are tied to their place: one that is lost, repeated, reordered or changed
/// makes the next decryption fail, and after any failure, of either method, the cipher is dead and every later call throws, because the
/// two ends no longer agree on the nonce. The nonce 2^64-1 is never used, as the specification reserves it: at that count both refuse.
/// </remarks>
public sealed class NoiseCipher : IDisposable
{
    /// <summary>The longest message, in bytes, tag included (specification, section 3).</summary>
    public const int MaxMessage = 65535;

    /// <summary>Bytes that a message is longer than its plaintext.</summary>
    public const int TagLength = AeadCipher.TagLength;

    /// <summary>The longest plaintext of a message, in bytes.</summary>
    public const int MaxPlaintext = MaxMessage - TagLength;

    private readonly AeadCipher _cipher;
    private readonly bool _bigEndian;
    private ulong _nonce;
    private State _state;

    /// <summary>Starts a direction with a key.</summary>
    /// <param name="suite">Which cipher; also decides how the nonce is laid out.</param>
    /// <param name="key">32 bytes; copied into the key schedule.</param>
    /// <param name="firstNonce">The count to start at: 0, except in tests.</param>
    internal NoiseCipher(CipherSuite suite, ReadOnlySpan<byte> key, ulong firstNonce = 0)
    {
        _cipher = new AeadCipher(suite, key);
        _bigEndian = suite == CipherSuite.Aes256Gcm;
        _nonce = firstNonce;
    }

    private enum State : byte
    {
        Alive,
        Dead,
        Disposed,
    }

    /// <summary>Encrypts one message.</summary>
    /// <param name="plaintext">At most <see cref="MaxPlaintext"/> bytes.</param>
    /// <param name="destination">
    /// Takes the plaintext's length and <see cref="TagLength"/> bytes more. May start exactly where <paramref name="plaintext"/> does
    /// (in place), and must not overlap it otherwise.
    /// </param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short, or overlaps in part.</exception>
    /// <exception cref="MegatorrentException">LimitExceeded: too long, or no nonce is left. Integrity: the cipher is dead.</exception>
    /// <exception cref="ObjectDisposedException">The cipher was disposed.</exception>
    public int Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> destination) => Encrypt(default, plaintext, destination);

    /// <summary>Encrypts with associated data: what the handshake does.</summary>
    internal int Encrypt(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[AeadCipher.NonceLength];
        BeginMessage(nonce);
        if (plaintext.Length > MaxPlaintext)
            throw Failure(ErrorKind.LimitExceeded, $"A session's message holds at most {MaxPlaintext} bytes, not {plaintext.Length}.");
        int length = plaintext.Length + TagLength;
        if (destination.Length < length)
            throw TooShort(length, destination.Length, nameof(destination));
        CheckOverlap(plaintext, destination[..length]);
        _cipher.Seal(nonce, plaintext, destination[..plaintext.Length], destination[plaintext.Length..length], associatedData);
        EndMessage();
        return length;
    }

    /// <summary>Decrypts the next message.</summary>
    /// <param name="message">The whole message, <see cref="TagLength"/> to <see cref="MaxMessage"/> bytes.</param>
    /// <param name="destination">
    /// Takes the message's length less <see cref="TagLength"/>. May start exactly where <paramref name="message"/> does (in place), and
    /// must not overlap it otherwise. Zeroed where the plaintext would stand when the message is not genuine.
    /// </param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short, or overlaps in part.</exception>
    /// <exception cref="MegatorrentException">
    /// Integrity: the message was not written by the other end as its next one, or the cipher is dead. ProtocolViolation: a length that no
    /// message has. LimitExceeded: no nonce is left.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cipher was disposed.</exception>
    public int Decrypt(ReadOnlySpan<byte> message, Span<byte> destination) => Decrypt(default, message, destination);

    /// <summary>Decrypts with associated data: what the handshake does.</summary>
    internal int Decrypt(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[AeadCipher.NonceLength];
        BeginMessage(nonce);
        if (message.Length is < TagLength or > MaxMessage)
            throw Failure(ErrorKind.ProtocolViolation, $"A session's message is {TagLength} to {MaxMessage} bytes, not {message.Length}.");
        int length = message.Length - TagLength;
        if (destination.Length < length)
            throw TooShort(length, destination.Length, nameof(destination));
        CheckOverlap(message, destination[..length]);
        if (!_cipher.TryOpen(nonce, message[..length], message[length..], destination[..length], associatedData))
            throw Failure(ErrorKind.Integrity, "A message of the session was changed, lost or repeated on its way; the session is over.");
        EndMessage();
        return length;
    }

    /// <summary>Zeroes the key. Every later call throws.</summary>
    public void Dispose()
    {
        _state = State.Disposed;
        _cipher.Dispose();
    }

    // The cipher counts as dead while a message is under way, so that whatever throws leaves it so.
    private void BeginMessage(Span<byte> nonce)
    {
        ObjectDisposedException.ThrowIf(_state == State.Disposed, this);
        if (_state == State.Dead)
            throw new MegatorrentException(ErrorKind.Integrity, "The session failed before and is over.");
        _state = State.Dead;
        if (_nonce == ulong.MaxValue)
            throw Failure(ErrorKind.LimitExceeded, "The session has used all its nonces; connect again.");
        nonce[..4].Clear();
        if (_bigEndian)
            BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], _nonce);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _nonce);
    }

    private void EndMessage()
    {
        _nonce++;
        _state = State.Alive;
    }

    private static void CheckOverlap(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        if (source.Overlaps(destination, out int offset) && offset != 0)
            throw new ArgumentException("Source and destination may be the same memory but must not overlap in part.", nameof(destination));
    }

    private static ArgumentException TooShort(int needed, int length, string name) =>
        new($"{needed} bytes are needed, the destination has {length}.", name);

    private static MegatorrentException Failure(ErrorKind kind, string message) => new(kind, message);
}
