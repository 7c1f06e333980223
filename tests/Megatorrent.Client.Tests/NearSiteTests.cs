using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client.Tests;

/// <summary>Of several holders of a blob the near one is read.</summary>
public class NearSiteTests
{
    [Theory]
    [InlineData("ams", 0)]
    [InlineData("ber", 1)]
    [InlineData("ber/r1", 1)]
    public async Task A_client_reads_from_its_own_site(string site, int near)
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(4, static i => $"{(i % 2 == 0 ? "ams" : "ber")}/r{i}/h");
        await using MegatorrentClient writer = await cluster.ConnectAsync();
        byte[] bytes = new byte[40_000];
        new SeededRandomSource(7).Fill(bytes);
        PutResult put = await writer.PutAsync(new MemoryStream(bytes), "file", new PutOptions()); // one chunk: copies in both sites
        var read = new int[4];
        for (int i = 0; i < read.Length; i++)
        {
            int number = i;
            cluster.Nodes[i].Lie = (_, blob) =>
            {
                Interlocked.Increment(ref read[number]);
                return blob;
            };
        }
        await using MegatorrentClient reader = await cluster.ConnectAsync(Role.Reader, site: site);
        using var copy = new MemoryStream();
        await reader.CatAsync(put.Capability, copy);
        Assert.Equal(bytes, copy.ToArray());
        Assert.True(read[near] + read[near + 2] > 0, "somebody near was asked");
        Assert.Equal(0, read[1 - near] + read[3 - near]);
    }

    [Fact]
    public async Task What_is_not_near_is_read_from_afar()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(4, static i => $"{(i % 2 == 0 ? "ams" : "ber")}/r{i}/h");
        await using MegatorrentClient writer = await cluster.ConnectAsync();
        byte[] bytes = [1, 2, 3];
        PutResult put = await writer.PutAsync(new MemoryStream(bytes), "file", new PutOptions());
        cluster.Nodes[0].Blobs.Clear();
        cluster.Nodes[2].Blobs.Clear();
        await using MegatorrentClient reader = await cluster.ConnectAsync(Role.Reader, site: "ams");
        using var copy = new MemoryStream();
        await reader.CatAsync(put.Capability, copy);
        Assert.Equal(bytes, copy.ToArray());
    }
}
