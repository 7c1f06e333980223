using System.Buffers.Binary;
using System.Security.Cryptography;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

public class NoiseCipherTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];

    public static TheoryData<CipherSuite> Suites => [CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305];

    // Against .NET's own ciphers: four zero bytes, then the count, big-endian for AES-GCM and little-endian for ChaCha20-Poly1305.
    [Theory]
    [InlineData(CipherSuite.Aes256Gcm, 0x0102030405060708ul, "000000000102030405060708")]
    [InlineData(CipherSuite.ChaCha20Poly1305, 0x0102030405060708ul, "000000000807060504030201")]
    [InlineData(CipherSuite.Aes256Gcm, 0xfffffffffffffffeul, "00000000fffffffffffffffe")]
    [InlineData(CipherSuite.ChaCha20Poly1305, 0xfffffffffffffffeul, "00000000feffffffffffffff")]
    [InlineData(CipherSuite.Aes256Gcm, 0ul, "000000000000000000000000")]
    public void Nonces_are_laid_out_as_specified(CipherSuite suite, ulong count, string nonce)
    {
        byte[] plaintext = "nonce layout"u8.ToArray();
        var ciphertext = new byte[plaintext.Length];
        var tag = new byte[16];
        if (suite == CipherSuite.Aes256Gcm)
        {
            using var aes = new AesGcm(Key, tag.Length);
            aes.Encrypt(Convert.FromHexString(nonce), plaintext, ciphertext, tag);
        }
        else
        {
            using var chacha = new ChaCha20Poly1305(Key);
            chacha.Encrypt(Convert.FromHexString(nonce), plaintext, ciphertext, tag);
        }
        using var send = new NoiseCipher(suite, Key, count);
        var message = new byte[plaintext.Length + NoiseCipher.TagLength];
        send.Encrypt(plaintext, message);
        Assert.Equal(Convert.ToHexString([.. ciphertext, .. tag]), Convert.ToHexString(message));
        using var receive = new NoiseCipher(suite, Key, count);
        var opened = new byte[plaintext.Length];
        receive.Decrypt(message, opened);
        Assert.Equal(plaintext, opened);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Every_length_goes_through_in_place_and_out_of_place(CipherSuite suite)
    {
        using var send = new NoiseCipher(suite, Key);
        using var receive = new NoiseCipher(suite, Key);
        var random = new SeededRandomSource(4);
        foreach (int length in new[] { 0, 1, 15, 16, 17, 255, 256, 4095, 4096, 65518, NoiseCipher.MaxPlaintext })
        {
            var plaintext = new byte[length];
            random.Fill(plaintext);
            var buffer = new byte[length + NoiseCipher.TagLength];
            plaintext.CopyTo(buffer, 0);
            Assert.Equal(buffer.Length, send.Encrypt(buffer.AsSpan(0, length), buffer));
            Assert.Equal(length, receive.Decrypt(buffer, buffer));
            Assert.Equal(plaintext, buffer[..length]);

            var message = new byte[buffer.Length + 3];
            message.AsSpan().Fill(0xAB);
            Assert.Equal(buffer.Length, send.Encrypt(plaintext, message));
            Assert.Equal([0xAB, 0xAB, 0xAB], message[^3..]); // nothing is written past the end
            var opened = new byte[length + 2];
            opened.AsSpan().Fill(0xCD);
            Assert.Equal(length, receive.Decrypt(message.AsSpan(0, buffer.Length), opened));
            Assert.Equal(plaintext, opened[..length]);
            Assert.Equal([0xCD, 0xCD], opened[^2..]);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void The_same_text_never_looks_the_same(CipherSuite suite)
    {
        using var send = new NoiseCipher(suite, Key);
        var seen = new HashSet<string>();
        var message = new byte[20];
        for (int i = 0; i < 100; i++)
        {
            send.Encrypt("same"u8, message);
            Assert.True(seen.Add(Convert.ToHexString(message)));
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Changed_repeated_lost_and_reordered_messages_end_the_session(CipherSuite suite)
    {
        byte[][] messages = Messages(suite, 3);
        for (int at = 0; at < messages[0].Length; at++)
        {
            byte[] changed = [.. messages[0]];
            changed[at] ^= 1;
            AssertDies(suite, [], changed);
        }
        AssertDies(suite, [messages[0]], messages[0]);
        AssertDies(suite, [], messages[1]);
        AssertDies(suite, [messages[0]], messages[2]);
        AssertDies(suite, [], messages[0][..^1]);
        AssertDies(suite, [], [.. messages[0], 0]);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_message_that_is_not_genuine_leaves_nothing_behind(CipherSuite suite)
    {
        byte[] message = Messages(suite, 1)[0];
        message[^1] ^= 1;
        using var receive = new NoiseCipher(suite, Key);
        var opened = new byte[message.Length - NoiseCipher.TagLength];
        opened.AsSpan().Fill(0xEE);
        Assert.Throws<MegatorrentException>(() => receive.Decrypt(message, opened));
        Assert.All(opened, value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void The_last_nonce_is_never_used(CipherSuite suite)
    {
        using var send = new NoiseCipher(suite, Key, ulong.MaxValue - 1);
        using var receive = new NoiseCipher(suite, Key, ulong.MaxValue - 1);
        var message = new byte[17];
        send.Encrypt([1], message);
        Assert.Equal(1, receive.Decrypt(message, message));
        AssertKind(ErrorKind.LimitExceeded, () => send.Encrypt([1], message));
        AssertKind(ErrorKind.LimitExceeded, () => receive.Decrypt(message, message));
        AssertKind(ErrorKind.Integrity, () => send.Encrypt([1], message)); // dead from then on, and does not wrap
        AssertKind(ErrorKind.Integrity, () => receive.Decrypt(message, message));
    }

    [Fact]
    public void Lengths_are_bounded_exactly()
    {
        using var send = new NoiseCipher(CipherSuite.Aes256Gcm, Key);
        Assert.Equal(65535, NoiseCipher.MaxMessage);
        AssertKind(ErrorKind.LimitExceeded, () => send.Encrypt(new byte[NoiseCipher.MaxPlaintext + 1], new byte[70_000]));
        AssertKind(ErrorKind.Integrity, () => send.Encrypt([], new byte[16]));
        foreach (int length in new[] { 0, 15, NoiseCipher.MaxMessage + 1 })
        {
            using var receive = new NoiseCipher(CipherSuite.Aes256Gcm, Key);
            AssertKind(ErrorKind.ProtocolViolation, () => receive.Decrypt(new byte[length], new byte[70_000]));
            AssertKind(ErrorKind.Integrity, () => receive.Decrypt(new byte[16], new byte[16]));
        }
    }

    [Fact]
    public void Buffers_are_checked()
    {
        var shared = new byte[100];
        AssertArgument((cipher, _) => cipher.Encrypt(new byte[10], new byte[25]));
        AssertArgument((cipher, _) => cipher.Encrypt(shared.AsSpan(1, 10), shared));
        AssertArgument((cipher, _) => cipher.Encrypt(shared.AsSpan(20, 10), shared.AsSpan(0, 26))); // only the tag would overlap
        AssertArgument((cipher, message) => cipher.Decrypt(message, new byte[message.Length - 17]));
        AssertArgument((cipher, message) =>
        {
            message.CopyTo(shared, 1);
            cipher.Decrypt(shared.AsSpan(1, message.Length), shared);
        });

        static void AssertArgument(Action<NoiseCipher, byte[]> act)
        {
            using var cipher = new NoiseCipher(CipherSuite.Aes256Gcm, Key);
            byte[] message = Messages(CipherSuite.Aes256Gcm, 1)[0];
            Assert.Throws<ArgumentException>(() => act(cipher, message));
            AssertKind(ErrorKind.Integrity, () => cipher.Encrypt([], new byte[16]));
        }
    }

    [Fact]
    public void A_disposed_cipher_says_so()
    {
        var cipher = new NoiseCipher(CipherSuite.Aes256Gcm, Key);
        cipher.Dispose();
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.Encrypt([], new byte[16]));
        Assert.Throws<ObjectDisposedException>(() => cipher.Decrypt(new byte[16], []));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_message_allocates_nothing(CipherSuite suite)
    {
        using var send = new NoiseCipher(suite, Key);
        using var receive = new NoiseCipher(suite, Key);
        var buffer = new byte[NoiseCipher.MaxMessage];
        for (int i = 0; i < 10; i++)
            RoundTrip();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            RoundTrip();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RoundTrip()
        {
            send.Encrypt(buffer.AsSpan(0, 4096), buffer);
            receive.Decrypt(buffer.AsSpan(0, 4096 + NoiseCipher.TagLength), buffer);
        }
    }

    private static byte[][] Messages(CipherSuite suite, int count)
    {
        using var send = new NoiseCipher(suite, Key);
        var messages = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            var text = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(text, i);
            messages[i] = new byte[text.Length + NoiseCipher.TagLength];
            send.Encrypt(text, messages[i]);
        }
        return messages;
    }

    private static void AssertDies(CipherSuite suite, byte[][] before, byte[] wrong)
    {
        using var receive = new NoiseCipher(suite, Key);
        var opened = new byte[100];
        foreach (byte[] message in before)
            receive.Decrypt(message, opened);
        AssertKind(ErrorKind.Integrity, () => receive.Decrypt(wrong, opened));
        byte[] next = Messages(suite, before.Length + 1)[^1]; // the right one comes too late
        AssertKind(ErrorKind.Integrity, () => receive.Decrypt(next, opened));
    }

    private static void AssertKind(ErrorKind kind, Action act) => Assert.Equal(kind, Assert.Throws<MegatorrentException>(act).Kind);
}
