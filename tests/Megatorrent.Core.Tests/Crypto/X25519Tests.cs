using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Tests.Crypto;

public class X25519Tests
{
    [Theory] // RFC 7748 §5.2: scalar, u-coordinate, result
    [InlineData(
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData(
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void Rfc_7748_vectors(string scalar, string point, string result)
    {
        byte[] shared = new byte[X25519.KeyLength];

        Assert.True(X25519.TryAgree(Convert.FromHexString(scalar), Convert.FromHexString(point), shared));
        Assert.Equal(result, Convert.ToHexStringLower(shared));
    }

    [Fact]
    public void Rfc_7748_iterated_1000_times()
    {
        byte[] scalar = new byte[32], point = new byte[32], result = new byte[32];
        scalar[0] = point[0] = 9;
        for (int i = 1; i <= 1000; i++)
        {
            Assert.True(X25519.TryAgree(scalar, point, result));
            (scalar, point, result) = (result, scalar, point);
            if (i == 1)
                Assert.Equal("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", Convert.ToHexStringLower(scalar));
        }
        Assert.Equal("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", Convert.ToHexStringLower(scalar));
    }

    [Fact]
    public void Rfc_7748_section_6_1_agreement()
    {
        byte[] alice = Convert.FromHexString("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        byte[] bob = Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        byte[] alicePublic = new byte[32], bobPublic = new byte[32], aliceShared = new byte[32], bobShared = new byte[32];
        X25519.PublicKey(alice, alicePublic);
        X25519.PublicKey(bob, bobPublic);
        Assert.Equal("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Convert.ToHexStringLower(alicePublic));
        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Convert.ToHexStringLower(bobPublic));

        Assert.True(X25519.TryAgree(alice, bobPublic, aliceShared));
        Assert.True(X25519.TryAgree(bob, alicePublic, bobShared));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(aliceShared));
        Assert.Equal(aliceShared, bobShared);
    }

    [Theory] // u = 0, 1 and p: points of small order, whose product is known to everyone
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void Points_of_small_order_are_refused_and_the_output_zeroed(string point)
    {
        byte[] secret = new byte[32], shared = new byte[32];
        new SeededRandomSource(5).Fill(secret);
        shared.AsSpan().Fill(0xAA);

        Assert.False(X25519.TryAgree(secret, Convert.FromHexString(point), shared));
        Assert.Equal(new byte[32], shared);
    }

    [Fact]
    public void Wrong_lengths_are_argument_errors()
    {
        byte[] good = new byte[32], bad = new byte[31];
        good[0] = 9;
        Assert.Throws<ArgumentException>(() => X25519.PublicKey(bad, good));
        Assert.Throws<ArgumentException>(() => X25519.PublicKey(good, bad));
        Assert.Throws<ArgumentException>(() => X25519.TryAgree(bad, good, good));
        Assert.Throws<ArgumentException>(() => X25519.TryAgree(good, bad, good));
        Assert.Throws<ArgumentException>(() => X25519.TryAgree(good, good, bad));
    }
}
