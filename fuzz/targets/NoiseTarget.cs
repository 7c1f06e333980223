using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// The Noise handshake and the session behind it. The first byte of an input says what: <c>0</c> to <c>2</c>, the rest stands in the place of
/// that message; <c>P</c>, it is a payload to be validated; else it is what both sides say in the handshake and in the session, and must
/// arrive, and a changed message must not.
/// </summary>
[Covers(typeof(NoiseHandshake))]
[Covers(typeof(NoiseCipher))]
[Covers(typeof(HandshakePayload))]
internal sealed class NoiseTarget() : FuzzTarget("noise")
{
    private static readonly byte[] Zero = new byte[32];

    /// <summary>Two handshakes with their ciphers, beside what comes from outside.</summary>
    protected override long AllocationFloor => 256 << 10;

    /// <summary>A payload goes through three messages, each with a buffer on either side, and one frame.</summary>
    protected override long AllocationPerByte => 64;

    protected override bool IsRefusal(ErrorKind kind) =>
        kind is ErrorKind.Integrity or ErrorKind.ProtocolViolation or ErrorKind.Malformed or ErrorKind.Unauthorized or ErrorKind.Unsupported;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty || input.Length > 4096)
            return;
        ReadOnlySpan<byte> rest = input[1..];
        if (input[0] == (byte)'P')
        {
            HandshakePayload.Validate(rest, Zero, Zero, DateTimeOffset.UnixEpoch.AddYears(55));
            return;
        }

        CipherSuite suite = (input[0] & 0x80) == 0 ? CipherSuite.Aes256Gcm : CipherSuite.ChaCha20Poly1305;
        Span<byte> secret = stackalloc byte[32];
        secret.Fill(7);
        using var one = new NoiseHandshake(initiator: true, suite, secret, ConstantRandom.Instance, default);
        secret.Fill(9);
        using var two = new NoiseHandshake(initiator: false, suite, secret, ConstantRandom.Instance, default);
        int strange = (input[0] & 0x7f) - '0';
        for (int i = 0; i < NoiseHandshake.MessageCount; i++)
        {
            (NoiseHandshake writer, NoiseHandshake reader) = i % 2 == 0 ? (one, two) : (two, one);
            var message = new byte[NoiseHandshake.Overhead(i) + rest.Length];
            writer.WriteMessage(rest, message);
            if (strange == i)
            {
                reader.ReadMessage(rest, new byte[rest.Length + 1]);
                return; // the first message proves nothing; a later one cannot be guessed
            }

            var payload = new byte[rest.Length];
            reader.ReadMessage(message, payload);
            FuzzFailure.UnlessSame(rest, payload, $"the payload of message {i}");
        }

        Talk(one, two, rest);
    }

    private static void Talk(NoiseHandshake one, NoiseHandshake two, ReadOnlySpan<byte> text)
    {
        (NoiseCipher send, NoiseCipher unused) = one.Split();
        (NoiseCipher alsoUnused, NoiseCipher receive) = two.Split();
        using (send)
        using (unused)
        using (alsoUnused)
        using (receive)
        {
            var message = new byte[text.Length + NoiseCipher.TagLength];
            var opened = new byte[text.Length];
            send.Encrypt(text, message);
            receive.Decrypt(message, opened);
            FuzzFailure.UnlessSame(text, opened, "a message of the session");
            send.Encrypt(text, message);
            message[text.Length / 2] ^= 1;
            receive.Decrypt(message, opened); // a refusal, which Test expects
            throw new FuzzFailure("a changed message was taken");
        }
    }
}
