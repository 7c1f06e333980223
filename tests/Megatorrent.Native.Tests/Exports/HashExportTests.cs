using System.Security.Cryptography;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class HashExportTests
{
    private static readonly delegate* unmanaged<byte*, byte*, nuint, Status> Sha256One =
        (delegate* unmanaged<byte*, byte*, nuint, Status>)Export.Find("mt_sha256");
    private static readonly delegate* unmanaged<byte*, byte**, nuint*, nuint, Status> Sha256Many =
        (delegate* unmanaged<byte*, byte**, nuint*, nuint, Status>)Export.Find("mt_sha256_many");

    private static readonly delegate* unmanaged<byte*, byte*, nuint, Status> MerkleRoot =
        (delegate* unmanaged<byte*, byte*, nuint, Status>)Export.Find("mt_merkle_root");

    [Theory]
    [InlineData(0, (int)Status.Overlap)]
    [InlineData(69, (int)Status.Overlap)]
    [InlineData(70, (int)Status.Ok)]
    public void AHashMayNotLieInWhatIsHashed(int offset, int status)
    {
        Status expected = (Status)status;
        byte* memory = stackalloc byte[128];
        byte[] before = Fill(memory, 128);
        Assert.Equal(expected, Sha256One(memory + offset, memory, 70));
        if (expected == Status.Ok)
            Assert.True(new ReadOnlySpan<byte>(memory + offset, 32).SequenceEqual(SHA256.HashData(before.AsSpan(0, 70))));
        else
            Assert.True(new ReadOnlySpan<byte>(memory, 128).SequenceEqual(before));
        Assert.Equal(expected, MerkleRoot(memory + offset, memory, 70));
    }

    [Fact]
    public void OfManyHashesNoneMayLieInAMessageOrAnArray()
    {
        byte* memory = stackalloc byte[256];
        byte[] before = Fill(memory, 256);
        byte** data = stackalloc byte*[2];
        nuint* lengths = stackalloc nuint[2];
        data[0] = memory + 64;
        data[1] = memory + 100;
        (lengths[0], lengths[1]) = (36, 28);
        Assert.Equal(Status.Overlap, Sha256Many(memory + 1, data, lengths, 2)); // its last byte over the first of a message
        Assert.Equal("out overlaps data[0].", Export.LastErrorText);
        Assert.Equal(Status.Overlap, Sha256Many(memory + 127, data, lengths, 2));
        Assert.Equal(Status.Overlap, Sha256Many((byte*)data, data, lengths, 2));
        Assert.Equal(Status.Overlap, Sha256Many((byte*)lengths - 63, data, lengths, 2));
        Assert.True(new ReadOnlySpan<byte>(memory, 256).SequenceEqual(before));

        Assert.Equal(Status.Ok, Sha256Many(memory, data, lengths, 2));
        Assert.True(new ReadOnlySpan<byte>(memory, 32).SequenceEqual(SHA256.HashData(before.AsSpan(64, 36))));
        Assert.True(new ReadOnlySpan<byte>(memory + 32, 32).SequenceEqual(SHA256.HashData(before.AsSpan(100, 28))));
        Assert.Equal(Status.Ok, Sha256Many(memory + 128, data, lengths, 2));
    }

    [Fact]
    public void ARootIsOfNoMoreThanASpanHoldsAndOfNothingIsZeros()
    {
        byte* root = stackalloc byte[32];
        byte[] before = Fill(root, 32);
        byte nothing = 0;
        Assert.Equal(Status.LimitExceeded, MerkleRoot(root, &nothing, (nuint)int.MaxValue + 1));
        Assert.Equal(Status.Length, MerkleRoot(root, &nothing, nuint.MaxValue));
        Assert.Equal(Status.NullPointer, MerkleRoot(root, null, 1));
        Assert.Equal(Status.NullPointer, MerkleRoot(null, null, 0));
        Assert.True(new ReadOnlySpan<byte>(root, 32).SequenceEqual(before));
        Assert.Equal(Status.Ok, MerkleRoot(root, null, 0));
        Assert.False(new ReadOnlySpan<byte>(root, 32).ContainsAnyExcept((byte)0));
    }

    private static byte[] Fill(byte* memory, int length)
    {
        Span<byte> bytes = new(memory, length);
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)(i * 7);
        return bytes.ToArray();
    }
}
