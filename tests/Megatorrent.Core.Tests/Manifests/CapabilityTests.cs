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

    [Fact]
    public void The_text_is_frozen()
    {
        byte[] named = [.. Sample.Root.Ids[0].ToArray(), 0, 0, 0x12, 0x67, 2];
        Assert.Equal("mt1:" + Text(1, [.. named, .. Sample.Key]), Sample.ToString());
        Assert.Equal("mtv1:" + Text(2, named), Sample.ToVerifyOnly().ToString());
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(Manifest.EncodedLengthMax, Capability.ParityShardsMax, true)]
    [InlineData(0, 0, false)]
    [InlineData(-1, 0, false)]
    [InlineData(Manifest.EncodedLengthMax + 1, 0, false)]
    [InlineData(1, 255, false)]
    public void What_names_no_manifest_is_not_read_whatever_its_checksum(int rootLength, byte parityShards, bool canBe)
    {
        var length = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, rootLength);
        string text = "mtv1:" + Text(2, [.. Sample.Root.Ids[0].ToArray(), .. length, parityShards]);
        if (canBe)
        {
            Assert.Equal(text, new Capability(Sample.Root.Ids[0], rootLength, parityShards, []).ToString());
            Assert.Equal((rootLength, parityShards), (Capability.Parse(text).Root.ShardLength, Capability.Parse(text).Root.ParityShards));
            return;
        }

        foreach (Action act in (Action[])[() => Capability.Parse(text), () => _ = new Capability(Sample.Root.Ids[0], rootLength, parityShards, [])])
            Assert.Contains("cannot be", Assert.Throws<MegatorrentException>(act).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_and_texts_of_another_length_are_refused()
    {
        BlobId root = Sample.Root.Ids[0];
        Assert.Throws<MegatorrentException>(() => new Capability(root, 1, 0, new byte[31]));
        Assert.Throws<ArgumentException>(() => Capability.Decode(Sample.ToString(), out _, out _, out _, new byte[31]));
        Assert.Throws<ArgumentException>(() => Capability.Encode(root, 1, 0, new byte[33], new char[Capability.TextLengthMax]));
        Assert.Throws<ArgumentException>(() => Capability.Encode(root, 1, 0, [], new char[Capability.TextLengthMax - 1]));
        var text = new char[Capability.TextLengthMax + 9];
        Assert.Equal(Sample.ToString(), new string(text, 0, Capability.Encode(root, 4711, 2, Sample.Key, text)));
        Assert.Contains("2 characters too many", Assert.Throws<MegatorrentException>(() => Capability.Parse(Sample + "AA")).Message, StringComparison.Ordinal);
        Assert.Contains("does not belong", Assert.Throws<MegatorrentException>(() => Capability.Parse(Sample.ToString()[..^1] + "!")).Message, StringComparison.Ordinal);
    }

    // docs/spec/capability.md, written out on its own.
    private static string Text(byte kind, byte[] body) => System.Buffers.Text.Base64Url.EncodeToString(
        [.. body, .. System.Security.Cryptography.SHA256.HashData([kind, .. body]).AsSpan(0, 4)]);

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
