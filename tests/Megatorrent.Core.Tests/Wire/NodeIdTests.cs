using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

public class NodeIdTests
{
    private static readonly NodeId Id = NodeId.Of(new byte[32]);

    [Fact]
    public void Reads_its_own_text_in_either_case_and_nothing_else()
    {
        string text = Id.ToString();
        Assert.True(NodeId.TryParse(text, out NodeId read));
        Assert.True(NodeId.TryParse(text.ToUpperInvariant(), out NodeId upper));
        Assert.Equal((Id, Id), (read, upper));
        foreach (string other in (string[])["", text[1..], text + "0", text[1..] + "g", text[2..] + "  "])
            Assert.False(NodeId.TryParse(other, out _), other);
    }

    [Fact]
    public void Every_bit_counts()
    {
        for (int bit = 0; bit < 256; bit++)
        {
            byte[] bytes = Convert.FromHexString(Id.ToString());
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(NodeId.TryParse(Convert.ToHexString(bytes), out NodeId other));
            Assert.True(Id != other, $"bit {bit}");
            Assert.False(Id == other, $"bit {bit}");
        }
    }
}
