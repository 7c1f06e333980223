using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class BlobSealerTests
{
    private static readonly SeededRandomSource Random = new(20261121);
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    public static TheoryData<CipherSuite, CompressionKind, int> Cases()
    {
        var data = new TheoryData<CipherSuite, CompressionKind, int>();
        foreach (CipherSuite suite in Enum.GetValues<CipherSuite>())
        {
            foreach (CompressionKind compression in Enum.GetValues<CompressionKind>())
            {
                foreach (int length in (int[])[0, 1, 15, 16, 17, 4095, 65536, 1 << 20])
                    data.Add(suite, compression, length);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Opens_what_it_sealed(CipherSuite suite, CompressionKind compression, int length)
    {
        foreach (bool text in (bool[])[true, false])
        {
            byte[] chunk = text ? Text(length) : Noise(length);
            (byte[] blob, byte[] key) = Seal(chunk, suite, compression, []);
            Assert.True(blob.Length <= BlobSealer.Bound(length));
            Assert.Equal(suite, BlobHeader.Decode(blob).Suite);
            if (text && compression != CompressionKind.None && length >= 4095)
                Assert.True(blob.Length < length / 2, $"{length} bytes of text became {blob.Length}");
            var opened = new byte[length];
            Assert.Equal(length, BlobSealer.Open(blob, key, opened));
            Assert.Equal(chunk, opened);
        }
    }

    [Fact]
    public void Private_blobs_of_one_chunk_differ_and_deduplicating_ones_do_not()
    {
        byte[] chunk = Text(5000);
        Assert.NotEqual(Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.None, []).Blob, Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.None, []).Blob);
        var first = Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.Zstd, Secret);
        var second = Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.Zstd, Secret);
        Assert.Equal(first.Blob, second.Blob);
        Assert.Equal(first.Key, second.Key);
    }

    [Fact]
    public void A_derived_key_depends_on_secret_header_and_payload()
    {
        byte[] chunk = Text(5000), other = Text(5000);
        other[17] ^= 1;
        byte[] otherSecret = [.. Secret];
        otherSecret[31] ^= 1;
        byte[][] keys =
        [
            Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.None, Secret).Key,
            Seal(chunk, CipherSuite.ChaCha20Poly1305, CompressionKind.None, Secret).Key,
            Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.Zstd, Secret).Key,
            Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.None, otherSecret).Key,
            Seal(other, CipherSuite.Aes256Gcm, CompressionKind.None, Secret).Key,
        ];
        Assert.Equal(keys.Length, keys.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Every_flipped_byte_is_refused_and_nothing_of_the_chunk_comes_out()
    {
        byte[] chunk = Noise(300);
        (byte[] blob, byte[] key) = Seal(chunk, CipherSuite.Aes256Gcm, CompressionKind.None, []);
        var opened = new byte[chunk.Length];
        for (int i = 0; i < blob.Length; i++)
        {
            blob[i] ^= 0x10;
            var exception = Assert.Throws<MegatorrentException>(() => BlobSealer.Open(blob, key, opened));
            Assert.Contains(exception.Kind, (ErrorKind[])[ErrorKind.Integrity, ErrorKind.Malformed, ErrorKind.Unsupported]);
            Assert.All(opened, static b => Assert.Equal(0, b));
            blob[i] ^= 0x10;
        }
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        (byte[] blob, byte[] key) = Seal(Text(200), CipherSuite.ChaCha20Poly1305, CompressionKind.None, []);
        for (int length = 0; length < blob.Length; length++)
        {
            var exception = Assert.Throws<MegatorrentException>(() => BlobSealer.Open(blob.AsSpan(0, length), key, new byte[200]));
            Assert.Equal(ErrorKind.Malformed, exception.Kind);
        }
    }

    [Fact]
    public void The_header_is_frozen()
    {
        var bytes = new byte[BlobHeader.Length];
        new BlobHeader(CipherSuite.ChaCha20Poly1305, CompressionKind.Zstd, 0x01020304, 0x01020305).Encode(bytes);
        Assert.Equal("4D544200" + "01" + "02" + "01" + "00" + "01020304" + "01020305", Convert.ToHexString(bytes));
        Assert.Equal(1, (int)CipherSuite.Aes256Gcm);
        Assert.Equal((0, 1, 2, 3, 4), ((int)CompressionKind.None, (int)CompressionKind.Zstd, (int)CompressionKind.Lz4, (int)CompressionKind.Gzip, (int)CompressionKind.Brotli));
    }

    [Fact]
    public void A_deduplicated_blob_is_frozen()
    {
        // Old and new puts share chunks only as long as this does not change.
        (byte[] blob, byte[] key) = Seal("megatorrent"u8.ToArray(), CipherSuite.Aes256Gcm, CompressionKind.None, Secret);
        Assert.Equal(ExpectedKey(blob), Convert.ToHexString(key));
        Assert.Equal(BlobId.Of(blob), BlobId.Of(Seal("megatorrent"u8.ToArray(), CipherSuite.Aes256Gcm, CompressionKind.None, Secret).Blob));
    }

    // HMAC-SHA256(secret, label ‖ header ‖ SHA-256(payload)), written out on its own.
    private static string ExpectedKey(byte[] blob) => Convert.ToHexString(System.Security.Cryptography.HMACSHA256.HashData(
        Secret,
        (byte[])[.. "megatorrent blob key v1\0"u8, .. blob.AsSpan(0, 16), .. System.Security.Cryptography.SHA256.HashData("megatorrent"u8)]));

    [Theory]
    [InlineData(CompressionKind.Zstd)]
    [InlineData(CompressionKind.Lz4)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Brotli)]
    public void Of_a_chunk_that_does_not_decompress_nothing_is_left(CompressionKind compression)
    {
        // Sealed by the holder of the key, who says that the chunk is one byte longer than it is.
        byte[] chunk = Enumerable.Repeat("what is not for anybody "u8.ToArray(), 300).SelectMany(static bytes => bytes).ToArray();
        var payload = new byte[chunk.Length];
        Assert.True(Compressor.TryCompress(compression, chunk, payload, out int length));
        var blob = new byte[length + BlobSealer.Overhead];
        new BlobHeader(CipherSuite.Aes256Gcm, compression, length, chunk.Length + 1).Encode(blob);
        Aead.Seal(
            CipherSuite.Aes256Gcm, new byte[32], new byte[12], payload.AsSpan(0, length), blob.AsSpan(BlobHeader.Length, length),
            blob.AsSpan(BlobHeader.Length + length), blob.AsSpan(0, BlobHeader.Length));

        var destination = new byte[chunk.Length + 1];
        Assert.Equal(ErrorKind.Integrity, Assert.Throws<MegatorrentException>(() => BlobSealer.Open(blob, new byte[32], destination)).Kind);
        Assert.False(destination.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_header_says_what_is_wrong_with_it()
    {
        (byte[] blob, _) = Seal(Text(200), CipherSuite.Aes256Gcm, CompressionKind.None, []);
        Refused(4, 2, ErrorKind.Unsupported, "version 2");
        Refused(7, 1, ErrorKind.Unsupported, "version");
        Refused(5, 3, ErrorKind.Unsupported, "suite 3");
        Refused(6, 5, ErrorKind.Unsupported, "method 5");
        Refused(6, 1, ErrorKind.Malformed, "contradict"); // compressed, and not shorter
        Refused(15, 199, ErrorKind.Malformed, "contradict");
        Refused(11, 199, ErrorKind.Malformed, "cut or extended");
        Refused(0, 0, ErrorKind.Malformed, "missing");

        void Refused(int at, byte value, ErrorKind kind, string why)
        {
            byte[] bad = [.. blob];
            bad[at] = value;
            var exception = Assert.Throws<MegatorrentException>(() => BlobHeader.Decode(bad));
            Assert.Equal(kind, exception.Kind);
            Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(BlobHeader.PlaintextLengthMax, true)]
    [InlineData(BlobHeader.PlaintextLengthMax + 1, false)]
    [InlineData(-1, false)]
    public void A_compressed_chunk_is_at_most_16_MiB(int plaintextLength, bool isRead)
    {
        var blob = new byte[BlobSealer.Overhead + 100];
        new BlobHeader(CipherSuite.Aes256Gcm, CompressionKind.Zstd, 100, plaintextLength).Encode(blob);
        if (isRead)
            Assert.Equal(plaintextLength, BlobHeader.Decode(blob).PlaintextLength);
        else
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => BlobHeader.Decode(blob)).Kind);
    }

    [Fact]
    public void Buffers_may_be_longer_and_not_shorter_than_what_they_take()
    {
        byte[] chunk = Text(5000), key = new byte[32];
        foreach (CompressionKind compression in (CompressionKind[])[CompressionKind.None, CompressionKind.Zstd])
        {
            var room = new byte[BlobSealer.Bound(chunk.Length) + 7];
            int length = BlobSealer.Seal(chunk, room, CipherSuite.Aes256Gcm, compression, [], Random, key);
            byte[] blob = room[..length], opened = new byte[chunk.Length + 3];
            opened[^1] = 9;
            Assert.Equal(chunk.Length, BlobSealer.Open(blob, key, opened));
            Assert.Equal([.. chunk, 0, 0, 9], opened);
            Assert.Throws<ArgumentException>(() => BlobSealer.Open(blob, key, new byte[chunk.Length - 1]));
            Assert.Equal(ErrorKind.Integrity, Assert.Throws<MegatorrentException>(() => BlobSealer.Open(blob, new byte[32], opened)).Kind);
            Assert.Throws<ArgumentException>(() =>
                BlobSealer.Seal(chunk, new byte[BlobSealer.Bound(chunk.Length) - 1], CipherSuite.Aes256Gcm, compression, [], Random, key));
            Assert.Throws<ArgumentException>(() => BlobSealer.Seal(chunk, room, CipherSuite.Aes256Gcm, compression, [], Random, new byte[31]));
        }
    }

    [Fact]
    public void The_longest_chunk_is_sealed_and_a_longer_one_is_not()
    {
        byte[] chunk = new byte[BlobHeader.PlaintextLengthMax + 1], room = new byte[BlobSealer.Bound(chunk.Length)], key = new byte[32];
        Assert.Equal(BlobSealer.BlobLengthMax, BlobSealer.Seal(chunk.AsSpan(1), room, CipherSuite.Aes256Gcm, CompressionKind.None, [], Random, key));
        Assert.Throws<ArgumentException>(() => BlobSealer.Seal(chunk, room, CipherSuite.Aes256Gcm, CompressionKind.None, [], Random, key));
    }

    private static (byte[] Blob, byte[] Key) Seal(byte[] chunk, CipherSuite suite, CompressionKind compression, byte[] secret)
    {
        var blob = new byte[BlobSealer.Bound(chunk.Length)];
        var key = new byte[32];
        int length = BlobSealer.Seal(chunk, blob, suite, compression, secret, Random, key);
        return (blob[..length], key);
    }

    private static byte[] Text(int length)
    {
        var text = new byte[length];
        for (int i = 0; i < length; i++)
            text[i] = (byte)"the quick brown fox jumps over the lazy dog. "[i % 45];
        return text;
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        Random.Fill(noise);
        return noise;
    }
}
