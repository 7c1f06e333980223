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
    public void It_is_read_and_written_without_an_object_that_keeps_the_key()
    {
        Span<byte> key = stackalloc byte[32];
        Span<char> text = stackalloc char[Capability.TextLengthMax];
        Assert.True(Capability.Decode(Sample.ToString(), out BlobId root, out int rootLength, out int parityShards, key));
        Assert.Equal((Sample.Root.Ids[0], 4711, 2), (root, rootLength, parityShards));
        Assert.True(key.SequenceEqual(Sample.Key));
        int length = Capability.Encode(root, rootLength, parityShards, key, text);
        Assert.Equal(Sample.ToString(), new string(text[..length]));
        Assert.Equal(Capability.TextLengthMax, length);

        key.Fill(1);
        Assert.False(Capability.Decode(Sample.ToVerifyOnly().ToString(), out root, out rootLength, out parityShards, key));
        Assert.False(key.ContainsAnyExcept((byte)0));
        Assert.Equal(Sample.ToVerifyOnly().ToString(), new string(text[..Capability.Encode(root, rootLength, parityShards, [], text)]));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(Manifest.EncodedLengthMax + 1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, 255)]
    public void What_names_no_manifest_is_not_written(int rootLength, int parityShards)
    {
        var exception = Assert.Throws<MegatorrentException>(
            () => Capability.Encode(Sample.Root.Ids[0], rootLength, parityShards, [], new char[Capability.TextLengthMax]));
        Assert.Equal(ErrorKind.InvalidArgument, exception.Kind);
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
