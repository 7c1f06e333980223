using System.Text.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cli.Tests.Launch;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Tests.Commands;

/// <summary>The commands about the layout against three real nodes in this process.</summary>
public sealed class LayoutCommandsTests : IAsyncLifetime
{
    private readonly TestHost _test = new();
    private readonly List<(NodeServer Node, Identity Identity)> _nodes = [];
    private readonly SemaphoreSlim _changed = new(0); // released with every new view of a node
    private string _credential = "";

    public async Task InitializeAsync()
    {
        ClusterFolder folder = ClusterFolder.Create(_test.At("c"), [], Host(new StringWriter(), new StringWriter()));
        _credential = folder.CredentialPath;
        using SigningKey key = folder.LoadKey();
        for (int i = 0; i < 3; i++)
        {
            Identity identity = Identity.Generate(SystemRandomSource.Instance);
            DateTimeOffset now = DateTimeOffset.UtcNow;
            var options = new NodeOptions
            {
                DataDirectory = _test.At($"node-{i}"),
                Join = _nodes.Count > 0 ? [_nodes[0].Node.AdvertisedEndpoint] : [],
                Domain = $"rack-{i}",
                CapacityBytes = 1L << 30,
                Identity = identity,
                Certificate = Certificate.IssueByCluster(key, identity.PublicKey, Role.Node, now.AddMinutes(-1), now.AddHours(1)),
                ClusterKey = key.PublicKey.ToArray(),
                Membership = new MembershipOptions { PeriodMs = 50 },
                ScrubPeriodMs = 0,
            };
            NodeServer node = await NodeServer.StartAsync(options, CancellationToken.None);
            node.Membership.Changed += _ => _changed.Release();
            _nodes.Add((node, identity));
        }
        await UntilAsync(() => _nodes.All(pair => pair.Node.Membership.View.Living.Count == 3));
    }

    public async Task DisposeAsync()
    {
        foreach ((NodeServer node, Identity identity) in _nodes)
        {
            await node.DisposeAsync();
            identity.Dispose();
        }
        _changed.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task A_node_is_weighed_drained_removed_and_taken_in_again()
    {
        NodeServer leaver = _nodes[2].Node;
        (int code, JsonElement layout, _) = await RunAsync("cluster", "layout", "--json");
        Assert.Equal((ExitCodes.Done, 0), (code, layout.GetProperty("epoch").GetInt32()));
        Assert.Equal("embedded", layout.GetProperty("coordinator").GetString());
        Assert.Equal(3, layout.GetProperty("nodes").GetArrayLength());

        (code, JsonElement change, _) = await RunAsync("cluster", "weight", "rack-1", "77", "--json");
        Assert.Equal((ExitCodes.Done, 1), (code, change.GetProperty("epoch").GetInt32()));
        await UntilAsync(() => _nodes.All(pair => pair.Node.Membership.View.Find(_nodes[1].Node.Id)!.Weight == 77));

        (code, _, string error) = await RunAsync("cluster", "remove", leaver.Id.ToString()[..8]);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("cluster drain", error, StringComparison.Ordinal);

        (code, change, error) = await RunAsync("cluster", "drain", leaver.AdvertisedEndpoint, "--wait", "--json");
        Assert.True(code == ExitCodes.Done, error);
        Assert.Equal("draining", change.GetProperty("nodes")[0].GetProperty("mode").GetString());
        Assert.Contains("can be removed", error, StringComparison.Ordinal);
        (_, layout, _) = await RunAsync("cluster", "layout", "--json");
        JsonElement entry = layout.GetProperty("nodes").EnumerateArray().Single(node => node.GetProperty("id").GetString() == leaver.Id.ToString());
        Assert.True(entry.GetProperty("drained").GetBoolean());

        (code, _, error) = await RunAsync("cluster", "remove", leaver.Id.ToString(), "--json");
        Assert.True(code == ExitCodes.Done, error);
        await UntilAsync(() => _nodes.All(pair => pair.Node.Membership.View.Find(leaver.Id) is null));
        (code, _, error) = await RunAsync("cluster", "undrain", leaver.Id.ToString()[..8], "--json");
        Assert.True(code == ExitCodes.Done, error);
        await UntilAsync(() => _nodes.All(pair => pair.Node.Membership.View.Find(leaver.Id) is { TakesBlobs: true }));

        (code, change, error) = await RunAsync("cluster", "replace", "rack-0", "rack-1", "--json");
        Assert.True(code == ExitCodes.Done, error);
        Assert.Equal(
            ["draining", "active"], change.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("mode").GetString()));
        Assert.Equal(_nodes[0].Node.Id.ToString(), change.GetProperty("nodes")[1].GetProperty("place").GetString());
        (code, _, error) = await RunAsync("cluster", "replace", "rack-1", "rack-1");
        Assert.Equal(ExitCodes.Usage, code);
        (code, _, error) = await RunAsync("cluster", "drain", "rack-9");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("cluster layout", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_writer_may_look_but_not_change()
    {
        using SigningKey key = ClusterFolder.Open(_test.At("c")).LoadKey();
        using Credential writer = Clusters.NewCredential(key, DateTimeOffset.UtcNow, Role.Writer, _nodes[0].Node.AdvertisedEndpoint);
        string path = _test.At("writer");
        await File.WriteAllTextAsync(path, writer.ToText());
        _credential = path;
        (int code, _, string error) = await RunAsync("cluster", "drain", "rack-1");
        Assert.Equal(ExitCodes.Integrity, code);
        Assert.Contains("administrator", error, StringComparison.Ordinal);
        (code, _, _) = await RunAsync("cluster", "layout");
        Assert.Equal(ExitCodes.Done, code);
    }

    private async Task<(int Code, JsonElement Document, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLine.RunAsync(
            [.. arguments, "--credential", _credential, "--cluster", _nodes[0].Node.AdvertisedEndpoint], Host(output, error));
        JsonElement document = default;
        if (arguments.Contains("--json"))
        {
            using JsonDocument parsed = JsonDocument.Parse(output.ToString());
            document = parsed.RootElement.Clone();
        }
        return (code, document, error.ToString());
    }

    private CliHost Host(TextWriter output, TextWriter error) => new()
    {
        Out = output,
        Error = error,
        OpenStandardOutput = static () => Stream.Null,
        Environment = name => _test.Variables.GetValueOrDefault(name),
    };

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            Assert.True(await _changed.WaitAsync(TimeSpan.FromMinutes(1)), "no view changed within a minute");
    }
}
