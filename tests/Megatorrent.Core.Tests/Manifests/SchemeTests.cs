using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class SchemeTests
{
    [Theory]
    [InlineData("1+0", 1, 0)]
    [InlineData("1+2", 1, 2)]
    [InlineData("4+2", 4, 2)]
    [InlineData("29+51", 29, 51)]
    [InlineData("200+55", 200, 55)]
    [InlineData("255+0", 255, 0)]
    [InlineData("1+254", 1, 254)]
    public void Reads_data_plus_parity(string text, int data, int parity)
    {
        Assert.Equal(new Scheme(data, parity), Scheme.Parse(text));
        Assert.Equal(text, Scheme.Parse(text).ToString());
    }

    [Theory]
    [InlineData("0+2", "no data shard")]
    [InlineData("200+100", "300 shards")]
    [InlineData("2147483647+2147483647", "4294967294 shards")]
    [InlineData("256+0", "256 shards")]
    [InlineData("4", "not a scheme")]
    [InlineData("", "not a scheme")]
    [InlineData("4+-1", "not a scheme")]
    [InlineData("4 + 2", "not a scheme")]
    [InlineData("4+2+1", "not a scheme")]
    [InlineData("99999999999+1", "not a scheme")]
    public void Refuses_the_rest_and_says_why(string text, string why)
    {
        var exception = Assert.Throws<MegatorrentException>(() => Scheme.Parse(text));
        Assert.Equal(ErrorKind.InvalidArgument, exception.Kind);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, -1, "negative")]
    [InlineData(1, 256, "257 shards")]
    [InlineData(int.MaxValue, int.MaxValue, "4294967294 shards")] // whose sum of 32 bits is -2
    public void Numbers_are_checked_too(int data, int parity, string why) => Assert.Contains(
        why, Assert.Throws<MegatorrentException>(new Scheme(data, parity).Validate).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 65536)]
    [InlineData(1, 65536)]
    [InlineData(4 * 65536, 65536)]
    [InlineData((4 * 65536) + 1, 65536 + 4096)]
    [InlineData(4L << 20, 1 << 20)]
    [InlineData(1L << 40, 1 << 20)]
    public void Chunk_length_follows_the_object(long length, int expected) =>
        Assert.Equal(expected, Scheme.Default.ChunkLengthFor(length));

    [Theory]
    [InlineData(4, 2, 5)]
    [InlineData(10, 4, 12)]
    [InlineData(1, 2, 2)]
    [InlineData(4, 0, 4)]
    [InlineData(6, 3, 8)]
    public void A_put_is_acknowledged_at_data_plus_half_of_parity_rounded_up(int data, int parity, int expected) =>
        Assert.Equal(expected, new Scheme(data, parity).RequiredBlobs(data));
}
