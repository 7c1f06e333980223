using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

public class SessionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_request_is_answered(bool tcp)
    {
        await using Pair pair = await Pair.OpenAsync(tcp);
        byte[] blob = Blobs.Make(1_048_577, 1);
        var id = BlobId.Of(blob);
        var stripe = BlobId.Of("stripe"u8);
        byte[] descriptor = Blobs.Make(300, 2);

        await pair.Client.PingAsync(default);
        Assert.True(await pair.Client.StoreAsync(id, blob, descriptor, default));
        Assert.False(await pair.Client.StoreAsync(id, blob, descriptor, default));
        Assert.False(await pair.Client.StoreAsync(stripe, default, descriptor, default));
        Assert.Equal(descriptor, pair.Handler.Descriptors[stripe]);
        bool[] present = await pair.Client.WantAsync(new[] { id, stripe }, default);
        Assert.Equal([true, false], present);

        var whole = new byte[blob.Length];
        await pair.Client.GetAsync(id, 0, whole, default);
        Assert.Equal(blob, whole);
        var range = new byte[70_001];
        await pair.Client.GetAsync(id, 12_345, range, default);
        Assert.True(blob.AsSpan(12_345, range.Length).SequenceEqual(range));
        await pair.Client.GetAsync(id, 0, Memory<byte>.Empty, default);

        byte[]?[] found = await pair.Client.FindAsync(new[] { id, BlobId.Of("other"u8) }, default);
        Assert.Equal([descriptor, null], found);
        await pair.Client.NoticeAsync(id, NoticeKind.Corrupt, default);
        Assert.Equal([(id, NoticeKind.Corrupt)], pair.Handler.Notices);
        Assert.Equal("statusq"u8.ToArray(), await pair.Client.StatusAsync("q"u8.ToArray(), default));
        Assert.Equal("gossipg"u8.ToArray(), await pair.Client.GossipAsync("g"u8.ToArray(), default));
        Assert.Equal("probep"u8.ToArray(), await pair.Client.ProbeAsync("p"u8.ToArray(), default));
        Assert.Equal("joinj"u8.ToArray(), await pair.Client.JoinAsync("j"u8.ToArray(), default));
        Assert.True(pair.Client.IsOpen);
        Assert.Equal(0, pair.Client.RequestsUnderWay);
    }
}
