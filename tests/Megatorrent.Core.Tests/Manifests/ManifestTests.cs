using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class ManifestTests
{
    private static readonly SeededRandomSource Random = new(7);
    private static readonly byte[] Secret = new byte[32];

    [Theory]
    [InlineData(CipherSuite.Aes256Gcm)]
    [InlineData(CipherSuite.ChaCha20Poly1305)]
    public void Opens_what_it_sealed(CipherSuite suite)
    {
        Manifest manifest = Sample();
        var key = new byte[32];
        byte[] blob = manifest.Seal(suite, [], Random, key);
        Manifest opened = Manifest.Open(blob, key);
        Assert.Equal((manifest.Kind, manifest.Name, manifest.Mode, manifest.ModifiedUnixNs), (opened.Kind, opened.Name, opened.Mode, opened.ModifiedUnixNs));
        Assert.Equal(manifest.Streams.Count, opened.Streams.Count);
        for (int i = 0; i < manifest.Streams.Count; i++)
        {
            Assert.Equal(manifest.Streams[i].Depth, opened.Streams[i].Depth);
            Assert.Equal(manifest.Streams[i].Keys.ToArray(), opened.Streams[i].Keys.ToArray());
            Assert.Equal(manifest.Streams[i].Lengths, opened.Streams[i].Lengths);
            Assert.Equal(manifest.Streams[i].Nodes.Select(static node => node.Id), opened.Streams[i].Nodes.Select(static node => node.Id));
        }
    }

    [Fact]
    public void Without_the_key_only_the_stripes_show()
    {
        Manifest manifest = Sample();
        byte[] blob = manifest.Seal(CipherSuite.Aes256Gcm, [], Random, new byte[32]);
        Manifest read = Manifest.ReadPublic(blob);
        Assert.Equal(manifest.Streams[0].Nodes[0].Id, read.Streams[0].Nodes[0].Id);
        Assert.Equal("", read.Name);
        Assert.True(read.Streams[0].Keys.IsEmpty);
        Assert.Equal(-1, blob.AsSpan().IndexOf("räksmörgås.txt"u8));
        var exception = Assert.Throws<MegatorrentException>(() => Manifest.Open(blob, new byte[32]));
        Assert.Equal(ErrorKind.Integrity, exception.Kind);
    }

    [Fact]
    public void Deduplicating_manifests_of_one_object_are_equal_and_others_are_not()
    {
        byte[] key1 = new byte[32], key2 = new byte[32], key3 = new byte[32];
        byte[] first = Sample().Seal(CipherSuite.Aes256Gcm, Secret, Random, key1);
        Assert.Equal(first, Sample().Seal(CipherSuite.Aes256Gcm, Secret, Random, key2));
        Assert.Equal(key1, key2);
        Assert.NotEqual(first, Sample(mode: 0b110_000_000).Seal(CipherSuite.Aes256Gcm, Secret, Random, key3));
        Assert.NotEqual(key1, key3);
    }

    [Fact]
    public void Every_flipped_bit_is_refused()
    {
        var key = new byte[32];
        byte[] blob = Sample().Seal(CipherSuite.Aes256Gcm, [], Random, key);
        for (int i = 0; i < blob.Length; i++)
        {
            blob[i] ^= 1;
            var exception = Assert.Throws<MegatorrentException>(() => Manifest.Open(blob, key));
            Assert.Contains(exception.Kind, (ErrorKind[])[ErrorKind.Integrity, ErrorKind.Malformed, ErrorKind.Unsupported]);
            blob[i] ^= 1;
        }
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        var key = new byte[32];
        byte[] blob = Sample().Seal(CipherSuite.Aes256Gcm, [], Random, key);
        for (int length = 0; length < blob.Length; length++)
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => Manifest.Open(blob.AsSpan(0, length), key)).Kind);
    }

    [Fact]
    public void Numbers_on_disk_are_frozen()
    {
        Assert.Equal((0, 1, 2), ((int)ManifestKind.Node, (int)ManifestKind.File, (int)ManifestKind.Directory));
        Assert.Equal((1, 2, 3), ((int)EntryKind.File, (int)EntryKind.Directory, (int)EntryKind.SymbolicLink));
    }

    private static Manifest Sample(int mode = 0b110_100_100)
    {
        var stripe = new StripeDescriptor(2, [Id(1), Id(2), Id(3), Id(4)], [132, 99]);
        var list = new StripeDescriptor(2, [Id(5)], [500]);
        return new Manifest
        {
            Kind = ManifestKind.Directory,
            Name = "räksmörgås.txt",
            Mode = mode,
            ModifiedUnixNs = -1_234_567_890_123_456_789,
            Streams =
            [
                new ManifestStream(0, [stripe], Enumerable.Range(0, 64).Select(static i => (byte)i).ToArray(), [100, 67]),
                new ManifestStream(1, [list], new byte[32], [1L << 40]),
            ],
        };
    }

    private static BlobId Id(byte first) => BlobId.Of([first]);
}
