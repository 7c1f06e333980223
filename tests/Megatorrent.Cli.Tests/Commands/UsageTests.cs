using System.CommandLine;
using System.Text.Json;

namespace Megatorrent.Cli.Tests.Commands;

public class UsageTests
{
    private const string WholeCapability = "mt1:AAAA";

    public static TheoryData<string> AllCommands
    {
        get
        {
            using TestHost test = new();
            TheoryData<string> data = [];
            foreach (string path in Paths(CommandLine.Build(test.Host), ""))
                data.Add(path);
            return data;
        }
    }

    [Theory]
    [InlineData("", "hint: `megatorrent --help`")]
    [InlineData("nonsense", "hint: `megatorrent --help`")]
    [InlineData("put", "hint: `megatorrent put --help`")]
    [InlineData("put a b", "hint: `megatorrent put --help`")]
    [InlineData("put a --nonsense", "--nonsense")]
    [InlineData("put a --scheme 0+2", "0+2")]
    [InlineData("put a --scheme 200+100", "200+100")]
    [InlineData("put a --scheme four", "'four' is not a scheme")]
    [InlineData("put a --suite rot13", "'rot13' is not one of aes, chacha")]
    [InlineData("put a --compress rar", "'rar' is not one of zstd, lz4, gzip, brotli, none")]
    [InlineData("put a --timeout 5", "'5' is not a time")]
    [InlineData("put a --cluster somewhere", "'somewhere' is not an endpoint")]
    [InlineData("get", "hint: `megatorrent get --help`")]
    [InlineData("get http://x", "must begin with mt1:")]
    [InlineData("get " + WholeCapability, "it was cut")]
    [InlineData("cat " + WholeCapability, "it was cut")]
    [InlineData("ls " + WholeCapability, "it was cut")]
    [InlineData("verify " + WholeCapability, "it was cut")]
    [InlineData("repair " + WholeCapability, "it was cut")]
    [InlineData("cat x --range 9-5", "'9-5' is not a range")]
    [InlineData("node", "--data")]
    [InlineData("node --data d --capacity big", "'big' is not a size")]
    [InlineData("node --data d --listen 7420", "'7420' is not an endpoint")]
    [InlineData("node --data d --join a,b", "'a' is not an endpoint")]
    [InlineData("node --data d --heartbeat 0s", "--heartbeat")]
    [InlineData("node --data d --transport pigeon", "--transport")]
    [InlineData("node --data d --coordinator zookeeper", "'zookeeper' is not one of embedded, etcd")]
    [InlineData("node --data d --coordinator etcd", "--etcd-endpoints")]
    [InlineData("node --data d --etcd-user u", "--coordinator etcd")]
    [InlineData("node --data d --coordinator etcd --etcd-endpoints https://h:1 --etcd-user u", "--etcd-password-file")]
    [InlineData("node --data d --coordinator etcd --etcd-endpoints https://h:1 --etcd-cert c", "--etcd-key")]
    [InlineData("cluster drain", "hint: `megatorrent cluster drain --help`")]
    [InlineData("cluster replace one", "hint: `megatorrent cluster replace --help`")]
    [InlineData("cluster weight node heavy", "'heavy' is not a weight")]
    [InlineData("cluster weight node 0", "'0' is not a weight")]
    [InlineData("cluster", "hint: `megatorrent cluster --help`")]
    [InlineData("cluster up", "--data")]
    [InlineData("cluster up --data d --nodes 0", "--nodes")]
    [InlineData("cluster up --data d --base-port 70000", "--base-port")]
    [InlineData("cluster down", "--data")]
    [InlineData("scrub", "--data")]
    [InlineData("invite --role king", "'king' is not one of node, writer, reader")]
    [InlineData("invite --expires soon", "'soon' is not a time")]
    [InlineData("join", "hint: `megatorrent join --help`")]
    public async Task AWrongCommandLineIsSaidOnStandardErrorWithAHint(string line, string expected)
    {
        using TestHost test = new();
        Assert.Equal(ExitCodes.Usage, await test.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains(expected, test.Error, StringComparison.Ordinal);
        Assert.Contains("hint: ", test.Error, StringComparison.Ordinal);
        Assert.Equal("", test.Out);
    }

    [Fact]
    public async Task WithJsonAWrongCommandLineIsADocumentToo()
    {
        using TestHost test = new();
        Assert.Equal(ExitCodes.Usage, await test.RunAsync("put", "--json"));
        using JsonDocument document = JsonDocument.Parse(test.Out);
        Assert.Equal(ExitCodes.Usage, document.RootElement.GetProperty("error").GetProperty("exitCode").GetInt32());
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task EveryCommandHasHelpWithItsExitCodesAndJson(string path)
    {
        using TestHost test = new();
        Assert.Equal(ExitCodes.Done, await test.RunAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]));
        Assert.Contains("130 interrupted", test.Out, StringComparison.Ordinal);
        Assert.Contains("--json", test.Out, StringComparison.Ordinal);
        Assert.Equal("", test.Error);
    }

    [Theory]
    [InlineData("put /none/such", ExitCodes.Other, "/none/such")]
    [InlineData("demo /none/such", ExitCodes.Other, "/none/such")]
    [InlineData("status", ExitCodes.NoCluster, "no cluster is known")]
    [InlineData("status --cluster 127.0.0.1:1", ExitCodes.Integrity, "there is no credential")]
    [InlineData("cluster layout", ExitCodes.NoCluster, "no cluster is known")]
    [InlineData("cluster status", ExitCodes.NoCluster, "no cluster runs here")]
    [InlineData("cluster down --data /none/such", ExitCodes.Other, "/none/such")]
    [InlineData("invite", ExitCodes.NoCluster, "no cluster is known")]
    [InlineData("join nonsense", ExitCodes.Usage, "mtinv1:")]
    public async Task WhatIsMissingIsNamedWithoutATrace(string line, int exitCode, string expected)
    {
        using TestHost test = new();
        Assert.Equal(exitCode, await test.RunAsync(line.Split(' ')));
        Assert.Contains(expected, test.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", test.Error, StringComparison.Ordinal);
        Assert.Equal("", test.Out);
    }

    [Fact]
    public async Task VersionNamesTheEngines()
    {
        using TestHost test = new();
        Assert.Equal(ExitCodes.Done, await test.RunAsync("version", "--json"));
        using JsonDocument document = JsonDocument.Parse(test.Out);
        Assert.All(
            (string[])["version", "cipher", "erasure", "runtime", "platform"],
            name => Assert.NotEqual("", document.RootElement.GetProperty(name).GetString()));
    }

    private static IEnumerable<string> Paths(Command command, string prefix)
    {
        yield return prefix;
        foreach (Command inner in command.Subcommands)
        {
            foreach (string path in Paths(inner, $"{prefix} {inner.Name}".Trim()))
                yield return path;
        }
    }
}
