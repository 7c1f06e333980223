namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class KeyExportTests
{
    private static readonly delegate* unmanaged<byte*, byte*, Status> GenerateEd25519 = Pair("mt_ed25519_generate");
    private static readonly delegate* unmanaged<byte*, byte*, Status> GetEd25519PublicKey = Pair("mt_ed25519_public_key");
    private static readonly delegate* unmanaged<byte*, byte*, Status> GenerateX25519 = Pair("mt_x25519_generate");
    private static readonly delegate* unmanaged<byte*, byte*, Status> GetX25519PublicKey = Pair("mt_x25519_public_key");

    private static readonly delegate* unmanaged<byte*, byte*, byte*, nuint, Status> Sign =
        (delegate* unmanaged<byte*, byte*, byte*, nuint, Status>)Export.Find("mt_ed25519_sign");

    private static readonly delegate* unmanaged<int*, byte*, byte*, byte*, nuint, Status> Verify =
        (delegate* unmanaged<int*, byte*, byte*, byte*, nuint, Status>)Export.Find("mt_ed25519_verify");

    [Fact]
    public void GeneratedPairsBelongTogetherAndAreFresh()
    {
        byte* first = stackalloc byte[64], second = stackalloc byte[64], expected = stackalloc byte[32];
        foreach (bool edwards in new[] { true, false })
        {
            delegate* unmanaged<byte*, byte*, Status> generate = edwards ? GenerateEd25519 : GenerateX25519;
            delegate* unmanaged<byte*, byte*, Status> derive = edwards ? GetEd25519PublicKey : GetX25519PublicKey;
            Assert.Equal(Status.Ok, generate(first, first + 32));
            Assert.Equal(Status.Ok, generate(second, second + 32));
            Assert.False(new ReadOnlySpan<byte>(first, 32).SequenceEqual(new ReadOnlySpan<byte>(second, 32)));
            Assert.Equal(Status.Ok, derive(expected, first));
            Assert.True(new ReadOnlySpan<byte>(expected, 32).SequenceEqual(new ReadOnlySpan<byte>(first + 32, 32)));

            Assert.Equal(Status.Overlap, generate(first, first + 31));
            Assert.Equal(Status.Overlap, derive(first + 1, first));
            Assert.Equal(Status.NullPointer, generate(null, first));
            Assert.Equal(Status.NullPointer, generate(first, null));
            Assert.Equal(Status.NullPointer, derive(null, first));
            Assert.Equal(Status.NullPointer, derive(first, null));
        }
    }

    [Fact]
    public void ASignatureIsOverItsBytesAndByItsOwner()
    {
        byte* seed = stackalloc byte[32], publicKey = stackalloc byte[32], signature = stackalloc byte[64], data = stackalloc byte[10];
        new Span<byte>(data, 10).Clear();
        int ok = 7;
        Assert.Equal(Status.Ok, GenerateEd25519(seed, publicKey));
        Assert.Equal(Status.Ok, Sign(signature, seed, data, 10));
        Assert.Equal(Status.Ok, Verify(&ok, publicKey, signature, data, 10));
        Assert.Equal(1, ok);
        Assert.Equal(Status.Ok, Verify(&ok, publicKey, signature, data, 9));
        Assert.Equal(0, ok);
        Assert.Equal(Status.Ok, Sign(signature, seed, null, 0));
        Assert.Equal(Status.Ok, Verify(&ok, publicKey, signature, null, 0));
        Assert.Equal(1, ok);

        Assert.Equal(Status.Length, Sign(signature, seed, data, (nuint)int.MaxValue + 1));
        Assert.Equal(Status.Length, Verify(&ok, publicKey, signature, data, nuint.MaxValue));
        Assert.Equal(Status.NullPointer, Sign(signature, seed, null, 1));
        Assert.Equal(Status.NullPointer, Sign(null, seed, data, 1));
        Assert.Equal(Status.NullPointer, Sign(signature, null, data, 1));
        Assert.Equal(Status.NullPointer, Verify(null, publicKey, signature, data, 1));
        Assert.Equal(Status.NullPointer, Verify(&ok, null, signature, data, 1));
        Assert.Equal(Status.NullPointer, Verify(&ok, publicKey, null, data, 1));
        Assert.Equal(Status.Overlap, Sign(signature, signature + 63, data, 10));
        Assert.Equal(Status.Overlap, Sign(signature, seed, signature + 63, 10));
        Assert.Equal(1, ok);
    }

    private static delegate* unmanaged<byte*, byte*, Status> Pair(string name) =>
        (delegate* unmanaged<byte*, byte*, Status>)Export.Find(name);
}
