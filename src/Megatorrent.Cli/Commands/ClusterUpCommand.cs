using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster up</c>: makes a cluster, or starts those of its nodes that do not run.</summary>
internal sealed class ClusterUpCommand : CliCommand
{
    private const int DefaultNodes = 6;
    private const int MaxNodes = 256;
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(60);

    private readonly Option<string> _data = ClusterCommand.DataOption(
        "The cluster's directory: made if it is not there, restarted if it is.");

    private readonly Option<int?> _nodes = new("--nodes")
    {
        HelpName = "COUNT",
        Description = $"How many nodes. A cluster that has fewer gets more. Default: {DefaultNodes}, or as many as there are.",
    };

    private readonly DefaultedOption<int> _basePort = new("--base-port", FreePorts.DefaultBase)
    {
        HelpName = "PORT",
        Description = $"Where to look for free ports on 127.0.0.1. Default: {FreePorts.DefaultBase}.",
    };

    private readonly DefaultedOption<TimeSpan> _wait = CommonOptions.MakeDuration(
        "--wait", "How long to wait until the nodes see each other.", DefaultWait);

    private readonly NodeSettings _settings = new();

    /// <summary>Creates the command.</summary>
    public ClusterUpCommand(CliHost host)
        : base("up", "Make a cluster of nodes on this machine and leave it running; or start those of its nodes that do not run.", host)
    {
        _nodes.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > MaxNodes)
                result.AddError($"--nodes: from 1 to {MaxNodes}.");
        });
        _basePort.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 65535)
                result.AddError("--base-port: from 1 to 65535.");
        });
        Add(_data);
        Add(_nodes);
        Add(_basePort);
        Add(_wait);
        _settings.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          DIR/cluster.json lists the nodes, DIR/cluster.key signs certificates (keep it), DIR/nodeN/node.log is a node's log.
          Commands of this user then find cluster and credential by themselves. The node settings are kept for restarts.
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string data = Path.GetFullPath(parse.GetRequiredValue(_data));
        ConfigFolder configuration = ConfigFolder.Find(Host.Environment);
        string[] nodeArguments = _settings.ToArguments(parse);
        ClusterFolder folder = ClusterFolder.TryOpen(data) ?? ClusterFolder.Create(data, nodeArguments, Host);
        if (nodeArguments.Length > 0 && !nodeArguments.SequenceEqual(folder.Document.NodeArguments))
            folder.Save(folder.Document with { NodeArguments = nodeArguments });
        AddNodes(folder, parse.GetValue(_nodes), _basePort.Of(parse));

        ClusterLauncher launcher = new(Host, folder);
        using Credential administrator = RefreshCredential(folder);
        int started = launcher.StartMissing();
        await launcher.WaitUntilTheyMeetAsync(launcher.Nodes, administrator, _wait.Of(parse), cancellationToken);
        string? kept = CredentialStore.SaveDefault(configuration, administrator);
        ClusterPointer.Write(configuration, new PointerDocument(folder.Path, folder.Document.Cluster));

        if (Json(parse))
            JsonOutput.Write(Host, folder.Document, CliJson.Output.ClusterDocument);
        Tell(folder, started, kept, configuration);
        return ExitCodes.Done;
    }

    private void AddNodes(ClusterFolder folder, int? wanted, int basePort)
    {
        int present = folder.Document.Nodes.Count;
        int count = wanted ?? Math.Max(DefaultNodes, present);
        if (count < present)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument,
                $"the cluster has {present} nodes; fewer would lose data. Stop single nodes with `kill PID`, see cluster.json");
        }
        foreach (int port in FreePorts.Find(basePort, count - present, FreePorts.Of(folder.Document.Nodes)))
            folder.AddNode(FreePorts.Loopback(port), Host.Time.GetUtcNow());
    }

    // The credential names the nodes, so that a copy of it is enough to find the cluster.
    private Credential RefreshCredential(ClusterFolder folder)
    {
        using Credential kept = folder.LoadCredential(Host);
        using Identity identity = kept.CreateIdentity();
        Credential fresh = new(
            identity, kept.Certificate, kept.TenantSecret,
            [.. folder.Document.Nodes.Select(node => node.Listen).Take(Credential.MaxEndpoints)]);
        folder.SaveCredential(fresh);
        return fresh;
    }

    private void Tell(ClusterFolder folder, int started, string? kept, ConfigFolder configuration)
    {
        int count = folder.Document.Nodes.Count;
        string restarted = started == count ? "" : started == 0 ? ", as they were" : $" ({started} started now)";
        Host.Error.WriteLine($"{Human.Count(count, "node")} of {folder.Path} are running and see each other{restarted}");
        if (kept is not null)
            Host.Error.WriteLine($"note: another credential was in {configuration.Path}; it is kept as {kept}");
        Host.Error.WriteLine("  megatorrent put PATH          store a file or directory; prints its capability");
        Host.Error.WriteLine("  megatorrent get CAP           bring it back");
        Host.Error.WriteLine("  megatorrent cluster status    how the nodes are");
        Host.Error.WriteLine($"  megatorrent cluster down --data {folder.Path}");
    }
}
