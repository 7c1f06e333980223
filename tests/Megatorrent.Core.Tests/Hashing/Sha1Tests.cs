using System.Security.Cryptography;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Tests.Hashing;

public class Sha1Tests
{
    private static readonly bool[] Ways = ShaInstructions.AreAvailable ? [false, true] : [false];

    [Theory] // FIPS 180-2, A.1 to A.3
    [InlineData("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1")]
    [InlineData("a", 1_000_000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f")]
    public void Published_vectors(string text, int times, string hash)
    {
        byte[] message = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, times)));
        foreach (bool native in Ways)
        {
            // Three of them end to end, so that they go side by side.
            byte[] digests = new byte[3 * Sha1.HashLength];
            Sha1.HashBlocks(native, [.. message, .. message, .. message], message.Length, digests);
            string expected = hash + hash + hash;
            Assert.Equal((native, expected), (native, Convert.ToHexStringLower(digests)));
        }
    }

    [Fact]
    public void Every_block_length_agrees_with_dotnet_the_last_as_long_as_it_is()
    {
        const ulong Seed = 44;
        var random = new SeededRandomSource(Seed);
        byte[] data = new byte[70_000];
        random.Fill(data);
        int[] blockLengths =
        [
            .. Enumerable.Range(1, 200), 247, 248, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 16383, 16384, 16385, 65535, 65536, 65537,
            70_000, int.MaxValue,
        ];
        foreach (bool native in Ways)
        {
            foreach (int blockLength in blockLengths)
            {
                int length = Math.Min(data.Length, (int)Math.Min(int.MaxValue, blockLength * 100L)) - random.Next(Math.Min(blockLength, 100));
                byte[] expected = [.. data.Take(length).Chunk(blockLength).SelectMany(SHA1.HashData)];
                byte[] digests = new byte[expected.Length + 7];
                digests.AsSpan().Fill(0xAA);
                Sha1.HashBlocks(native, data.AsSpan(0, length), blockLength, digests);
                string what = $"native: {native}, {length} bytes in blocks of {blockLength}, seed {Seed}";
                Assert.True(expected.AsSpan().SequenceEqual(digests.AsSpan(0, expected.Length)), what);
                Assert.True(digests.AsSpan(expected.Length).IndexOfAnyExcept((byte)0xAA) < 0, what);
            }
        }
    }

    [Fact]
    public void Short_destinations_and_blocks_of_nothing_are_argument_errors()
    {
        Assert.Throws<ArgumentException>(() => Sha1.HashBlocks(new byte[65], 64, new byte[39]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sha1.HashBlocks(new byte[65], 0, new byte[99]));
    }
}
