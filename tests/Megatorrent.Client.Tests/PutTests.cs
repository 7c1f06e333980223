using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client.Tests;

/// <summary>What a put says of itself.</summary>
public sealed class PutTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_result_has_the_length_with_and_without_progress(bool withProgress)
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        var progress = new Progress<TransferProgress>();

        PutResult put = await client.PutAsync(new MemoryStream(new byte[100_000]), "file", new PutOptions(), withProgress ? progress : null);

        Assert.Equal(100_000, put.Bytes);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    [InlineData(4, -1)]
    [InlineData(200, 100)]
    public async Task A_scheme_that_cannot_be_is_refused(int dataShards, int parityShards)
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(2);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        var options = new PutOptions { Scheme = new Scheme(dataShards, parityShards) };
        string path = typeof(PutTests).Assembly.Location;

        Assert.Equal(ErrorKind.InvalidArgument, (await Assert.ThrowsAsync<MegatorrentException>(
            async () => await client.PutAsync(new MemoryStream([1]), "file", options))).Kind);
        Assert.Equal(ErrorKind.InvalidArgument, (await Assert.ThrowsAsync<MegatorrentException>(async () => await client.PutAsync(path, options))).Kind);
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<MegatorrentException>(() => client.Upload("file", options)).Kind);
    }
}
