using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Client.Tests;

/// <summary>Nodes lie, refuse and die; the client verifies, goes elsewhere, or says what is wrong.</summary>
public sealed class HostilePeerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Wrong_bytes_are_refused_rebuilt_around_and_noticed()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        byte[] bytes = Noise(40_000_000); // of so many stripes no two nodes have nothing but parity: of one it is 1 in 15
        PutResult put = await client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        Assert.Equal(0, put.MissingBlobs);
        foreach (int liar in (int[])[1, 4])
            cluster.Nodes[liar].Lie = static (_, blob) => [.. blob.Select(static b => (byte)(b ^ 1))];

        GetResult get = await client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_folder.At("copy")));
        Assert.True(get.BadBlobs > 0 && get.BlobsRebuilt > 0, get.ToString());
        Assert.Contains(cluster.Nodes[1].Notices.Concat(cluster.Nodes[4].Notices), static notice => notice.Kind == NoticeKind.Corrupt);

        VerifyReport report = await client.VerifyAsync(put.Capability);
        Assert.Equal(
            new[] { cluster.Nodes[1].Identity.Id, cluster.Nodes[4].Identity.Id }.Order(),
            report.BadBlobs.Select(static bad => bad.Node).Distinct().Order());
        Assert.True(report.Recoverable && !report.Healthy);
    }

    [Fact]
    public async Task Three_liars_of_six_leave_an_error_and_no_file()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        PutResult put = await client.PutAsync(new MemoryStream(Noise(9_000_000)), "file", new PutOptions());
        foreach (int liar in (int[])[0, 2, 4])
            cluster.Nodes[liar].Lie = static (_, blob) => new byte[blob.Length];
        var exception = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions()));
        Assert.Equal(ErrorKind.NotEnoughBlobs, exception.Kind);
        Assert.False(File.Exists(_folder.At("copy")));
    }

    [Fact]
    public async Task A_node_that_claims_what_it_lacks_costs_a_question_and_no_data()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        byte[] bytes = Noise(5_000_000);
        PutResult put = await client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        cluster.Nodes[3].Blobs.Clear();
        cluster.Nodes[3].ClaimsEverything = true;
        await client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_folder.At("copy")));
        VerifyReport report = await client.VerifyAsync(put.Capability);
        Assert.True(report.MissingBlobs > 0 && report.Recoverable, report.ToString());

        cluster.Nodes[3].ClaimsEverything = false;
        RepairReport repair = await client.RepairAsync(put.Capability);
        Assert.Equal((report.MissingBlobs, 0, 0), (repair.BlobsRestored, repair.StillMissing, repair.Unrecoverable));
        Assert.True((await client.VerifyAsync(put.Capability)).Healthy);
    }

    [Fact]
    public async Task One_refusal_is_a_warning_and_two_are_an_error_with_the_reason()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        cluster.Nodes[2].Refusal = new MegatorrentException(ErrorKind.StoreFull, "the store is full");
        PutResult put = await client.PutAsync(new MemoryStream(Noise(9_000_000)), "file", new PutOptions());
        Assert.True(put.MissingBlobs > 0 && put.IncompleteStripes > 0);
        Assert.Contains(put.Problems, static problem => problem.Contains("full", StringComparison.Ordinal));

        cluster.Nodes[5].Refusal = cluster.Nodes[2].Refusal;
        var exception = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await client.PutAsync(new MemoryStream(Noise(9_000_000)), "file", new PutOptions()));
        Assert.Equal(ErrorKind.StoreFull, exception.Kind);
        Assert.Contains("Nothing is acknowledged", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_nodes_that_do_not_answer_are_asked_again_before_a_put_fails(bool comeBack)
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync(shortagePatienceMs: comeBack ? 60_000 : 1_000);
        foreach (PeerNode node in (PeerNode[])[cluster.Nodes[2], cluster.Nodes[5]])
        {
            node.Refusal = new MegatorrentException(ErrorKind.Unreachable, "it restarts");
            node.RefusesOnce = comeBack;
        }

        byte[] bytes = Noise(900_000);
        ValueTask<PutResult> pending = client.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        if (comeBack)
        {
            PutResult put = await pending;
            Assert.Equal((0, 0), (put.MissingBlobs, put.IncompleteStripes));
            await client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions());
            Assert.Equal(bytes, await File.ReadAllBytesAsync(_folder.At("copy")));
        }
        else
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(async () => await pending);
            Assert.Equal(ErrorKind.NotEnoughBlobs, exception.Kind);
            Assert.Contains("it restarts", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stripe_goes_to_other_domains_when_there_are_more_than_it_needs()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(8);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        await cluster.StopAsync(3);
        cluster.Nodes[6].Refusal = new MegatorrentException(ErrorKind.InputOutput, "the disk is gone");
        PutResult put = await client.PutAsync(new MemoryStream(Noise(20_000_000)), "file", new PutOptions());
        Assert.Equal(0, put.MissingBlobs);
        Assert.True((await client.VerifyAsync(put.Capability)).Healthy);
        Assert.Empty(cluster.Nodes[6].Blobs);
    }

    [Fact]
    public async Task A_directory_manifest_that_leads_out_of_its_directory_is_refused_before_anything_is_written()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(3);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        foreach (string path in (string[])["../escaped", "/tmp/escaped", "a/../../escaped"])
        {
            byte[] list = System.Text.Encoding.UTF8.GetBytes($"ld1:ki1e1:li0e1:mi420e1:p{path.Length}:{path}1:ti0e1:x0:ee");
            Capability capability = await PutRawDirectoryAsync(cluster, client, list);
            foreach (Func<Task> act in (Func<Task>[])
            [
                async () => await client.GetAsync(capability, _folder.At("out"), new GetOptions()),
                async () => await client.ListAsync(capability),
            ])
            {
                var exception = await Assert.ThrowsAsync<MegatorrentException>(act);
                Assert.Equal(ErrorKind.Malformed, exception.Kind);
                Assert.Contains("leave the directory", exception.Message, StringComparison.Ordinal);
            }
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_reader_cannot_store_and_the_message_names_the_role()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(3);
        await using MegatorrentClient client = await cluster.ConnectAsync(Role.Reader);
        var exception = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await client.PutAsync(new MemoryStream(Noise(1000)), "file", new PutOptions { Scheme = new Scheme(1, 2) }));
        Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        Assert.Contains("writer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deep_tree_of_manifests_is_walked_for_reading_ranges_verifying_and_repair()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(4);
        await using MegatorrentClient client = await cluster.ConnectAsync(manifestLengthTarget: 400);
        byte[] bytes = Noise(40_000_000);
        PutResult put = await client.PutAsync(new Unseekable(bytes), "file", new PutOptions { Scheme = new Scheme(1, 1) });
        byte[] rootBlob = cluster.Nodes.Select(node => node.Blobs.GetValueOrDefault(put.Capability.Root.Ids[0])).First(static blob => blob is not null)!;
        Assert.True(Manifest.ReadPublic(rootBlob).Streams[0].Depth >= 2);

        using var all = new MemoryStream();
        Assert.Equal(bytes.Length, await client.CatAsync(put.Capability, all));
        Assert.True(bytes.AsSpan().SequenceEqual(all.ToArray()));
        using var part = new MemoryStream();
        await client.CatAsync(put.Capability, part, 7_000_001, 6_000_003);
        Assert.True(bytes.AsSpan(7_000_001, 6_000_003).SequenceEqual(part.ToArray()));

        cluster.Nodes[2].Blobs.Clear();
        VerifyReport report = await client.VerifyAsync(put.Capability.ToVerifyOnly());
        Assert.Equal((put.Stripes, true, false), (report.Stripes, report.Recoverable, report.Healthy));
        RepairReport repair = await client.RepairAsync(put.Capability.ToVerifyOnly());
        Assert.Equal(report.MissingBlobs, repair.BlobsRestored);
        Assert.True((await client.VerifyAsync(put.Capability.ToVerifyOnly())).Healthy);
    }

    [Fact]
    public async Task Cancelling_a_put_ends_it_soon()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var source = new Unseekable(Noise(50_000_000), atHalf: cancel.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await client.PutAsync(source, "file", new PutOptions(), null, cancel.Token));
    }

    private static async Task<Capability> PutRawDirectoryAsync(PeerCluster cluster, MegatorrentClient client, byte[] list)
    {
        // The list goes up as a file; its stripes then serve as the entries of a hostile directory manifest.
        PutResult file = await client.PutAsync(new MemoryStream(list), "list", new PutOptions { Compression = Core.Compression.CompressionKind.None });
        byte[] rootBlob = cluster.Nodes.Select(node => node.Blobs.GetValueOrDefault(file.Capability.Root.Ids[0])).First(static blob => blob is not null)!;
        ManifestStream entries = Manifest.Open(rootBlob, file.Capability.Key).Streams[0];
        var manifest = new Manifest
        {
            Kind = ManifestKind.Directory,
            Name = "directory",
            Streams = [new ManifestStream(0, [], default, []), entries],
        };
        var key = new byte[32];
        byte[] blob = manifest.Seal(CipherSuite.Aes256Gcm, [], SystemRandomSource.Instance, key);
        foreach (PeerNode node in cluster.Nodes)
            node.Blobs[BlobId.Of(blob)] = blob;
        return new Capability(BlobId.Of(blob), blob.Length, 2, key);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new SeededRandomSource((ulong)length).Fill(bytes);
        return bytes;
    }

    // A pipe: neither length nor position, and something may happen half way through.
    private sealed class Unseekable(byte[] bytes, Action? atHalf = null) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = Math.Min(buffer.Length, bytes.Length - _at);
            bytes.AsMemory(_at, count).CopyTo(buffer);
            if (_at < bytes.Length / 2 && _at + count >= bytes.Length / 2)
                atHalf?.Invoke();
            _at += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
