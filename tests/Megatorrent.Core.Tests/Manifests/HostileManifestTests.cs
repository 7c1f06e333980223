using System.Buffers.Binary;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

/// <summary>
/// Manifests as somebody writes them who has the key and none of our checks: each is refused for what is wrong with it, and what is at the
/// edge of a limit is read.
/// </summary>
public class HostileManifestTests
{
    private static readonly byte[] Key = new byte[32];
    private static readonly StripeDescriptor Copies = new(2, [Id(5)], [500]);
    private static readonly StripeDescriptor Striped = new(1, [Id(1), Id(2), Id(3)], [132, 99]);

    [Fact]
    public void What_is_at_the_edge_of_the_limits_is_read()
    {
        Manifest file = Manifest.Open(Blob(Public((0, [Striped])), Secret(ManifestKind.File, 0xFFFF, (64, [0, 16 << 20]))), Key);
        Assert.Equal((0xFFFF, 16L << 20), (file.Mode, file.Streams[0].Length));
        Manifest node = Manifest.Open(Blob(Public((4, [Copies, Copies])), Secret(ManifestKind.Node, 0, (64, [1, long.MaxValue - 1]))), Key);
        Assert.Equal(long.MaxValue, node.Streams[0].Length);
        Assert.Equal(ManifestKind.Directory, Manifest.Open(
            Blob(Public((0, []), (0, [])), Secret(ManifestKind.Directory, 0, (0, []), (0, []))), Key).Kind);
    }

    [Fact]
    public void The_public_part_must_be_one()
    {
        byte[] secret = Secret(ManifestKind.Node, 0, (32, [1]));
        Refused("no stream", Public(), secret);
        Refused("more than 2 streams", Public((0, []), (0, []), (0, [])), secret);
        Refused("a depth of -1", Public((-1, [Copies])), secret);
        Refused("a depth of 5", Public((5, [Copies])), secret);
        Refused("striped", Public((1, [Striped])), secret);
        Refused("", [.. Public((0, [Copies])), (byte)'e'], secret);
        Refused("The key 'd' is", BencodeWriter.Encode(static writer =>
        {
            writer.BeginList();
            writer.BeginDictionary();
            writer.WriteKey("n");
            writer.WriteInteger(1);
            writer.End();
            writer.End();
        }), secret);
    }

    [Fact]
    public void The_sealed_part_must_fit_the_public_one()
    {
        byte[] one = Public((0, [Copies])), two = Public((0, [Copies]), (0, [Copies]));
        Refused("different numbers of streams", one, Secret(ManifestKind.Directory, 0, (32, [1]), (32, [1])));
        Refused("wrong number of streams", two, Secret(ManifestKind.Directory, 0, (32, [1])));
        Refused("wrong number of streams", two, Secret(ManifestKind.File, 0, (32, [1]), (32, [1])));
        Refused("wrong number of streams", one, Secret(ManifestKind.Directory, 0, (32, [1])));
        Refused("differ in number", one, Secret(ManifestKind.File, 0, (31, [1])));
        Refused("differ in number", one, Secret(ManifestKind.File, 0, (64, [1])));
        Refused("differ in number", one, Secret(ManifestKind.File, 0, (32, [])));
        Refused("differ in number", one, Secret(ManifestKind.File, 0, (32, [1, 2])));
        Refused("a part of -1 bytes", one, Secret(ManifestKind.File, 0, (32, [-1])));
        Refused("a part of 16777217 bytes", one, Secret(ManifestKind.File, 0, (32, [(16 << 20) + 1])));
        Refused("cannot be", Public((1, [Copies, Copies])), Secret(ManifestKind.File, 0, (64, [2, long.MaxValue - 1])));
        Refused("a mode of -1", one, Secret(ManifestKind.File, -1, (32, [1])));
        Refused("a mode of 65536", one, Secret(ManifestKind.File, 0x10000, (32, [1])));
        Refused("of kind 3", one, Secret((ManifestKind)3, 0, (32, [1])), ErrorKind.Unsupported);
        Refused("of kind -1", one, Secret((ManifestKind)(-1), 0, (32, [1])), ErrorKind.Unsupported);
        Refused("", one, [.. Secret(ManifestKind.File, 0, (32, [1])), (byte)'e']);
        byte[] broken = Secret(ManifestKind.File, 0, (32, [1]));
        broken[broken.AsSpan().IndexOf("4:name"u8) + 2] = 0xFF;
        Refused("not valid UTF-8", one, broken);
    }

    [Fact]
    public void Around_the_parts_nothing_else_is_taken()
    {
        byte[] good = Blob(Public((0, [Copies])), Secret(ManifestKind.File, 0, (32, [1])));
        Refused("", [.. good, (byte)'e']);
        Refused("The key 'y' is unknown", [.. good[..^1], .. "1:yi1ee"u8]);
        byte[] version = [.. good], suite = [.. good];
        version[good.AsSpan().LastIndexOf("i1e1:x"u8) + 1] = (byte)'2';
        suite[^3] = (byte)'3';
        Refused("version 2", version, ErrorKind.Unsupported);
        Refused("suite 3", suite, ErrorKind.Unsupported);
        Refused("sealed part is cut", Around(Public((0, [Copies])), new byte[15]));
        Refused("does not open", Around(Public((0, [Copies])), new byte[16]), ErrorKind.Integrity);
        Refused("over the limit", new byte[Manifest.EncodedLengthMax + 1]);
    }

    [Fact]
    public void A_manifest_is_written_up_to_its_limit_and_not_beyond()
    {
        const int most = Manifest.EncodedLengthMax, keys = 1_000_000;
        int room = most - Of(keys).Length;
        byte[] longest = Of(keys + room);
        Assert.Equal(most, longest.Length);
        Assert.Equal(Copies.Id, Manifest.ReadPublic(longest).Streams[0].Nodes[0].Id);
        Assert.Equal(ErrorKind.LimitExceeded, Assert.Throws<MegatorrentException>(() => Of(keys + room + 1)).Kind);

        static byte[] Of(int keys) => new Manifest { Streams = [new ManifestStream(0, [Copies], new byte[keys], [1])] }
            .Seal(CipherSuite.Aes256Gcm, [], new SeededRandomSource(1), new byte[32]);
    }

    private static void Refused(string why, byte[] publicPart, byte[] secret, ErrorKind kind = ErrorKind.Malformed) =>
        Refused(why, Blob(publicPart, secret), kind);

    private static void Refused(string why, byte[] blob, ErrorKind kind = ErrorKind.Malformed)
    {
        var exception = Assert.Throws<MegatorrentException>(() => Manifest.Open(blob, Key));
        Assert.Equal(kind, exception.Kind);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
    }

    private static byte[] Public(params (int Depth, StripeDescriptor[] Nodes)[] streams) => BencodeWriter.Encode(writer =>
    {
        writer.BeginList();
        foreach ((int depth, StripeDescriptor[] nodes) in streams)
        {
            writer.BeginDictionary();
            writer.WriteKey("d");
            writer.WriteInteger(depth);
            writer.WriteKey("n");
            writer.BeginList();
            foreach (StripeDescriptor node in nodes)
                writer.WriteBytes(node.Encoded);
            writer.End();
            writer.End();
        }

        writer.End();
    });

    private static byte[] Secret(ManifestKind kind, int mode, params (int KeyBytes, long[] Lengths)[] streams) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("k");
        writer.WriteInteger((int)kind);
        writer.WriteKey("m");
        writer.WriteInteger(mode);
        writer.WriteKey("n");
        writer.WriteText("name");
        writer.WriteKey("s");
        writer.BeginList();
        foreach ((int keyBytes, long[] lengths) in streams)
        {
            var packed = new byte[lengths.Length * sizeof(long)];
            for (int i = 0; i < lengths.Length; i++)
                BinaryPrimitives.WriteInt64BigEndian(packed.AsSpan(i * sizeof(long)), lengths[i]);
            writer.BeginDictionary();
            writer.WriteKey("k");
            writer.WriteBytes(new byte[keyBytes]);
            writer.WriteKey("l");
            writer.WriteBytes(packed);
            writer.End();
        }

        writer.End();
        writer.WriteKey("t");
        writer.WriteInteger(0);
        writer.End();
    });

    // docs/spec/manifest.md: the sealed part is bound to the label, the suite and the public part.
    private static byte[] Blob(byte[] publicPart, byte[] secret)
    {
        var sealedPart = new byte[secret.Length + AeadCipher.TagLength];
        Aead.Seal(
            CipherSuite.Aes256Gcm, Key, new byte[12], secret, sealedPart.AsSpan(0, secret.Length), sealedPart.AsSpan(secret.Length),
            [.. "megatorrent manifest v1\0"u8, (byte)CipherSuite.Aes256Gcm, .. publicPart]);
        return Around(publicPart, sealedPart);
    }

    private static byte[] Around(byte[] publicPart, byte[] sealedPart) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("p");
        writer.WriteBytes(publicPart);
        writer.WriteKey("s");
        writer.WriteBytes(sealedPart);
        writer.WriteKey("v");
        writer.WriteInteger(1);
        writer.WriteKey("x");
        writer.WriteInteger((int)CipherSuite.Aes256Gcm);
        writer.End();
    });

    private static BlobId Id(byte first) => BlobId.Of([first]);
}
