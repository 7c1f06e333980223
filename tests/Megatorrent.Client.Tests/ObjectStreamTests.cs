using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client.Tests;

/// <summary>Objects, downloads and uploads against nodes on loopback.</summary>
public sealed class ObjectStreamTests
{
    private const int Length = (9 * 1024 * 1024) + 12345;

    [Fact]
    public async Task WhatIsUploadedInPiecesIsDownloadedInPieces()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        byte[] data = Bytes(Length);
        await using ObjectUpload upload = client.Upload("name", new PutOptions());
        for (int done = 0; done < data.Length; done += 1_000_003)
            await upload.WriteAsync(data.AsMemory(done, Math.Min(1_000_003, data.Length - done)));
        PutResult put = await upload.FinishAsync();
        Assert.Equal(data.Length, put.Bytes);

        StoredObject stored = await client.OpenAsync(put.Capability);
        Assert.Equal(("name", (long)Length, ManifestKind.File), (stored.Listing.Name, stored.Length, stored.Listing.Kind));
        Assert.Equal(data, await ReadAsync(stored, 0, long.MaxValue, 777_777));
        Assert.Equal(data[4_194_300..4_194_310], await ReadAsync(stored, 4_194_300, 10, 3));
        Assert.Equal(data[^5..], await ReadAsync(stored, Length - 5, 100, 100));
        Assert.Empty(await ReadAsync(stored, Length, 100, 100));
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<MegatorrentException>(() => stored.Download(Length + 1, 1)).Kind);
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<MegatorrentException>(() => stored.Download(-1, 1)).Kind);
    }

    [Fact]
    public async Task AnUploadOfNothingIsAnEmptyFile()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(3);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        await using ObjectUpload upload = client.Upload("empty", new PutOptions());
        PutResult put = await upload.FinishAsync();
        Assert.Equal(0, (await client.OpenAsync(put.Capability)).Length);
        Assert.Equal(
            ErrorKind.InvalidArgument, (await Assert.ThrowsAsync<MegatorrentException>(async () => await upload.WriteAsync(new byte[1]))).Kind);
    }

    [Fact]
    public async Task AnUploadThatCannotBeStoredTellsTheWriterWhy()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        foreach (PeerNode node in cluster.Nodes)
            node.Refusal = new MegatorrentException(ErrorKind.StoreFull, "no room");
        await using MegatorrentClient client = await cluster.ConnectAsync();
        await using ObjectUpload upload = client.Upload("name", new PutOptions());
        MegatorrentException failure = await Assert.ThrowsAsync<MegatorrentException>(async () =>
        {
            // Far more than may be under way: sooner or later a write waits for a stripe, and learns of its end.
            for (int i = 0; i < 500; i++)
                await upload.WriteAsync(new byte[1024 * 1024]);
            await upload.FinishAsync();
        });
        Assert.Equal(ErrorKind.StoreFull, failure.Kind);
        Assert.Equal(ErrorKind.StoreFull, (await Assert.ThrowsAsync<MegatorrentException>(async () => await upload.FinishAsync())).Kind);
    }

    [Fact]
    public async Task AnUploadThatIsGivenUpEndsAndStoresNoManifest()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        ObjectUpload upload = client.Upload("name", new PutOptions());
        await upload.WriteAsync(Bytes(100));
        await upload.DisposeAsync();
        await upload.Ended;
        Assert.All(cluster.Nodes, node => Assert.Empty(node.Blobs));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await upload.WriteAsync(new byte[1]));
    }

    [Fact]
    public async Task ACancelledReadEndsTheDownload()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        using MemoryStream source = new(Bytes(Length));
        PutResult put = await client.PutAsync(source, "name", new PutOptions());
        await using ObjectDownload download = (await client.OpenAsync(put.Capability)).Download(0, long.MaxValue);
        byte[] buffer = new byte[1000];
        Assert.Equal(1000, await download.ReadAsync(buffer));
        download.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await download.ReadAsync(new byte[1024 * 1024]) > 0)
            {
                // What was fetched before the cancellation may still come.
            }
        });
    }

    private static async Task<byte[]> ReadAsync(StoredObject stored, long offset, long length, int step)
    {
        await using ObjectDownload download = stored.Download(offset, length);
        using MemoryStream all = new();
        byte[] buffer = new byte[step];
        for (int count; (count = await download.ReadAsync(buffer)) > 0;)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new SeededRandomSource(20261127).Fill(bytes);
        return bytes;
    }
}
