using System.CommandLine;
using Megatorrent.Cli.Control;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client.Location;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Storage;

namespace Megatorrent.Cli.Commands;

/// <summary><c>node</c>: stores for others until it is told to stop.</summary>
internal sealed class NodeCommand : CliCommand
{
    private const string DefaultListen = "127.0.0.1:7420";
    private const int RememberedPeriods = 13; // what was forgotten is remembered so many times as long as it is waited with deleting it

    private static readonly TimeSpan ParentCheckInterval = TimeSpan.FromSeconds(1);

    private readonly Option<string> _data = ClusterCommand.DataOption(
        "The node's directory: identity, certificate, store. Made if it is not there.");
    private readonly DefaultedOption<string> _listen = EndpointOption(
        "--listen", $"Where to listen; port 0 takes a free one. Default: {DefaultListen}.", DefaultListen);
    private readonly DefaultedOption<string> _advertise = EndpointOption(
        "--advertise", "Where others reach the node. Default: where it listens.", "");

    private readonly DefaultedOption<string[]?> _join = CommonOptions.Make<string[]>(
        "--join", "HOST:PORT,...", "Nodes of the cluster to find the others by. Default: those in the invitation, and those remembered.",
        CommonOptions.ParseEndpoints);

    private readonly Option<string?> _invite = new("--invite")
    {
        HelpName = "TOKEN",
        Description = "The invitation to exchange for a certificate, where there is none yet.",
    };

    private readonly Option<string?> _domain = new("--domain")
    {
        HelpName = "NAME",
        Description = "The failure domain: nodes that may fail together (a host, a rack) have one name; domains inside each other are a path, "
            + "RACK/HOST. Default: the node's own endpoint.",
    };

    private readonly Option<string?> _site = new("--site")
    {
        HelpName = "SITE",
        Description = "The site that the node is in: the widest failure domain, put before --domain. Clients read from their own site first.",
    };

    private readonly Option<string?> _log =
        new("--log") { HelpName = "FILE", Description = "Append the log to a file. Default: standard error." };
    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log details too." };
    private readonly Option<int?> _parent =
        new("--parent") { HelpName = "PID", Description = "Stop when this process is gone.", Hidden = true };
    private readonly NodeSettings _settings = new();
    private readonly CoordinatorSettings _coordinator = new();

    /// <summary>Creates the command.</summary>
    public NodeCommand(CliHost host)
        : base("node", "Run a node that stores for others, until SIGTERM or SIGINT.", host)
    {
        Add(_data);
        Add(_listen);
        Add(_advertise);
        Add(_join);
        Add(_invite);
        Add(_domain);
        Add(_site);
        Add(_log);
        Add(_verbose);
        Add(_parent);
        _settings.AddTo(this);
        _coordinator.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          A node needs a certificate of its cluster. An administrator makes an invitation, `megatorrent invite --role node`, and the node
          exchanges it the first time it starts: megatorrent node --data DIR --invite TOKEN
          The log has one line an event: time, level, node, what. With --json a document on standard output says when the node serves.
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        NodeFolder folder = new(Path.GetFullPath(parse.GetRequiredValue(_data)));
        using Identity identity = folder.LoadOrCreateIdentity();
        Invitation? invitation = parse.GetValue(_invite) is { } token ? JoinCommand.ParseInvitation(token) : null;
        string[] join = _join.Of(parse) ?? [.. invitation?.Endpoints ?? []];
        Certificate certificate = await CertifyAsync(folder, identity, invitation, join, cancellationToken);

        LogLevel least = parse.GetValue(_verbose) ? LogLevel.Debug : LogLevel.Info;
        using LineLog log = parse.GetValue(_log) is { } path ? LineLog.ToFile(path, least) : LineLog.ToError(Host, least);
        NodeOptions options = ToNodeOptions(parse, folder, identity, certificate, join, log);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await using NodeServer node = await NodeServer.StartAsync(options, stop.Token);
            await using ControlServer? control = ControlServer.TryStart(
                folder.Path, (request, token) => AnswerAsync(request, node, folder.Path, token));
            if (control is null)
                Log(log, LogLevel.Warn, identity.Id,
                    "the path of the data directory is too long for a control socket; `scrub` needs the node to be stopped");
            if (_settings.Transport(parse, Host).Refusal is { } refusal)
                Log(log, LogLevel.Info, identity.Id, refusal);
            if (Json(parse))
            {
                NodeReadyDocument ready = new(node.Id.ToString(), Environment.ProcessId, node.ListenEndpoint, folder.Path, node.Domain);
                JsonOutput.Write(Host, ready, CliJson.Output.NodeReadyDocument);
            }
            await AwaitStopAsync(parse.GetValue(_parent), stop.Token);
            string why = cancellationToken.IsCancellationRequested ? "told to" : "the parent process is gone";
            Log(log, LogLevel.Info, identity.Id, $"stopping: {why}");
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && StallGuard.IsCancellation(exception))
        {
            // Told to stop while it was starting.
        }
        return ExitCodes.Done;
    }

    private void Log(LineLog log, LogLevel level, NodeId node, string text) =>
        log.Write(new LogEvent(Host.Time.GetUtcNow(), level, node, text));

    // A node starts with the same command line again and again; an invitation that was exchanged once is not needed twice.
    private async Task<Certificate> CertifyAsync(
        NodeFolder folder, Identity identity, Invitation? invitation, string[] join, CancellationToken cancellationToken)
    {
        Certificate? certificate = folder.TryLoadCertificate();
        if (certificate is not null && (invitation is null || IsUsable(certificate, identity, invitation)))
            return certificate;
        if (invitation is null)
        {
            throw new MegatorrentException(
                ErrorKind.Unauthorized,
                $"{folder.Path} has no certificate, so this node belongs to no cluster. Ask an administrator for an invitation "
                + "(`megatorrent invite --role node`) and start with --invite TOKEN, or make a cluster here with "
                + "`megatorrent cluster up --data DIR`.");
        }
        if (invitation.Role != Role.Node)
        {
            throw new MegatorrentException(
                ErrorKind.Unauthorized,
                $"the invitation is for a {invitation.Role.ToText()}, not for a node; "
                + "ask for one made with `megatorrent invite --role node`");
        }
        certificate = (await InvitationExchange.RunAsync(invitation, identity, join, Host, cancellationToken)).Certificate;
        folder.SaveCertificate(certificate);
        return certificate;
    }

    private bool IsUsable(Certificate certificate, Identity identity, Invitation invitation)
    {
        try
        {
            certificate.Validate(invitation.ClusterKey, Host.Time.GetUtcNow());
            return certificate.Subject == identity.Id;
        }
        catch (MegatorrentException)
        {
            return false; // expired, or of a cluster that it has left
        }
    }

    private NodeOptions ToNodeOptions(
        ParseResult parse, NodeFolder folder, Identity identity, Certificate certificate, string[] join, LineLog log)
    {
        int heartbeatMs = Milliseconds(_settings.Heartbeat(parse));
        int pingTimeoutMs = Math.Clamp(heartbeatMs, 500, 1000);
        return new NodeOptions
        {
            DataDirectory = folder.Path,
            Listen = _listen.Of(parse),
            Advertise = _advertise.Of(parse) is { Length: > 0 } advertise ? advertise : null,
            Join = join,
            Domain = parse.GetValue(_domain),
            Site = parse.GetValue(_site),
            Etcd = _coordinator.ToOptions(parse),
            CapacityBytes = _settings.CapacityBytes(parse),
            Identity = identity,
            Certificate = certificate,
            ClusterKey = certificate.ClusterKey,
            Version = VersionCommand.Build().Version,
            Membership = new MembershipOptions
            {
                PeriodMs = heartbeatMs,
                PingTimeoutMs = pingTimeoutMs,
                ProbeTimeoutMs = pingTimeoutMs * 3 / 2,
                SuspectTimeoutMs = Milliseconds(_settings.Suspect(parse)),
            },
            Repair = new RepairOptions
            {
                GraceMs = (long)_settings.Grace(parse).TotalMilliseconds,
                PeriodMs = (long)_settings.RepairPeriod(parse).TotalMilliseconds,
                BytesPerSecond = _settings.RepairRate(parse),
            },
            Leases = new LeaseOptions
            {
                Collect = _settings.Collect(parse),
                CollectOrphans = _settings.CollectOrphans(parse),
                SafetyMs = (long)_settings.CollectAfter(parse).TotalMilliseconds,
                EndedKeptMs = RememberedPeriods * (long)_settings.CollectAfter(parse).TotalMilliseconds,
                OrphanMs = 2 * (long)_settings.CollectAfter(parse).TotalMilliseconds,
                CollectPeriodMs = (long)_settings.CollectPeriod(parse).TotalMilliseconds,
            },
            ScrubPeriodMs = (long)_settings.ScrubPeriod(parse).TotalMilliseconds,
            ScrubBytesPerSecond = _settings.ScrubRate(parse),
            ProcessNumbers = ProcessNumbers.Take,
            Log = log,
            Transport = _settings.Transport(parse, Host),
            Time = Host.Time,
        };
    }

    private async Task<ControlAnswer> AnswerAsync(ControlRequest request, NodeServer node, string data, CancellationToken cancellationToken)
    {
        if (request.Command != ControlRequest.Scrub || request.BytesPerSecond < 0)
            throw new MegatorrentException(ErrorKind.Unsupported, $"this node does not know the request '{request.Command}'");
        long start = Host.Time.GetTimestamp();
        ScrubReport report = await node.ScrubAsync(request.BytesPerSecond, cancellationToken);
        return new ControlAnswer(ScrubCommand.ToDocument(data, report, Host.Time.GetElapsedTime(start)), null);
    }

    private async Task AwaitStopAsync(int? parent, CancellationToken cancellationToken)
    {
        try
        {
            while (parent is not { } pid || NodeProcess.Exists(pid))
                await Task.Delay(parent is null ? Timeout.InfiniteTimeSpan : ParentCheckInterval, Host.Time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue);

    private static DefaultedOption<string> EndpointOption(string name, string description, string standard)
    {
        DefaultedOption<string> option = new(name, standard) { HelpName = "HOST:PORT", Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !EndpointText.IsEndpoint(result.Tokens[^1].Value, allowAnyPort: true))
                result.AddError($"{name}: '{result.Tokens[^1].Value}' is not an endpoint; {EndpointText.Hint}.");
        });
        return option;
    }
}
