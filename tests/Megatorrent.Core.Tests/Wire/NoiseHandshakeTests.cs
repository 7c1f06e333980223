using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

public class NoiseHandshakeTests
{
    public static TheoryData<CipherSuite> Suites => [CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305];

    // The points of order 1, 2, 4 and 8 on the curve and its twist, and their spellings above the prime: each gives an all-zero secret.
    public static TheoryData<string> LowOrderPoints =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Two_sides_meet_and_talk(CipherSuite suite)
    {
        using var pair = new Pair(suite);
        byte[][] payloads = ["to whom it may concern"u8.ToArray(), [], new byte[1000]];
        for (int i = 0; i < NoiseHandshake.MessageCount; i++)
        {
            Assert.Equal(i % 2 == 0, pair.Initiator.IsMyTurn);
            Assert.Equal(i % 2 != 0, pair.Responder.IsMyTurn);
            Assert.False(pair.Initiator.IsComplete);
            byte[] message = pair.Write(i, payloads[i]);
            Assert.Equal(payloads[i].Length + NoiseHandshake.Overhead(i), message.Length);
            Assert.Equal(payloads[i], pair.Read(i, message));
        }
        Assert.True(pair.Initiator.IsComplete && pair.Responder.IsComplete);
        Assert.False(pair.Initiator.IsMyTurn || pair.Responder.IsMyTurn);
        Assert.Equal(pair.Initiator.HandshakeHash.ToArray(), pair.Responder.HandshakeHash.ToArray());
        Assert.Equal(pair.Responder.LocalStatic.ToArray(), pair.Initiator.RemoteStatic.ToArray());
        Assert.Equal(pair.Initiator.LocalStatic.ToArray(), pair.Responder.RemoteStatic.ToArray());

        (NoiseCipher initiatorSend, NoiseCipher initiatorReceive) = pair.Initiator.Split();
        (NoiseCipher responderSend, NoiseCipher responderReceive) = pair.Responder.Split();
        Exchange(initiatorSend, responderReceive, "question"u8);
        Exchange(responderSend, initiatorReceive, "answer"u8);
        Assert.Equal(32, pair.Initiator.HandshakeHash.Length); // still there for channel binding
        Assert.Throws<InvalidOperationException>(() => pair.Initiator.Split());
        pair.Dispose();
        Exchange(initiatorSend, responderReceive, "the ciphers live on"u8);
        initiatorSend.Dispose();
        initiatorReceive.Dispose();
        responderSend.Dispose();
        responderReceive.Dispose();
    }

    [Fact]
    public void No_two_sessions_are_the_same()
    {
        var random = new SeededRandomSource(9);
        using var first = new Pair(CipherSuite.Aes256Gcm, random);
        using var second = new Pair(CipherSuite.Aes256Gcm, random);
        first.Run();
        second.Run();
        Assert.NotEqual(first.Initiator.HandshakeHash.ToArray(), second.Initiator.HandshakeHash.ToArray());
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Any_changed_byte_ends_the_handshake(CipherSuite suite)
    {
        for (int index = 0; index < NoiseHandshake.MessageCount; index++)
        {
            int length = NoiseHandshake.Overhead(index) + 3;
            for (int at = 0; at < length; at++)
            {
                using var pair = new Pair(suite);
                pair.Run(upTo: index);
                byte[] message = pair.Write(index, "abc"u8);
                message[at] ^= 0x80; // the bit of a public key that X25519 ignores, too
                if (index == 0)
                {
                    // Nothing protects the first message alone; the second finds out.
                    pair.Read(0, message);
                    message = pair.Write(1, []);
                    AssertDies(ErrorKind.Integrity, pair.Initiator, () => pair.Read(1, message));
                }
                else
                {
                    AssertDies(ErrorKind.Integrity, pair.ReaderOf(index), () => pair.Read(index, message));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Cut_and_overlong_messages_end_the_handshake(CipherSuite suite)
    {
        for (int index = 0; index < NoiseHandshake.MessageCount; index++)
        {
            for (int length = 0; length < NoiseHandshake.Overhead(index); length++)
            {
                using var pair = new Pair(suite);
                pair.Run(upTo: index);
                byte[] message = pair.Write(index, []);
                AssertDies(ErrorKind.ProtocolViolation, pair.ReaderOf(index), () => pair.Read(index, message[..length]));
            }
            using var longer = new Pair(suite);
            longer.Run(upTo: index);
            AssertDies(ErrorKind.ProtocolViolation, longer.ReaderOf(index), () =>
                longer.Read(index, new byte[NoiseHandshake.MaxMessage + 1]));
        }
    }

    [Theory]
    [MemberData(nameof(LowOrderPoints))]
    public void Keys_of_low_order_are_refused(string point)
    {
        // As the initiator's ephemeral key: found when the responder answers.
        using var first = new Pair(CipherSuite.Aes256Gcm);
        first.Read(0, Convert.FromHexString(point));
        AssertDies(ErrorKind.ProtocolViolation, first.Responder, () => first.Write(1, []));

        // As the responder's: found when the initiator reads.
        using var second = new Pair(CipherSuite.Aes256Gcm);
        second.Read(0, second.Write(0, []));
        byte[] answer = second.Write(1, []);
        Convert.FromHexString(point).CopyTo(answer, 0);
        AssertDies(ErrorKind.ProtocolViolation, second.Initiator, () => second.Read(1, answer));
    }

    [Fact]
    public void Sides_that_disagree_on_suite_or_prologue_do_not_meet()
    {
        using var suites = new Pair(CipherSuite.Aes256Gcm, responderSuite: CipherSuite.ChaCha20Poly1305);
        suites.Run(upTo: 1);
        byte[] message = suites.Write(1, []);
        AssertDies(ErrorKind.Integrity, suites.Initiator, () => suites.Read(1, message));

        using var prologues = new Pair(CipherSuite.Aes256Gcm, responderPrologue: "version 2");
        prologues.Run(upTo: 1);
        message = prologues.Write(1, []);
        AssertDies(ErrorKind.Integrity, prologues.Initiator, () => prologues.Read(1, message));
    }

    [Fact]
    public void A_recorded_message_does_not_open_another_session()
    {
        var random = new SeededRandomSource(3);
        using var first = new Pair(CipherSuite.Aes256Gcm, random);
        first.Run(upTo: 2);
        byte[] recorded = first.Write(2, []);
        using var second = new Pair(CipherSuite.Aes256Gcm, random);
        second.Run(upTo: 2);
        AssertDies(ErrorKind.Integrity, second.Responder, () => second.Read(2, recorded));
    }

    [Fact]
    public void Payloads_are_bounded_exactly()
    {
        for (int index = 0; index < NoiseHandshake.MessageCount; index++)
        {
            int most = NoiseHandshake.MaxMessage - NoiseHandshake.Overhead(index);
            using var fits = new Pair(CipherSuite.Aes256Gcm);
            fits.Run(upTo: index);
            Assert.Equal(most, fits.Read(index, fits.Write(index, new byte[most])).Length);

            using var exceeds = new Pair(CipherSuite.Aes256Gcm);
            exceeds.Run(upTo: index);
            AssertDies(ErrorKind.LimitExceeded, exceeds.WriterOf(index), () => exceeds.Write(index, new byte[most + 1]));
        }
    }

    [Fact]
    public void Messages_out_of_turn_end_the_handshake()
    {
        var buffer = new byte[200];
        using var responderFirst = new Pair(CipherSuite.Aes256Gcm);
        Assert.Throws<InvalidOperationException>(() => responderFirst.Responder.WriteMessage([], buffer));
        AssertDead(responderFirst.Responder);

        using var readFirst = new Pair(CipherSuite.Aes256Gcm);
        Assert.Throws<InvalidOperationException>(() => readFirst.Initiator.ReadMessage(new byte[32], buffer));
        AssertDead(readFirst.Initiator);

        using var twice = new Pair(CipherSuite.Aes256Gcm);
        twice.Write(0, []);
        Assert.Throws<InvalidOperationException>(() => twice.Initiator.WriteMessage([], buffer));
        AssertDead(twice.Initiator);

        using var afterwards = new Pair(CipherSuite.Aes256Gcm);
        afterwards.Run();
        Assert.Throws<InvalidOperationException>(() => afterwards.Initiator.ReadMessage(new byte[100], buffer));
        AssertDead(afterwards.Initiator);
    }

    [Fact]
    public void Buffers_are_checked()
    {
        using var writer = new Pair(CipherSuite.Aes256Gcm);
        Assert.Throws<ArgumentException>(() => writer.Initiator.WriteMessage(new byte[1], new byte[32]));
        AssertDead(writer.Initiator);

        using var reader = new Pair(CipherSuite.Aes256Gcm);
        byte[] message = reader.Write(0, new byte[9]);
        Assert.Throws<ArgumentException>(() => reader.Responder.ReadMessage(message, new byte[8]));
        AssertDead(reader.Responder);

        var shared = new byte[200];
        using var overlapping = new Pair(CipherSuite.Aes256Gcm);
        Assert.Throws<ArgumentException>(() => overlapping.Initiator.WriteMessage(shared.AsSpan(20, 4), shared));
        Assert.Throws<ArgumentException>(() => overlapping.Responder.ReadMessage(shared, shared.AsSpan(20)));
    }

    [Fact]
    public void What_is_not_known_yet_is_not_shown()
    {
        using var pair = new Pair(CipherSuite.Aes256Gcm);
        Assert.Throws<InvalidOperationException>(() => pair.Initiator.RemoteStatic.Length);
        Assert.Throws<InvalidOperationException>(() => pair.Initiator.HandshakeHash.Length);
        Assert.Throws<InvalidOperationException>(() => pair.Initiator.Split());
        pair.Run(upTo: 2);
        Assert.Equal(pair.Responder.LocalStatic.ToArray(), pair.Initiator.RemoteStatic.ToArray());
        Assert.Throws<InvalidOperationException>(() => pair.Responder.RemoteStatic.Length);
        Assert.Throws<InvalidOperationException>(() => pair.Responder.HandshakeHash.Length);
    }

    [Fact]
    public void A_disposed_handshake_is_over()
    {
        using var pair = new Pair(CipherSuite.Aes256Gcm);
        pair.Run();
        pair.Initiator.Dispose();
        AssertDead(pair.Initiator);
    }

    [Fact]
    public void Arguments_are_checked()
    {
        var random = new SeededRandomSource(1);
        Assert.Throws<ArgumentException>(() => new NoiseHandshake(true, CipherSuite.Aes256Gcm, new byte[31], random, []));
        Assert.Throws<ArgumentException>(() => new NoiseHandshake(true, (CipherSuite)3, new byte[32], random, []));
        Assert.Throws<ArgumentNullException>(() => new NoiseHandshake(true, CipherSuite.Aes256Gcm, new byte[32], null!, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseHandshake.Overhead(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseHandshake.Overhead(-1));
    }

    private static void Exchange(NoiseCipher send, NoiseCipher receive, ReadOnlySpan<byte> text)
    {
        var buffer = new byte[text.Length + NoiseCipher.TagLength];
        Assert.Equal(buffer.Length, send.Encrypt(text, buffer));
        Assert.Equal(text.Length, receive.Decrypt(buffer, buffer));
        Assert.True(text.SequenceEqual(buffer.AsSpan(0, text.Length)));
    }

    private static void AssertDies(ErrorKind kind, NoiseHandshake side, Action act)
    {
        var error = Assert.Throws<MegatorrentException>(act);
        Assert.Equal(kind, error.Kind);
        AssertDead(side);
    }

    private static void AssertDead(NoiseHandshake side)
    {
        Assert.False(side.IsComplete);
        Assert.False(side.IsMyTurn);
        var buffer = new byte[200];
        Assert.Throws<InvalidOperationException>(() => side.WriteMessage([], buffer));
        Assert.Throws<InvalidOperationException>(() => side.ReadMessage(new byte[150], buffer));
        Assert.Throws<InvalidOperationException>(() => side.RemoteStatic.Length);
        Assert.Throws<InvalidOperationException>(() => side.HandshakeHash.Length);
        Assert.Throws<InvalidOperationException>(() => side.Split());
    }

    private sealed class Pair : IDisposable
    {
        public Pair(
            CipherSuite suite,
            SeededRandomSource? random = null,
            CipherSuite? responderSuite = null,
            string responderPrologue = "version 1")
        {
            random ??= new SeededRandomSource(77);
            var secret = new byte[32];
            random.Fill(secret);
            Initiator = new NoiseHandshake(true, suite, secret, random, "version 1"u8);
            random.Fill(secret);
            Responder = new NoiseHandshake(
                false, responderSuite ?? suite, secret, random, System.Text.Encoding.ASCII.GetBytes(responderPrologue));
        }

        public NoiseHandshake Initiator { get; }

        public NoiseHandshake Responder { get; }

        public NoiseHandshake WriterOf(int index) => index % 2 == 0 ? Initiator : Responder;

        public NoiseHandshake ReaderOf(int index) => index % 2 == 0 ? Responder : Initiator;

        public byte[] Write(int index, ReadOnlySpan<byte> payload)
        {
            var buffer = new byte[payload.Length + 200];
            return buffer[..WriterOf(index).WriteMessage(payload, buffer)];
        }

        public byte[] Read(int index, byte[] message)
        {
            var buffer = new byte[message.Length];
            return buffer[..ReaderOf(index).ReadMessage(message, buffer)];
        }

        public void Run(int upTo = NoiseHandshake.MessageCount)
        {
            for (int index = 0; index < upTo; index++)
                Read(index, Write(index, []));
        }

        public void Dispose()
        {
            Initiator.Dispose();
            Responder.Dispose();
        }
    }
}
