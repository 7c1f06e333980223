using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class CapabilityTests
{
    private static readonly Capability Sample = new(BlobId.Of("root"u8), 4711, 2, [.. Enumerable.Range(0, 32).Select(static i => (byte)(i * 7))]);

    [Fact]
    public void Reads_what_it_wrote()
    {
        Capability read = Capability.Parse(Sample.ToString());
        Assert.StartsWith("mt1:", Sample.ToString(), StringComparison.Ordinal);
        Assert.Equal(Sample.Root.Ids[0], read.Root.Ids[0]);
        Assert.Equal((4711, 2), (read.Root.ShardLength, read.Root.ParityShards));
        Assert.Equal(Sample.Key.ToArray(), read.Key.ToArray());
        Assert.Equal(read.ToString(), Capability.Parse($"  {Sample}\n").ToString());
    }

    [Fact]
    public void The_verify_capability_has_no_key_and_says_so()
    {
        Capability verify = Capability.Parse(Sample.ToVerifyOnly().ToString());
        Assert.StartsWith("mtv1:", verify.ToString(), StringComparison.Ordinal);
        Assert.False(verify.CanRead);
        Assert.Equal(Sample.Root.Ids[0], verify.Root.Ids[0]);
        var exception = Assert.Throws<MegatorrentException>(() => verify.Key.Length);
        Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        Assert.Contains("mt1:", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_cut_says_that_it_was_cut()
    {
        string text = Sample.ToString();
        for (int length = "mt1:".Length; length < text.Length; length++)
        {
            var exception = Assert.Throws<MegatorrentException>(() => Capability.Parse(text[..length]));
            Assert.Equal(ErrorKind.Malformed, exception.Kind);
            Assert.Contains("cut", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_changed_character_is_noticed()
    {
        string text = Sample.ToString();
        for (int i = 0; i < text.Length; i++)
        {
            foreach (char other in "Az0_-:é")
            {
                if (text[i] == other)
                    continue;
                string changed = text[..i] + other + text[(i + 1)..];
                Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => Capability.Parse(changed)).Kind);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("mt2:abc")]
    [InlineData("magnet:?xt=urn:btih:aaaa")]
    [InlineData("MT1:")]
    public void Other_text_says_how_a_capability_begins(string text) =>
        Assert.Contains("mt1:", Assert.Throws<MegatorrentException>(() => Capability.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_read_capability_cannot_be_made_to_look_like_a_verify_one() =>
        Assert.Throws<MegatorrentException>(() => Capability.Parse("mtv1:" + Sample.ToString()["mt1:".Length..]));
}
