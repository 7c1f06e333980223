using System.Text.Json;

namespace Megatorrent.EndToEnd.Tests;

/// <summary>Nodes die at the worst moments; nothing that was acknowledged is lost. Each test has a cluster of its own.</summary>
public sealed class DeathTests
{
    [Fact]
    public void Two_of_six_killed_during_get_and_the_get_finishes()
    {
        using TestCluster cluster = TestCluster.Start();
        string file = cluster.MakeFile(400_000_000, seed: 1);
        string capability = cluster.Put(file, "--compress", "none");
        string copy = cluster.Scratch("copy");
        using RunningCommand get = cluster.Start(["get", capability, "-o", copy]);
        Signals.SpinUntil(() => get.HasEnded || (File.Exists(copy + ".mtpart") && new FileInfo(copy + ".mtpart").Length > 50_000_000));
        Assert.False(get.HasEnded, "the get ended before a node could be killed");
        TestCluster.Kill(cluster.Nodes[1]);
        TestCluster.Kill(cluster.Nodes[4]);
        CommandResult result = get.Wait();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(Trees.SameBytes(file, copy));
    }

    [Fact]
    public void Two_of_six_killed_during_put_and_every_printed_capability_can_be_read()
    {
        using TestCluster cluster = TestCluster.Start();
        string small = cluster.MakeFile(3_000_000, seed: 2);
        string large = cluster.MakeFile(400_000_000, seed: 3);
        string before = cluster.Put(small);
        using RunningCommand put = cluster.Start(["put", large, "--compress", "none"]);
        string segments = Path.Combine(cluster.Nodes[2].Data);
        Signals.SpinUntil(() => put.HasEnded || Size(segments) > 30_000_000);
        Assert.False(put.HasEnded, "the put ended before a node could be killed");
        TestCluster.Kill(cluster.Nodes[2]);
        TestCluster.Kill(cluster.Nodes[5]);
        CommandResult result = put.Wait();
        cluster.AssertGets(before, small);
        if (result.ExitCode == 0)
            cluster.AssertGets(result.Capability, large);
        else
            TestCluster.AssertFailed(result, 3, "Nothing is acknowledged", "put with two nodes dead");
    }

    [Fact]
    public void Files_put_while_a_node_was_down_survive_the_death_of_two_others()
    {
        using TestCluster cluster = TestCluster.Start(6, "--grace", "1h");
        TestCluster.Kill(cluster.Nodes[0]);
        var files = new List<(string Capability, string File)>();
        for (int i = 0; i < 50; i++)
        {
            string file = cluster.MakeFile(200_000 + (i * 37_000), seed: (ulong)i);
            files.Add((cluster.Put(file), file));
        }

        cluster.Up();
        foreach (var (capability, _) in files)
            cluster.AwaitHealthy(capability);
        TestCluster.Kill(cluster.Nodes[3]);
        TestCluster.Kill(cluster.Nodes[4]);
        foreach (var (capability, file) in files)
            cluster.AssertGets(capability, file);
    }

    [Fact]
    public void Nodes_killed_twenty_times_under_a_running_put_lose_nothing_acknowledged()
    {
        const int Seed = 20261121;
        using TestCluster cluster = TestCluster.Start(6, "--grace", "1h");
        var random = new Random(Seed);
        var acknowledged = new List<(string Capability, string File)>();
        int kills = 0;
        while (kills < 20)
        {
            string file = cluster.MakeFile(random.Next(8_000_000, 40_000_000), seed: (ulong)kills);
            using RunningCommand put = cluster.Start(["put", file, "--compress", "none"]);
            TestNode victim = cluster.Nodes[random.Next(6)];
            long target = Size(victim.Data) + random.Next(0, 4_000_000);
            Signals.SpinUntil(() => put.HasEnded || Size(victim.Data) >= target);
            TestCluster.Kill(victim);
            kills++;
            CommandResult result = put.Wait();
            if (result.ExitCode == 0)
                acknowledged.Add((result.Capability, file));
            else
                TestCluster.AssertFailed(result, 3, "Nothing is acknowledged", $"put under kill {kills}, seed {Seed}");
            cluster.Up();
        }

        Assert.True(acknowledged.Count >= 10, $"only {acknowledged.Count} of 20 puts were acknowledged with one node dying in each");
        foreach (var (capability, file) in acknowledged)
        {
            cluster.AwaitHealthy(capability);
            cluster.AssertGets(capability, file);
        }
    }

    [Fact]
    public void A_node_dead_beyond_its_grace_is_replaced_and_then_two_others_may_die()
    {
        using TestCluster cluster = TestCluster.Start(7);
        string file = cluster.MakeFile(50_000_000, seed: 8);
        string capability = cluster.Put(file);
        TestCluster.Kill(cluster.Nodes[2]);
        cluster.AwaitHealthy(capability);
        TestCluster.Kill(cluster.Nodes[0]);
        TestCluster.Kill(cluster.Nodes[5]);
        cluster.AssertGets(capability, file);
    }

    [Fact]
    public void Three_of_six_dead_say_so_and_nothing_stands_under_the_final_name()
    {
        using TestCluster cluster = TestCluster.Start(6, "--grace", "1h");
        string file = cluster.MakeFile(10_000_000, seed: 4);
        string capability = cluster.Put(file);
        foreach (int i in (int[])[0, 2, 4])
            TestCluster.Kill(cluster.Nodes[i]);
        string copy = cluster.Scratch("copy");
        cluster.Fail(3, "blobs", "get", capability, "-o", copy);
        Assert.False(File.Exists(copy));
        cluster.Fail(3, "Nothing is acknowledged", "put", file);
        cluster.Fail(3, "", "verify", capability);
        cluster.Up();
        cluster.AssertGets(capability, file);
    }

    [Fact]
    public void A_frozen_node_does_not_hold_up_a_get()
    {
        using TestCluster cluster = TestCluster.Start(6, "--grace", "1h");
        string file = cluster.MakeFile(20_000_000, seed: 9);
        string capability = cluster.Put(file);
        TestNode frozen = cluster.Nodes[3];
        Signals.Freeze(frozen.ProcessId);
        try
        {
            cluster.AssertGets(capability, file);
        }
        finally
        {
            Signals.Thaw(frozen.ProcessId);
        }
    }

    [Fact]
    public void One_flipped_byte_on_each_of_two_nodes_is_found_named_and_repaired()
    {
        using TestCluster cluster = TestCluster.Start(6, "--repair-period", "1h", "--scrub-period", "0s");
        string file = cluster.MakeFile(30_000_000, seed: 10);
        string capability = cluster.Put(file, "--compress", "none");
        FlipByte(cluster.Nodes[1].Data, 700_000);
        FlipByte(cluster.Nodes[3].Data, 700_000);
        cluster.AssertGets(capability, file);

        // A get reads data blobs, and a flipped one may be parity. Verify reads all and names the bad; their holders drop them and repair.
        // Not before the first two are back: all three may be of one stripe, which can lose two.
        cluster.AwaitHealthy(capability);
        FlipByte(cluster.Nodes[0].Data, 3_500_000);
        CommandResult verify = cluster.Run("verify", capability, "--json");
        Assert.True(verify.ExitCode == 4, verify.ToString());
        using (JsonDocument report = JsonDocument.Parse(verify.Output))
        {
            JsonElement[] bad = [.. report.RootElement.GetProperty("badBlobs").EnumerateArray()];
            Assert.Contains(bad, blob => blob.GetProperty("node").GetString() == cluster.Nodes[0].Id);
            Assert.All(bad, static blob => Assert.StartsWith("bafkrei", blob.GetProperty("cid").GetString(), StringComparison.Ordinal));
        }

        cluster.AwaitHealthy(capability);

        // The same on a store whose node is down, found by scrub, and repaired on demand.
        cluster.Succeed("cluster", "down", "--data", cluster.Data);
        FlipByte(cluster.Nodes[2].Data, 5_700_000);
        CommandResult scrub = cluster.Run("scrub", "--data", cluster.Nodes[2].Data, "--json");
        using (JsonDocument report = JsonDocument.Parse(scrub.Output))
            Assert.Equal(1, report.RootElement.GetProperty("badBlobs").GetArrayLength());
        Assert.Equal(4, scrub.ExitCode);
        cluster.Up();
        cluster.Succeed("repair", capability);
        cluster.AwaitHealthy(capability);
        cluster.AssertGets(capability, file);
    }

    // In the payload of a blob, not in a header: a segment holds blobs of a mebibyte one after the other.
    private static void FlipByte(string data, long offset)
    {
        string segment = Directory.EnumerateFiles(data, "*.seg", SearchOption.AllDirectories).OrderByDescending(static path => new FileInfo(path).Length).First();
        using FileStream file = new(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        int old = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(old ^ 0x40));
    }

    private static long Size(string folder) =>
        Directory.EnumerateFiles(folder, "*.seg", SearchOption.AllDirectories).Sum(static path => new FileInfo(path).Length);
}
