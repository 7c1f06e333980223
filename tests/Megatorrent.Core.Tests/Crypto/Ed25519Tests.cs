using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Tests.Crypto;

public class Ed25519Tests
{
    public static TheoryData<string, string, string, string> Rfc8032 => new()
    {
        // RFC 8032 §7.1, tests 1, 2, 3 and SHA(abc): seed, public key, message, signature
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            + "d25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            + "387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            + "4a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
            + "454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            + "3dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Rfc8032))]
    public void Rfc_8032_vectors(string seed, string publicKey, string message, string signature)
    {
        byte[] text = Convert.FromHexString(message);
        using SigningKey key = SigningKey.FromSeed(Convert.FromHexString(seed));
        byte[] signed = new byte[Ed25519.SignatureLength];
        key.Sign(text, signed);

        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey));
        Assert.Equal(signature, Convert.ToHexStringLower(signed));
        Assert.True(Ed25519.Verify(key.PublicKey, text, signed));
    }

    [Fact]
    public void One_wrong_bit_anywhere_is_refused()
    {
        using SigningKey key = SigningKey.Generate(new SeededRandomSource(1));
        byte[] message = [1, 2, 3, 4, 5];
        byte[] signature = new byte[Ed25519.SignatureLength];
        key.Sign(message, signature);
        byte[] publicKey = key.PublicKey.ToArray();

        foreach (byte[] part in new[] { message, signature, publicKey })
        {
            for (int bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(Ed25519.Verify(publicKey, message, signature), $"bit {bit} of {part.Length} bytes");
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
        Assert.True(Ed25519.Verify(publicKey, message, signature));
    }

    [Fact]
    public void Signature_plus_the_group_order_is_refused()
    {
        // S + L signs the same message in the plain equation; RFC 8032 §5.1.7 demands S < L.
        using SigningKey key = SigningKey.Generate(new SeededRandomSource(2));
        byte[] signature = new byte[Ed25519.SignatureLength];
        key.Sign([7], signature);
        var order = System.Numerics.BigInteger.Pow(2, 252) + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493");
        var scalar = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        signature.AsSpan(32).Clear();
        Assert.True(scalar.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true));

        Assert.False(Ed25519.Verify(key.PublicKey, [7], signature));
    }

    [Fact]
    public void Wrong_lengths_from_outside_are_just_false()
    {
        using SigningKey key = SigningKey.Generate(new SeededRandomSource(3));
        byte[] signature = new byte[Ed25519.SignatureLength];
        key.Sign([], signature);

        Assert.False(Ed25519.Verify(key.PublicKey[..31], [], signature));
        Assert.False(Ed25519.Verify(key.PublicKey, [], signature.AsSpan(..63)));
        Assert.False(Ed25519.Verify([], [], []));
    }

    [Fact]
    public void Public_key_of_small_order_is_refused()
    {
        // With the neutral element as key, R = neutral and S = 0 satisfy the plain equation for every message.
        byte[] neutral = new byte[32];
        neutral[0] = 1;
        byte[] signature = new byte[Ed25519.SignatureLength];
        signature[0] = 1;

        Assert.False(Ed25519.Verify(neutral, [1, 2, 3], signature));
    }

    [Fact]
    public void Seed_comes_out_as_it_went_in_and_is_gone_after_dispose()
    {
        byte[] seed = new byte[SigningKey.SeedLength];
        new SeededRandomSource(4).Fill(seed);
        SigningKey key = SigningKey.FromSeed(seed);
        byte[] copy = new byte[SigningKey.SeedLength];
        key.CopySeedTo(copy);
        Assert.Equal(seed, copy);

        byte[] publicKey = key.PublicKey.ToArray();
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.CopySeedTo(copy));
        Assert.Throws<ObjectDisposedException>(() => key.Sign([], new byte[64]));
        Assert.Equal(publicKey, key.PublicKey.ToArray());
    }

    [Fact]
    public void Bad_lengths_of_our_own_are_argument_errors()
    {
        Assert.Throws<ArgumentException>(() => SigningKey.FromSeed(new byte[31]));
        using SigningKey key = SigningKey.Generate(SystemRandomSource.Instance);
        Assert.Throws<ArgumentException>(() => key.Sign([], new byte[63]));
        Assert.Throws<ArgumentException>(() => key.CopySeedTo(new byte[31]));
    }
}
