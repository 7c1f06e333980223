namespace Megatorrent.EndToEnd.Tests;

/// <summary>Stores that are full, and folders that cannot be used.</summary>
public sealed class FullStoreTests
{
    [Fact]
    public void A_full_cluster_says_so_and_keeps_what_it_has()
    {
        using TestCluster cluster = TestCluster.Start(6, "--capacity", "30MB");
        string small = cluster.MakeFile(20_000_000, seed: 1);
        string capability = cluster.Put(small, "--compress", "none");
        string large = cluster.MakeFile(200_000_000, seed: 2);
        cluster.Fail(6, "full", "put", large, "--compress", "none");
        cluster.AssertGets(capability, small);
    }

    [Fact]
    public void A_store_in_use_is_not_opened_twice()
    {
        using TestCluster cluster = TestCluster.Start(1);
        cluster.Fail(1, "uses this store", "node", "--data", cluster.Nodes[0].Data, "--listen", "127.0.0.1:0");
    }
}
