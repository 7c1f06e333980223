using System.Globalization;
using System.Text.Json;

namespace Megatorrent.EndToEnd.Tests;

/// <summary>What a node's process is to its machine.</summary>
public sealed class NodeProcessTests
{
    private const string NoDump = "1"; // byte: none is so short, and Linux gives none to a program either

    [Fact]
    public void A_node_that_crashes_leaves_no_core_dump()
    {
        using TestCluster cluster = TestCluster.Start(1);
        Assert.Equal(NoDump, CoreLimit(cluster.Nodes[0].ProcessId.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Who_looks_for_a_fault_can_have_core_dumps()
    {
        using TestCluster cluster = TestCluster.StartWith("MEGATORRENT_CORE_DUMPS", "1");
        Assert.Equal(CoreLimit("self"), CoreLimit(cluster.Nodes[0].ProcessId.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_status_says_what_it_takes()
    {
        using TestCluster cluster = TestCluster.Start(1);
        using JsonDocument status = JsonDocument.Parse(cluster.Succeed("status", "--json").Output);
        JsonElement process = status.RootElement.GetProperty("nodes")[0].GetProperty("services").GetProperty("process");
        long highest = long.Parse(Field($"/proc/{cluster.Nodes[0].ProcessId}/status", "VmHWM:"), CultureInfo.InvariantCulture) << 10;
        Assert.InRange(process.GetProperty("resident-bytes").GetInt64(), 1, highest);
        foreach (string part in (string[])["heap-bytes", "heap-fragmented-bytes", "heap-large-bytes", "heap-old-bytes"])
            Assert.InRange(process.GetProperty(part).GetInt64(), 0, process.GetProperty("heap-committed-bytes").GetInt64());
        Assert.InRange(process.GetProperty("collections-full").GetInt64(), 0, process.GetProperty("collections").GetInt64());
        Assert.True(process.GetProperty("allocated-bytes").GetInt64() > 0);
    }

    // "Max core file size        0                    unlimited            bytes"
    private static string CoreLimit(string process) => Field($"/proc/{process}/limits", "Max core file size");

    private static string Field(string path, string name) => File.ReadLines(path)
        .Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..]
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0];
}
