using System.Security.Cryptography;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Wire;

/// <summary>
/// The Noise XX handshake (the Noise specification, revision 34): <c>Noise_XX_25519_AESGCM_SHA256</c> or
/// <c>Noise_XX_25519_ChaChaPoly_SHA256</c>. Not thread-safe. See docs/spec/noise.md.
/// </summary>
/// <remarks>
/// <code>
/// initiator                                   responder
///   write 0   e                          ──►  read 0      payload readable by all
///   read 1    e, ee, s, es               ◄──  write 1     payload secret, reader not yet proved
///   write 2   s, se                      ──►  read 2      payload secret, both proved
///   Split                                     Split
/// </code>
/// Messages must be written and read in turn. After any exception the handshake is dead, its secrets are zeroed, and every later call
/// throws.
/// </remarks>
public sealed class NoiseHandshake : IDisposable
{
    /// <summary>The longest message, in bytes (specification, section 3).</summary>
    public const int MaxMessage = 65535;

    /// <summary>Messages in the pattern.</summary>
    public const int MessageCount = 3;

    private const int KeyLength = X25519.KeyLength;
    private const int TagLength = AeadCipher.TagLength;

    private readonly bool _initiator;
    private readonly IRandomSource _random;
    private readonly NoiseSymmetricState _symmetric;
    private readonly byte[] _staticSecret = new byte[KeyLength];
    private readonly byte[] _staticPublic = new byte[KeyLength];
    private readonly byte[] _ephemeralSecret = new byte[KeyLength];
    private readonly byte[] _ephemeralPublic = new byte[KeyLength];
    private readonly byte[] _remoteEphemeral = new byte[KeyLength];
    private readonly byte[] _remoteStatic = new byte[KeyLength];
    private int _messageIndex;
    private bool _remoteStaticKnown;
    private bool _dead;
    private bool _split;

    /// <summary>Starts a handshake.</summary>
    /// <param name="initiator">Whether this side writes first.</param>
    /// <param name="suite">The cipher; both sides must use the same, or the first secret message fails.</param>
    /// <param name="staticSecret">This side's X25519 secret, 32 bytes; copied, zeroed when the handshake ends.</param>
    /// <param name="random">Where the ephemeral secret, 32 bytes, comes from.</param>
    /// <param name="prologue">What both sides have said in the clear before; if they differ, the first secret message fails.</param>
    /// <exception cref="ArgumentException">A secret of another length, or an unknown suite.</exception>
    public NoiseHandshake(
        bool initiator, CipherSuite suite, ReadOnlySpan<byte> staticSecret, IRandomSource random, ReadOnlySpan<byte> prologue)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (staticSecret.Length != KeyLength)
            throw new ArgumentException($"An X25519 secret is {KeyLength} bytes, not {staticSecret.Length}.", nameof(staticSecret));
        ReadOnlySpan<byte> protocolName = suite switch
        {
            CipherSuite.Aes256Gcm => "Noise_XX_25519_AESGCM_SHA256"u8,
            CipherSuite.ChaCha20Poly1305 => "Noise_XX_25519_ChaChaPoly_SHA256"u8,
            _ => throw new ArgumentException($"{suite} is no suite of Noise.", nameof(suite)),
        };
        _initiator = initiator;
        _random = random;
        staticSecret.CopyTo(_staticSecret);
        X25519.PublicKey(_staticSecret, _staticPublic);
        _symmetric = new NoiseSymmetricState(suite, protocolName);
        _symmetric.MixHash(prologue);
    }

    /// <summary>Whether all three messages have passed; then <see cref="Split"/>.</summary>
    public bool IsComplete => _messageIndex == MessageCount && !_dead;

    /// <summary>Whether it is this side's turn to write.</summary>
    public bool IsMyTurn => !_dead && _messageIndex < MessageCount && (_messageIndex % 2 == 0) == _initiator;

    /// <summary>This side's X25519 public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> LocalStatic => _staticPublic;

    /// <summary>
    /// The other side's X25519 public key, 32 bytes: known to the initiator after message 1, to the responder after message 2.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not known yet, or the handshake failed.</exception>
    public ReadOnlySpan<byte> RemoteStatic => _remoteStaticKnown && !_dead
        ? _remoteStatic
        : throw new InvalidOperationException("The other side's static key is not known.");

    /// <summary>The hash of the whole handshake, 32 bytes: the same at both ends and in no other session, for channel binding.</summary>
    /// <exception cref="InvalidOperationException">The handshake is not complete.</exception>
    public ReadOnlySpan<byte> HandshakeHash => IsComplete
        ? _symmetric.Hash
        : throw new InvalidOperationException("The handshake is not complete.");

    /// <summary>Bytes that message <paramref name="index"/> is longer than its payload: 32, 96, 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not 0, 1 or 2.</exception>
    public static int Overhead(int index) => index switch
    {
        0 => KeyLength,
        1 => KeyLength + (KeyLength + TagLength) + TagLength,
        2 => KeyLength + TagLength + TagLength,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "The pattern has messages 0, 1 and 2."),
    };

    /// <summary>Writes the next message.</summary>
    /// <param name="payload">At most <see cref="MaxMessage"/> bytes less the message's <see cref="Overhead"/>.</param>
    /// <param name="destination">Takes the payload's length and the overhead; must not overlap <paramref name="payload"/>.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short or overlaps.</exception>
    /// <exception cref="InvalidOperationException">It is not this side's turn, or the handshake failed before.</exception>
    /// <exception cref="MegatorrentException">
    /// LimitExceeded: too long a payload. ProtocolViolation: the other side's key is one of the few that give an all-zero secret.
    /// </exception>
    public int WriteMessage(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        BeginStep(writing: true);
        try
        {
            int length = payload.Length + Overhead(_messageIndex);
            if (length > MaxMessage)
            {
                throw new MegatorrentException(ErrorKind.LimitExceeded,
                    $"Handshake message {_messageIndex} would be {length} bytes long, the limit is {MaxMessage}.");
            }
            if (destination.Length < length)
                throw new ArgumentException($"{length} bytes are needed, the destination has {destination.Length}.", nameof(destination));
            destination = destination[..length];
            if (payload.Overlaps(destination))
                throw new ArgumentException("The payload must not overlap the destination.", nameof(destination));

            Span<byte> rest = destination;
            switch (_messageIndex)
            {
                case 0:
                    WriteEphemeral(ref rest);
                    break;
                case 1:
                    WriteEphemeral(ref rest);
                    Agree(_ephemeralSecret, _remoteEphemeral); // ee
                    WriteStatic(ref rest);
                    Agree(_staticSecret, _remoteEphemeral); // es, seen from the responder
                    break;
                default:
                    WriteStatic(ref rest);
                    Agree(_staticSecret, _remoteEphemeral); // se, seen from the initiator
                    break;
            }
            _symmetric.EncryptAndHash(payload, rest);
            EndStep();
            return length;
        }
        catch
        {
            Kill();
            throw;
        }
    }

    /// <summary>Reads the next message.</summary>
    /// <param name="message">The whole message, at most <see cref="MaxMessage"/> bytes.</param>
    /// <param name="payload">Takes the message's length less its <see cref="Overhead"/>; must not overlap the message.</param>
    /// <returns>The bytes written to <paramref name="payload"/>.</returns>
    /// <exception cref="ArgumentException">The payload's memory is too short or overlaps.</exception>
    /// <exception cref="InvalidOperationException">It is not the other side's turn, or the handshake failed before.</exception>
    /// <exception cref="MegatorrentException">
    /// Integrity: the message was changed, or the sides differ in suite or prologue. ProtocolViolation: a length that the message cannot
    /// have, or a key that gives an all-zero secret.
    /// </exception>
    public int ReadMessage(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        BeginStep(writing: false);
        try
        {
            int overhead = Overhead(_messageIndex);
            if (message.Length < overhead || message.Length > MaxMessage)
            {
                throw new MegatorrentException(ErrorKind.ProtocolViolation,
                    $"Handshake message {_messageIndex} is {overhead} to {MaxMessage} bytes long, not {message.Length}.");
            }
            int length = message.Length - overhead;
            if (payload.Length < length)
                throw new ArgumentException($"The payload needs {length} bytes, its memory has {payload.Length}.", nameof(payload));
            payload = payload[..length];
            if (message.Overlaps(payload))
                throw new ArgumentException("The payload must not overlap the message.", nameof(payload));

            ReadOnlySpan<byte> rest = message;
            switch (_messageIndex)
            {
                case 0:
                    ReadEphemeral(ref rest);
                    break;
                case 1:
                    ReadEphemeral(ref rest);
                    Agree(_ephemeralSecret, _remoteEphemeral); // ee
                    ReadStatic(ref rest);
                    Agree(_ephemeralSecret, _remoteStatic); // es, seen from the initiator
                    break;
                default:
                    ReadStatic(ref rest);
                    Agree(_ephemeralSecret, _remoteStatic); // se, seen from the responder
                    break;
            }
            _symmetric.DecryptAndHash(rest, payload);
            if (_messageIndex > 0)
                _remoteStaticKnown = true; // not before the payload's tag has proved that the sender holds it
            EndStep();
            return length;
        }
        catch
        {
            Kill();
            throw;
        }
    }

    /// <summary>Gives the two ciphers of the session, once. The caller disposes them; this object keeps only what is public.</summary>
    /// <returns>The cipher for what this side sends, and the one for what it receives.</returns>
    /// <exception cref="InvalidOperationException">The handshake is not complete, or was split before.</exception>
    public (NoiseCipher Send, NoiseCipher Receive) Split()
    {
        if (!IsComplete)
            throw new InvalidOperationException("The handshake is not complete.");
        if (_split)
            throw new InvalidOperationException("The handshake was split before.");
        _split = true;
        (NoiseCipher first, NoiseCipher second) = _symmetric.Split();
        Zero();
        return _initiator ? (first, second) : (second, first);
    }

    /// <summary>Zeroes the secrets. The ciphers that <see cref="Split"/> gave live on.</summary>
    public void Dispose() => Kill();

    private void BeginStep(bool writing)
    {
        if (_dead)
            throw new InvalidOperationException("The handshake failed before, or was disposed.");
        if (_messageIndex == MessageCount || IsMyTurn != writing)
        {
            Kill();
            throw new InvalidOperationException($"It is not {(writing ? "this" : "the other")} side's turn to write.");
        }
    }

    private void EndStep() => _messageIndex++;

    private void WriteEphemeral(ref Span<byte> rest)
    {
        _random.Fill(_ephemeralSecret);
        X25519.PublicKey(_ephemeralSecret, _ephemeralPublic);
        _ephemeralPublic.CopyTo(rest);
        _symmetric.MixHash(_ephemeralPublic);
        rest = rest[KeyLength..];
    }

    private void ReadEphemeral(ref ReadOnlySpan<byte> rest)
    {
        rest[..KeyLength].CopyTo(_remoteEphemeral);
        _symmetric.MixHash(_remoteEphemeral);
        rest = rest[KeyLength..];
    }

    private void WriteStatic(ref Span<byte> rest)
    {
        _symmetric.EncryptAndHash(_staticPublic, rest[..(KeyLength + TagLength)]);
        rest = rest[(KeyLength + TagLength)..];
    }

    private void ReadStatic(ref ReadOnlySpan<byte> rest)
    {
        _symmetric.DecryptAndHash(rest[..(KeyLength + TagLength)], _remoteStatic);
        rest = rest[(KeyLength + TagLength)..];
    }

    private void Agree(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        Span<byte> shared = stackalloc byte[KeyLength];
        if (!X25519.TryAgree(secret, publicKey, shared)) // an all-zero result, which the specification lets us refuse
            throw new MegatorrentException(ErrorKind.ProtocolViolation, "The peer's key is of low order: no secret can be agreed with it.");
        _symmetric.MixKey(shared);
        CryptographicOperations.ZeroMemory(shared);
    }

    private void Kill()
    {
        _dead = true;
        Zero();
    }

    private void Zero()
    {
        CryptographicOperations.ZeroMemory(_staticSecret);
        CryptographicOperations.ZeroMemory(_ephemeralSecret);
        _symmetric.Zero();
    }
}
