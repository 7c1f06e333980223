using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>Objects that are written and read piece by piece.</summary>
internal static class StreamBehaviours
{
    private const int ObjectLength = 6000000;

    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        new("stream.upload-download", _ => ClusterAccess.WithClientAsync(UploadDownloadAsync)),
        new("stream.range", _ => ClusterAccess.WithClientAsync(RangeAsync)),
        new("stream.empty", _ => ClusterAccess.WithClientAsync(EmptyAsync)),
        new("stream.abandoned-upload", _ => ClusterAccess.WithClientAsync(AbandonedUploadAsync)),
        new("stream.abandoned-download", _ => ClusterAccess.WithClientAsync(AbandonedDownloadAsync)),
    ];

    /// <summary>Reads a download to its end, at most <paramref name="pieceLength"/> bytes at a time.</summary>
    public static async Task<byte[]> ReadAllAsync(ObjectDownload download, int pieceLength)
    {
        using var all = new MemoryStream();
        var piece = new byte[pieceLength];
        for (int count; (count = await download.ReadAsync(piece)) > 0;)
            all.Write(piece, 0, count);
        Check.Equal(0, await download.ReadAsync(piece), "what is read behind the end");
        return all.ToArray();
    }

    private static async Task UploadDownloadAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(8, ObjectLength);
        int[] pieceLengths = [1, 65537, 1000000];
        Capability capability;
        await using (ObjectUpload upload = client.Upload("piece by piece", new PutOptions()))
        {
            for (int at = 0, turn = 0; at < bytes.Length; turn++)
            {
                int length = Math.Min(pieceLengths[turn % pieceLengths.Length], bytes.Length - at);
                await upload.WriteAsync(bytes.AsMemory(at, length));
                at += length;
            }

            capability = (await upload.FinishAsync()).Capability;
        }

        StoredObject stored = await client.OpenAsync(capability);
        Check.Equal(bytes.Length, stored.Length, "the length");
        await using ObjectDownload download = stored.Download(0, stored.Length);
        Check.Same(bytes, await ReadAllAsync(download, 100000), "what comes back");
    }

    private static async Task RangeAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(8, 3000000);
        StoredObject stored = await client.OpenAsync((await client.PutBytesAsync(bytes)).Capability);
        await using (ObjectDownload download = stored.Download(1500000, 700000))
            Check.Same(bytes.AsMemory(1500000, 700000), await ReadAllAsync(download, 65536), "a range");
        await using (ObjectDownload download = stored.Download(2999990, 1000))
            Check.Same(bytes.AsMemory(2999990), await ReadAllAsync(download, 65536), "a range past the end");
    }

    private static async Task EmptyAsync(MegatorrentClient client)
    {
        await using ObjectUpload upload = client.Upload("nothing", new PutOptions());
        StoredObject stored = await client.OpenAsync((await upload.FinishAsync()).Capability);
        Check.Equal(0, stored.Length, "the length");
        await using ObjectDownload download = stored.Download(0, 0);
        Check.Equal(0, (await ReadAllAsync(download, 100)).Length, "the length of what comes back");
    }

    private static async Task AbandonedUploadAsync(MegatorrentClient client)
    {
        ObjectUpload upload = client.Upload("given up", new PutOptions());
        await upload.WriteAsync(Pattern.Of(31, 2 << 20));
        await upload.DisposeAsync();
        Check.That(upload.Ended.IsCompleted, "something is still under way");
        Check.That(await Check.StatusOfAsync(async () => await upload.FinishAsync()) != "MT_OK", "an upload that was given up can be finished");
        Check.Same(new byte[] { 1 }, await client.ReadBytesAsync((await client.PutBytesAsync([1])).Capability), "what comes back afterwards");
    }

    private static async Task AbandonedDownloadAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(32, ObjectLength);
        StoredObject stored = await client.OpenAsync((await client.PutBytesAsync(bytes)).Capability);
        ObjectDownload one = stored.Download(0, stored.Length);
        await using ObjectDownload two = stored.Download(0, stored.Length);
        Check.That(await one.ReadAsync(new byte[1000]) > 0, "the first read gives nothing");
        await one.DisposeAsync();
        Check.Same(bytes, await ReadAllAsync(two, 1 << 20), "what the other download brings");
        Check.Same(new byte[] { 1 }, await client.ReadBytesAsync((await client.PutBytesAsync([1])).Capability), "what comes back afterwards");
    }
}
