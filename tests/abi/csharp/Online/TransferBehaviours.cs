using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Client;
using Megatorrent.Cluster;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>What is put comes back.</summary>
internal sealed class TransferBehaviours(ClusterAccess cluster)
{
    private const int MembersMin = 6;

    /// <summary>The behaviours.</summary>
    public IEnumerable<Behaviour> All =>
    [
        new("client.open", _ => ClusterAccess.WithClientAsync(OpenAsync)),
        new("client.put-get", _ => ClusterAccess.WithClientAsync(PutGetAsync)),
        new("client.put-file-get-file", _ => ClusterAccess.WithClientAsync(PutFileGetFileAsync)),
        new("client.empty", _ => ClusterAccess.WithClientAsync(EmptyAsync)),
        new("client.directory", _ => ClusterAccess.WithClientAsync(DirectoryAsync)),
        new("client.object", _ => ClusterAccess.WithClientAsync(ObjectAsync)),
        new("client.range-read", _ => ClusterAccess.WithClientAsync(RangeReadAsync)),
        new("client.read-past-end", _ => ClusterAccess.WithClientAsync(ReadPastEndAsync)),
        new("client.deduplicate", _ => ClusterAccess.WithClientAsync(DeduplicateAsync)),
        new("client.schemes", _ => ClusterAccess.WithClientAsync(SchemesAsync)),
        new("client.suites", _ => ClusterAccess.WithClientAsync(SuitesAsync)),
        new("client.get-refuses-to-replace", _ => ClusterAccess.WithClientAsync(RefuseToReplaceAsync)),
        new("client.many-at-once", _ => ClusterAccess.WithClientAsync(ManyAtOnceAsync)),
    ];

    private static async Task OpenAsync(MegatorrentClient client)
    {
        ClusterView view = await client.RefreshAsync();
        Check.That(view.Members.Count >= MembersMin, $"the cluster has {view.Members.Count} members");
        Check.Equal(view.Members.Count, view.Living.Count, "the number of living members");
        Check.That(view.DomainCount >= MembersMin, $"the cluster has {view.DomainCount} failure domains");
    }

    private static async Task PutGetAsync(MegatorrentClient client)
    {
        foreach (int length in (int[])[1, 1000, 65536, 1048576, 5000001])
        {
            byte[] bytes = Pattern.Of(1, length);
            PutResult result = await client.PutBytesAsync(bytes);
            Check.Equal(length, result.Bytes, "the length in the result");
            Check.Equal(0, result.IncompleteStripes, $"incomplete stripes of {length} bytes");
            Check.Same(bytes, await client.ReadBytesAsync(result.Capability), $"what comes back of {length} bytes");
        }
    }

    private async Task PutFileGetFileAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(2, 3000000);
        PutResult put = await client.PutAsync(cluster.File("put.bin", bytes), new PutOptions());
        string path = cluster.At("got.bin");
        GetResult got = await client.GetAsync(put.Capability, path, new GetOptions());
        Check.Equal(bytes.Length, got.Bytes, "the length in the result");
        Check.Same(bytes, await File.ReadAllBytesAsync(path), "what comes back");
        Check.Equal("put.bin", (await client.ListAsync(put.Capability)).Name, "the name");
        Check.That(!Path.Exists(path + ".mtpart"), "the part is still there");
    }

    private async Task EmptyAsync(MegatorrentClient client)
    {
        Check.Equal(0, (await client.ReadBytesAsync((await client.PutBytesAsync([])).Capability)).Length, "the length of nothing");
        PutResult put = await client.PutAsync(cluster.File("empty.put", []), new PutOptions());
        string path = cluster.At("empty.got");
        await client.GetAsync(put.Capability, path, new GetOptions());
        Check.Equal(0, new FileInfo(path).Length, "the length of an empty file");
    }

    private async Task DirectoryAsync(MegatorrentClient client)
    {
        string source = cluster.At("a"), copy = cluster.At("copy of a");
        byte[] one = [7], two = Pattern.Of(3, 100000);
        Directory.CreateDirectory(Path.Combine(source, "sub", "none"));
        await File.WriteAllBytesAsync(Path.Combine(source, "one"), one);
        await File.WriteAllBytesAsync(Path.Combine(source, "sub", "two"), two);
        await File.WriteAllBytesAsync(Path.Combine(source, "sub", "empty"), []);
        bool hasLinks = !OperatingSystem.IsWindows();
        if (hasLinks)
            File.CreateSymbolicLink(Path.Combine(source, "link"), "one");
        Capability capability = (await client.PutAsync(source, new PutOptions())).Capability;

        await client.GetAsync(capability, copy, new GetOptions());
        Check.Same(one, await File.ReadAllBytesAsync(Path.Combine(copy, "one")), "one");
        Check.Same(two, await File.ReadAllBytesAsync(Path.Combine(copy, "sub", "two")), "sub/two");
        Check.Equal(0, new FileInfo(Path.Combine(copy, "sub", "empty")).Length, "the length of sub/empty");
        Check.That(Directory.Exists(Path.Combine(copy, "sub", "none")), "sub/none is not there");
        if (hasLinks)
            Check.Equal("one", new FileInfo(Path.Combine(copy, "link")).LinkTarget, "the target of the link");

        Listing listing = await client.ListAsync(capability);
        Check.Equal(ManifestKind.Directory, listing.Kind, "the kind");
        Check.Equal("a", listing.Name, "the name");
        string expected = (hasLinks ? "SymbolicLink link 0, " : "") + "File one 1, Directory sub 0, File sub/empty 0, Directory sub/none 0, File sub/two 100000";
        Check.Equal(expected, string.Join(", ", listing.Entries.Select(entry => $"{entry.Kind} {entry.Path} {entry.Length}")), "the list");

        long offset = listing.Entries.TakeWhile(entry => entry.Path != "sub/two").Sum(entry => entry.Length);
        await using ObjectDownload content = (await client.OpenAsync(capability)).Download(offset, two.Length);
        Check.Same(two, await StreamBehaviours.ReadAllAsync(content, two.Length), "the content of sub/two in that of the directory");
    }

    private static async Task ObjectAsync(MegatorrentClient client)
    {
        Listing listing = await client.ListAsync((await client.PutBytesAsync(Pattern.Of(2, 3000000), name: "photo.jpg")).Capability);
        Check.Equal(ManifestKind.File, listing.Kind, "the kind");
        Check.Equal(3000000, listing.Length, "the length");
        Check.Equal("photo.jpg", listing.Name, "the name");
        Check.Equal(0, listing.Entries.Count, "the number of entries");
    }

    private static async Task RangeReadAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(4, 3000000);
        Capability capability = (await client.PutBytesAsync(bytes)).Capability;
        StoredObject stored = await client.OpenAsync(capability);
        var pattern = new Pattern(5);
        List<(int Offset, int Length)> ranges = [(0, 1), (1048575, 2), (999999, 1000003), (2999999, 1), (0, 3000000)];
        for (int i = 0; i < 20; i++)
        {
            int offset = pattern.Below(bytes.Length);
            ranges.Add((offset, 1 + pattern.Below(bytes.Length - offset)));
        }

        foreach ((int offset, int length) in ranges)
        {
            Check.Same(bytes.AsMemory(offset, length), await client.ReadBytesAsync(capability, offset, length), $"{length} bytes at {offset}");
            await using ObjectDownload download = stored.Download(offset, length);
            Check.Same(
                bytes.AsMemory(offset, length), await StreamBehaviours.ReadAllAsync(download, length), $"{length} bytes at {offset} of an open object");
        }
    }

    private async Task ReadPastEndAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(4, 100000);
        Capability capability = (await client.PutBytesAsync(bytes)).Capability;
        Check.Same(bytes.AsMemory(99990), await client.ReadBytesAsync(capability, 99990, 1000), "a range past the end");
        Check.Equal(0, (await client.ReadBytesAsync(capability, 100000, 10)).Length, "the length of a range at the end");
        await Check.GivesAsync("MT_ERROR_INVALID_ARGUMENT", () => client.ReadBytesAsync(capability, 100001, 1), "a range beyond the end");
        string folder = cluster.At("folder");
        Directory.CreateDirectory(folder);
        Capability directory = (await client.PutAsync(folder, new PutOptions())).Capability;
        await Check.GivesAsync("MT_ERROR_INVALID_ARGUMENT", () => client.ReadBytesAsync(directory), "reading a directory");
    }

    private static async Task DeduplicateAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(6, 3000000);
        var options = new PutOptions { Deduplicate = true };
        PutResult one = await client.PutBytesAsync(bytes, options), two = await client.PutBytesAsync(bytes, options);
        Check.Same(bytes, await client.ReadBytesAsync(two.Capability), "what comes back");
        Check.That(two.BlobsReused >= 1, "no blob is reused");
        Check.That(
            two.BlobsReused > two.BlobsStored, $"the second put stored {two.BlobsStored} blobs and reused {two.BlobsReused}");
        PutResult three = await client.PutBytesAsync(bytes), four = await client.PutBytesAsync(bytes);
        Check.That(three.Capability.ToString() != four.Capability.ToString(), "the capabilities of two puts under fresh keys are the same");
        Check.That(one.BlobsStored > 0, "the first put stored nothing");
    }

    private static async Task SchemesAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(7, 300000);
        foreach (Scheme scheme in (Scheme[])[new(2, 1), new(4, 2), new(1, 2)])
        {
            Capability capability = (await client.PutBytesAsync(bytes, new PutOptions { Scheme = scheme })).Capability;
            Check.Same(bytes, await client.ReadBytesAsync(capability), $"what comes back of {scheme}");
            VerifyReport report = await client.VerifyAsync(capability);
            Check.That(report.Healthy, $"{scheme} is not healthy");
            Check.Equal(scheme.ParityShards, report.LowestMargin, $"the lowest margin of {scheme}");
        }

        foreach (Scheme scheme in (Scheme[])[new(0, 2), new(200, 100)])
        {
            await Check.GivesAsync(
                "MT_ERROR_INVALID_ARGUMENT", () => client.PutBytesAsync(bytes, new PutOptions { Scheme = scheme }), $"a put with {scheme}");
        }
    }

    private static async Task SuitesAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Periodic(251, 300000);
        foreach (CipherSuite suite in (CipherSuite[])[CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305])
        {
            foreach (CompressionKind compression in Enum.GetValues<CompressionKind>())
            {
                PutResult put = await client.PutBytesAsync(bytes, new PutOptions { Suite = suite, Compression = compression });
                Check.Same(bytes, await client.ReadBytesAsync(put.Capability), $"what comes back of {suite} and {compression}");
            }
        }
    }

    private async Task RefuseToReplaceAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(8, 1000);
        Capability capability = (await client.PutBytesAsync(bytes)).Capability;
        string path = cluster.File("there", [1, 2, 3]);
        await Check.GivesAsync("MT_ERROR_INVALID_ARGUMENT", async () => await client.GetAsync(capability, path, new GetOptions()), "getting");
        Check.Same(new byte[] { 1, 2, 3 }, await File.ReadAllBytesAsync(path), "the file that was there");
        await client.GetAsync(capability, path, new GetOptions { Overwrite = true });
        Check.Same(bytes, await File.ReadAllBytesAsync(path), "the file that replaced it");
    }

    private static async Task ManyAtOnceAsync(MegatorrentClient client)
    {
        byte[][] objects = [.. Enumerable.Range(0, 8).Select(i => Pattern.Of((uint)(100 + i), 1 << 20))];
        PutResult[] puts = await Task.WhenAll(objects.Select(bytes => client.PutBytesAsync(bytes)));
        byte[][] got = await Task.WhenAll(puts.Select(put => client.ReadBytesAsync(put.Capability)));
        for (int i = 0; i < objects.Length; i++)
            Check.Same(objects[i], got[i], $"object {i}");
    }
}
