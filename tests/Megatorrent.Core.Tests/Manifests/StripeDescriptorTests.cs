using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class StripeDescriptorTests
{
    private static BlobId Id(byte first) => BlobId.Of([first]);

    [Fact]
    public void Reads_what_it_wrote()
    {
        var stripe = new StripeDescriptor(2, [Id(1), Id(2), Id(3), Id(4), Id(5)], [100, 90, 80]);
        StripeDescriptor read = StripeDescriptor.Decode(stripe.Encoded);
        Assert.Equal(stripe.Id, read.Id);
        Assert.Equal(BlobId.Of(stripe.Encoded), read.Id);
        Assert.Equal(stripe.Ids.ToArray(), read.Ids.ToArray());
        Assert.Equal([100, 90, 80, 100, 100], Enumerable.Range(0, 5).Select(read.LengthOf));
        Assert.Equal((3, 2, 5, 100, 1, false), (read.DataShards, read.ParityShards, read.TotalBlobs, read.ShardLength, read.CopiesPerId, read.IsReplication));
    }

    [Fact]
    public void One_data_blob_is_replication_under_its_own_id()
    {
        var stripe = new StripeDescriptor(2, [Id(9)], [77]);
        StripeDescriptor read = StripeDescriptor.Decode(stripe.Encoded);
        Assert.Equal(Id(9), read.Id);
        Assert.Equal((1, 2, 3, 3, true), (read.DataShards, read.ParityShards, read.TotalBlobs, read.CopiesPerId, read.IsReplication));
    }

    [Fact]
    public void The_encoding_is_frozen()
    {
        var stripe = new StripeDescriptor(1, [Id(1), Id(2), Id(3)], [5, 6]);
        byte[] expected =
        [
            .. "d1:i96:"u8, .. Id(1).ToArray(), .. Id(2).ToArray(), .. Id(3).ToArray(),
            .. "1:ki2e1:l8:"u8, 0, 0, 0, 5, 0, 0, 0, 6, .. "1:mi1ee"u8,
        ];
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(stripe.Encoded));
    }

    [Fact]
    public void The_widest_stripe_fits_the_limit()
    {
        BlobId[] ids = [.. Enumerable.Range(0, 255).Select(static i => BlobId.Of([(byte)i, 1]))];
        var stripe = new StripeDescriptor(1, ids, [.. Enumerable.Repeat(BlobSealer.BlobLengthMax, 254)]);
        Assert.True(stripe.Encoded.Length <= StripeDescriptor.EncodedLengthMax);
        Assert.Equal(stripe.Id, StripeDescriptor.Decode(stripe.Encoded).Id);
    }

    [Fact]
    public void Contradictions_are_refused()
    {
        foreach (Action act in (Action[])
        [
            () => _ = new StripeDescriptor(2, [Id(1), Id(2)], [1, 1]),
            () => _ = new StripeDescriptor(0, [], []),
            () => _ = new StripeDescriptor(-1, [Id(1)], [1, 1]),
            () => _ = new StripeDescriptor(1, [Id(1), Id(2), Id(3)], [1, 0]),
            () => _ = new StripeDescriptor(1, [Id(1), Id(2), Id(3)], [1, BlobSealer.BlobLengthMax + 1]),
            () => _ = new StripeDescriptor(255, [Id(1)], [1]),
        ])
        {
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(act).Kind);
        }
    }

    [Fact]
    public void A_byte_is_a_blob_and_nothing_follows_the_descriptor()
    {
        byte[] encoded = new StripeDescriptor(254, [Id(1)], [1]).Encoded;
        Assert.Equal((1, 255), (StripeDescriptor.Decode(encoded).ShardLength, StripeDescriptor.Decode(encoded).TotalBlobs));
        Assert.Throws<MegatorrentException>(() => StripeDescriptor.Decode([.. encoded, (byte)'e']));
        var tooLong = Assert.Throws<MegatorrentException>(() => StripeDescriptor.Decode(new byte[StripeDescriptor.EncodedLengthMax + 1]));
        Assert.Contains("over the limit", tooLong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_bytes_are_a_descriptor_or_malformed_and_never_anything_else()
    {
        const ulong Seed = 42;
        var random = new SeededRandomSource(Seed);
        byte[] good = new StripeDescriptor(2, [Id(1), Id(2), Id(3), Id(4)], [100, 90]).Encoded;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bad = [.. good];
            for (int flips = 1 + random.Next(3); flips > 0; flips--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            ReadOnlySpan<byte> cut = bad.AsSpan(0, random.Next(4) == 0 ? random.Next(bad.Length) : bad.Length);
            try
            {
                StripeDescriptor read = StripeDescriptor.Decode(cut);
                Assert.Equal(Convert.ToHexString(cut), Convert.ToHexString(read.Encoded)); // canonical: what is read is written the same
            }
            catch (MegatorrentException exception)
            {
                Assert.True(exception.Kind == ErrorKind.Malformed, $"seed {Seed}, round {round}: {exception}");
            }
        }
    }
}
