using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Tests.Hashing;

public class BlobIdTests
{
    [Fact]
    public void Ids_that_differ_in_one_bit_anywhere_are_others()
    {
        byte[] hash = new byte[BlobId.Length];
        for (int bit = 0; bit < 8 * BlobId.Length; bit++)
        {
            byte[] other = [.. hash];
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(new BlobId(hash) == new BlobId(other), $"bit {bit}");
            Assert.True(new BlobId(other) == new BlobId([.. other]), $"bit {bit}");
            Assert.True(new BlobId(hash).CompareTo(new BlobId(other)) < 0, $"bit {bit}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void What_is_not_32_bytes_long_is_no_id(int length) =>
        Assert.Throws<ArgumentException>("hash", () => new BlobId(new byte[length]));
}
