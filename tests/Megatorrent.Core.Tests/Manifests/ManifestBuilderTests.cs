using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class ManifestBuilderTests
{
    private static readonly SeededRandomSource Random = new(9);

    [Fact]
    public void What_was_built_opens_again()
    {
        using var builder = new ManifestBuilder(ManifestKind.Directory, "räksmörgås", 0x1ed, -5);
        builder.AddStream(0);
        builder.AddStripe(Stripe(2, 1), Keys(2), [7, BlobHeader.PlaintextLengthMax]);
        builder.AddStripe(Stripe(3, 0), Keys(3), [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => builder.Build());
        builder.AddStream(1);
        builder.AddStripe(Stripe(1, 2), Keys(1), [long.MaxValue]);

        var key = new byte[32];
        Manifest built = builder.Build();
        Manifest opened = Manifest.Open(built.Seal(CipherSuite.ChaCha20Poly1305, [], Random, key), key);
        Assert.Equal((ManifestKind.Directory, "räksmörgås", 0x1ed, -5L), (opened.Kind, opened.Name, opened.Mode, opened.ModifiedUnixNs));
        Assert.Equal(2, opened.Streams.Count);
        for (int i = 0; i < 2; i++)
        {
            ManifestStream made = builder.GetStream(i);
            Assert.Equal((made.Depth, made.Length), (opened.Streams[i].Depth, opened.Streams[i].Length));
            Assert.Equal(made.Lengths, opened.Streams[i].Lengths);
            Assert.Equal(made.Keys.ToArray(), opened.Streams[i].Keys.ToArray());
            Assert.Equal(made.Nodes.Select(static node => node.Id), opened.Streams[i].Nodes.Select(static node => node.Id));
        }
    }

    [Fact]
    public void A_file_without_bytes_is_a_stream_without_stripes()
    {
        using var builder = new ManifestBuilder(ManifestKind.File, "empty", 0, 0);
        builder.AddStream(0);
        var key = new byte[32];
        Manifest opened = Manifest.Open(builder.Build().Seal(CipherSuite.Aes256Gcm, [], Random, key), key);
        Assert.Empty(Assert.Single(opened.Streams).Nodes);
    }

    [Theory]
    [InlineData(ManifestKind.File, "", 0)]
    [InlineData(ManifestKind.File, ".", 0)]
    [InlineData(ManifestKind.File, "..", 0)]
    [InlineData(ManifestKind.File, "a/b", 0)]
    [InlineData(ManifestKind.Directory, "a\0b", 0)]
    [InlineData(ManifestKind.Node, "a", 0)]
    [InlineData((ManifestKind)3, "a", 0)]
    [InlineData((ManifestKind)(-1), "a", 0)]
    [InlineData(ManifestKind.File, "a", -1)]
    [InlineData(ManifestKind.File, "a", 65536)]
    public void What_no_manifest_can_be_is_refused(ManifestKind kind, string name, int mode) =>
        Refused(() => new ManifestBuilder(kind, name, mode, 0).Dispose());

    [Fact]
    public void A_name_is_unicode_of_255_bytes_at_most()
    {
        new ManifestBuilder(ManifestKind.File, new string('é', 127) + "a", 0, 0).Dispose();
        Refused(() => new ManifestBuilder(ManifestKind.File, new string('é', 128), 0, 0).Dispose());
        Refused(() => new ManifestBuilder(ManifestKind.File, "\ud800", 0, 0).Dispose());
    }

    [Fact]
    public void Streams_and_stripes_that_cannot_be_are_refused_and_change_nothing()
    {
        using var builder = new ManifestBuilder(ManifestKind.File, "a", 0, 0);
        Assert.Throws<InvalidOperationException>(() => builder.AddStripe(Stripe(1, 0), Keys(1), [1]));
        Refused(() => builder.AddStream(-1));
        Refused(() => builder.AddStream(Manifest.DepthMax + 1));
        builder.AddStream(2);
        Refused(() => builder.AddStream(0));

        Refused(() => builder.AddStripe(Stripe(2, 0), Keys(2), [1, 1])); // striped, above depth 0
        Refused(() => builder.AddStripe(Stripe(1, 0, Manifest.EncodedLengthMax + 1), Keys(1), [1]));
        Refused(() => builder.AddStripe(Stripe(1, 0), Keys(2), [1]));
        Refused(() => builder.AddStripe(Stripe(1, 0), Keys(1), [1, 1]));
        Refused(() => builder.AddStripe(Stripe(1, 0), Keys(1), [-1]));
        builder.AddStripe(Stripe(1, 0), Keys(1), [long.MaxValue]);
        Refused(() => builder.AddStripe(Stripe(1, 0), Keys(1), [1])); // 2^63 in all
        Assert.Equal(long.MaxValue, builder.GetStream(0).Length);
        Assert.Single(builder.GetStream(0).Nodes);

        using var data = new ManifestBuilder(ManifestKind.Node, "", 0, 0);
        data.AddStream(0);
        Refused(() => data.AddStripe(Stripe(1, 0), Keys(1), [BlobHeader.PlaintextLengthMax + 1]));
    }

    [Fact]
    public void Dispose_zeroes_the_keys()
    {
        var builder = new ManifestBuilder(ManifestKind.File, "a", 0, 0);
        builder.AddStream(0);
        builder.AddStripe(Stripe(2, 1), Keys(2), [1, 1]);
        ReadOnlyMemory<byte> keys = builder.GetStream(0).Keys;
        Assert.True(keys.Span.ContainsAnyExcept((byte)0));
        builder.Dispose();
        Assert.False(keys.Span.ContainsAnyExcept((byte)0));
    }

    private static void Refused(Action action) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<MegatorrentException>(action).Kind);

    private static byte[] Keys(int count)
    {
        var keys = new byte[count * AeadCipher.KeyLength];
        Random.Fill(keys);
        return keys;
    }

    private static StripeDescriptor Stripe(int dataShards, int parityShards, int length = 100)
    {
        var ids = new BlobId[dataShards == 1 ? 1 : dataShards + parityShards];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = BlobId.Of(Keys(1));
        return new StripeDescriptor(parityShards, ids, Enumerable.Repeat(length, dataShards).ToArray());
    }
}
