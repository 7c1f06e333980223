using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// Opens a session: preamble, then the three messages of Noise XX, each after its u16 length. The preamble (6 bytes magic, u8 version of
/// the record layer, u8 suite) is part of the prologue, so whoever changes it on the way breaks the handshake.
/// </summary>
internal static class SessionHandshake
{
    public const int PreambleLength = 8;
    public const byte RecordVersion = 1;

    private const int MaxMessageLength = HandshakePayload.MaxEncodedLength + 2 * X25519.KeyLength + 2 * AeadCipher.TagLength;
    private const int DrainLength = 64 * 1024;

    private static ReadOnlySpan<byte> Magic => "MTWIRE"u8;

    private static ReadOnlySpan<byte> ProtocolName => "megatorrent wire v1\0"u8;

    /// <summary>The side that connected. Our identity is shown only after the peer has proved its own.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Unauthorized"/>: the peer is not of the cluster, not a node, or not <paramref name="expected"/>; others as the
    /// bytes and the connection deserve.
    /// </exception>
    public static async ValueTask<SecureChannel> InitiateAsync(
        ITransportConnection connection, SessionKeys keys, SessionOptions options, NodeId? expected, CancellationToken cancellationToken)
    {
        byte[] preamble = [.. Magic, RecordVersion, (byte)options.Suite];
        using var noise = new NoiseHandshake(initiator: true, options.Suite, keys.Secret, options.Random, Prologue(preamble));
        await WriteAsync(connection, noise, preamble, [], cancellationToken);
        byte[] payload = await ReadAsync(connection, noise, cancellationToken);
        PeerIdentity peer = HandshakePayload.Validate(payload, noise.RemoteStatic, options.ClusterKey, options.Time.GetUtcNow());
        if (expected is { } id && peer.Id != id)
        {
            throw new MegatorrentException(ErrorKind.Unauthorized,
                $"{peer.Id.ToShortString()} answers there, where {id.ToShortString()} was expected.");
        }
        if (!RoleRules.MayServe(peer))
        {
            throw new MegatorrentException(ErrorKind.Unauthorized,
                $"{peer} answers there, which is no node of the cluster; only a node's or an admin's certificate may serve.");
        }
        await WriteAsync(connection, noise, [], keys.Payload, cancellationToken);
        var (send, receive) = noise.Split();
        return new SecureChannel(connection, peer, send, receive);
    }

    /// <summary>
    /// The side that accepted. A peer whose certificate is refused is told why, inside the session that its handshake opened.
    /// </summary>
    /// <exception cref="MegatorrentException">As the bytes, the certificate and the connection deserve.</exception>
    public static async ValueTask<SecureChannel> RespondAsync(
        ITransportConnection connection, SessionKeys keys, SessionOptions options, CancellationToken cancellationToken)
    {
        var preamble = new byte[PreambleLength];
        await ReadExactlyAsync(connection, preamble, cancellationToken);
        CipherSuite suite = CheckPreamble(preamble);
        using var noise = new NoiseHandshake(initiator: false, suite, keys.Secret, options.Random, Prologue(preamble));
        await ReadAsync(connection, noise, cancellationToken);
        await WriteAsync(connection, noise, [], keys.Payload, cancellationToken);
        byte[] payload = await ReadAsync(connection, noise, cancellationToken);
        var (send, receive) = noise.Split();
        try
        {
            PeerIdentity peer = HandshakePayload.Validate(payload, noise.RemoteStatic, options.ClusterKey, options.Time.GetUtcNow());
            return new SecureChannel(connection, peer, send, receive);
        }
        catch (MegatorrentException exception)
        {
            await RefuseAsync(connection, send, exception, cancellationToken);
            send.Dispose();
            receive.Dispose();
            throw;
        }
    }

    private static CipherSuite CheckPreamble(ReadOnlySpan<byte> preamble)
    {
        if (!preamble.StartsWith(Magic))
            throw new MegatorrentException(ErrorKind.ProtocolViolation, "Whoever connected does not speak this protocol.");
        if (preamble[6] != RecordVersion)
        {
            throw new MegatorrentException(ErrorKind.Unsupported,
                $"The peer uses version {preamble[6]} of the record layer; this program knows {RecordVersion}.");
        }
        var suite = (CipherSuite)preamble[7];
        return suite is CipherSuite.Aes256Gcm or CipherSuite.ChaCha20Poly1305
            ? suite
            : throw new MegatorrentException(ErrorKind.Unsupported,
                $"The peer proposes cipher suite {preamble[7]}, which this program does not know.");
    }

    private static byte[] Prologue(byte[] preamble) => [.. ProtocolName, .. preamble];

    private static async ValueTask WriteAsync(
        ITransportConnection connection, NoiseHandshake noise, byte[] before, byte[] payload, CancellationToken cancellationToken)
    {
        var message = new byte[before.Length + RecordFormat.LengthField + MaxMessageLength];
        before.CopyTo(message, 0);
        int start = before.Length + RecordFormat.LengthField;
        int length = noise.WriteMessage(payload, message.AsSpan(start));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(before.Length), (ushort)length);
        await connection.WriteAsync(message.AsMemory(0, start + length), cancellationToken);
    }

    private static async ValueTask<byte[]> ReadAsync(
        ITransportConnection connection, NoiseHandshake noise, CancellationToken cancellationToken)
    {
        var field = new byte[RecordFormat.LengthField];
        await ReadExactlyAsync(connection, field, cancellationToken);
        int length = BinaryPrimitives.ReadUInt16BigEndian(field);
        if (length > MaxMessageLength)
        {
            throw new MegatorrentException(ErrorKind.ProtocolViolation,
                $"The peer sent a handshake message of {length} bytes; the limit is {MaxMessageLength}. Is it a Megatorrent node?");
        }
        var message = new byte[length];
        await ReadExactlyAsync(connection, message, cancellationToken);
        var payload = new byte[length];
        return payload[..noise.ReadMessage(message, payload)];
    }

    private static async ValueTask ReadExactlyAsync(
        ITransportConnection connection, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            int count = await connection.ReadAsync(destination, cancellationToken);
            if (count == 0)
                throw new MegatorrentException(ErrorKind.Unreachable, "The peer closed the connection during the handshake.");
            destination = destination[count..];
        }
    }

    // Then reads until the peer has closed too: closing first, with bytes unread, would make TCP take the explanation back.
    private static async ValueTask RefuseAsync(
        ITransportConnection connection, NoiseCipher send, MegatorrentException reason, CancellationToken cancellationToken)
    {
        var writer = new RecordWriter(connection, send);
        QueuedFrame frame = QueuedFrame.Error(0, reason.Kind, reason.Message);
        try
        {
            writer.Append(frame.Bytes);
            await writer.FlushAsync();
            connection.CompleteWriting();
            var drain = new byte[DrainLength];
            for (int total = 0; total < DrainLength;)
            {
                int count = await connection.ReadAsync(drain, cancellationToken);
                if (count == 0)
                    return;
                total += count;
            }
        }
        catch (MegatorrentException)
        {
            // The peer did not wait for the explanation.
        }
        finally
        {
            frame.Return();
            writer.Release();
        }
    }
}
