using System.Globalization;
using System.Security.Cryptography;
using Megatorrent.Cli.Commands;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Demo;

/// <summary>
/// The steps of the demo. Each is timed and noted, held or not; the first that does not hold ends the run with an exception.
/// </summary>
/// <param name="host">The process around it.</param>
/// <param name="folder">An empty folder that is the demo's own.</param>
/// <param name="nodeArguments">What every node gets besides the demo's timings.</param>
internal sealed class DemoRun(CliHost host, string folder, IReadOnlyList<string> nodeArguments)
{
    private const int NodeCount = 6;
    private static readonly Scheme Scheme = new(4, 2);
    private static readonly TimeSpan MeetLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RepairLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StallLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan NothingToRepairAfter = TimeSpan.FromSeconds(20); // of a small file, the two may have held nothing
    private static readonly TimeSpan SpeakInterval = TimeSpan.FromSeconds(1);

    // Short, so that a death shows within seconds. A real cluster leaves a node minutes to come back.
    private static readonly string[] Timings =
        ["--heartbeat", "500ms", "--suspect", "2s", "--grace", "2s", "--repair-period", "5s", "--scrub-period", "0s"];

    private readonly List<DemoStep> _steps = [];
    private ClusterLauncher? _launcher;
    private Credential? _administrator;
    private string _source = "";
    private long _sourceLength;
    private byte[] _sourceHash = [];
    private PutResult? _put;

    /// <summary>What happened so far.</summary>
    public IReadOnlyList<DemoStep> Steps => _steps;

    /// <summary>The capability of the stored file, once it is stored.</summary>
    public Capability? Capability => _put?.Capability;

    /// <summary>Every process that was started.</summary>
    public IReadOnlyList<ClusterNode> Processes => _launcher?.Nodes ?? [];

    /// <summary>Runs all steps.</summary>
    /// <param name="path">The file to store, or null to make one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MegatorrentException">A step failed; it is in <see cref="Steps"/> with what happened.</exception>
    public async Task RunAsync(string? path, CancellationToken cancellationToken)
    {
        await StepAsync(path is null ? "make a file" : "hash the file", token => PrepareFileAsync(path, token), cancellationToken);
        await StepAsync($"start {NodeCount} nodes", StartNodesAsync, cancellationToken);
        await StepAsync($"put with {Scheme}", PutAsync, cancellationToken);
        ClusterNode[] original = [.. Processes];
        await StepAsync("kill two nodes", token => KillAsync([original[1], original[4]], token), cancellationToken);
        await StepAsync("get, two nodes dead", GetAsync, cancellationToken);
        await StepAsync("start two fresh nodes", StartFreshNodesAsync, cancellationToken);
        await StepAsync("repair", AwaitRepairAsync, cancellationToken);
        await StepAsync("verify every blob", VerifyAsync, cancellationToken);
        await StepAsync("kill two other nodes", token => KillAsync([original[0], original[3]], token), cancellationToken);
        await StepAsync("get, four of eight dead", GetAsync, cancellationToken);
    }

    /// <summary>Kills every node process that still runs.</summary>
    public async Task EndAsync()
    {
        _administrator?.Dispose();
        await ClusterLauncher.KillAsync(Processes, host.Time, CancellationToken.None);
    }

    private async Task StepAsync(string name, Func<CancellationToken, Task<StepResult>> work, CancellationToken cancellationToken)
    {
        long start = host.Time.GetTimestamp();
        try
        {
            StepResult result = await work(cancellationToken);
            TimeSpan elapsed = result.Took ?? host.Time.GetElapsedTime(start);
            _steps.Add(new DemoStep(name, true, result.Text, Math.Round(elapsed.TotalSeconds, 3), result.Bytes));
            string rate = result.Bytes is { } count ? $", {Human.Rate(count, elapsed)}" : "";
            host.Error.WriteLine($"{name}: {result.Text} ({Human.Elapsed(elapsed)}{rate})");
        }
        catch (Exception exception)
        {
            string problem = Failures.Describe(exception, cancellationToken.IsCancellationRequested).Message;
            _steps.Add(new DemoStep(name, false, problem, Math.Round(host.Time.GetElapsedTime(start).TotalSeconds, 3), null));
            throw;
        }
    }

    private async Task<StepResult> PrepareFileAsync(string? path, CancellationToken cancellationToken)
    {
        _source = path ?? Path.Combine(folder, "file");
        _sourceHash = path is null
            ? await DemoFile.WriteAsync(_source, DemoFile.Length, cancellationToken)
            : await DemoFile.HashAsync(_source, cancellationToken);
        _sourceLength = new FileInfo(_source).Length;
        return new($"{Human.Size(_sourceLength)}, SHA-256 {Convert.ToHexStringLower(_sourceHash)[..16]}…", _sourceLength);
    }

    private async Task<StepResult> StartNodesAsync(CancellationToken cancellationToken)
    {
        ClusterFolder cluster = ClusterFolder.Create(Path.Combine(folder, "cluster"), [.. Timings, .. nodeArguments], host);
        foreach (int port in FreePorts.Find(FreePorts.RandomBase(), NodeCount, new HashSet<int>()))
            cluster.AddNode(FreePorts.Loopback(port), host.Time.GetUtcNow());
        _launcher = new ClusterLauncher(host, cluster);
        _administrator = cluster.LoadCredential(host);
        _launcher.StartMissing();
        await _launcher.WaitUntilTheyMeetAsync(_launcher.Nodes, _administrator, MeetLimit, cancellationToken);
        return new($"{NodeCount} processes see each other", null);
    }

    private async Task<StepResult> PutAsync(CancellationToken cancellationToken)
    {
        _put = await WithClientAsync(
            (client, progress, token) => client.PutAsync(_source, new PutOptions { Scheme = Scheme }, progress, token), cancellationToken);
        string missing = _put.MissingBlobs > 0 ? $", {Human.Count(_put.MissingBlobs, "blob")} missing" : "";
        return new($"{Human.Count(_put.Stripes, "stripe")}, {Human.Size(_put.StoredBytes)} stored{missing}", _put.Bytes);
    }

    private async Task<StepResult> KillAsync(ClusterNode[] nodes, CancellationToken cancellationToken)
    {
        await ClusterLauncher.KillAsync(nodes, host.Time, cancellationToken);
        return new($"SIGKILL to {string.Join(" and ", nodes.Select(node => node.Domain))}", null);
    }

    private async Task<StepResult> GetAsync(CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, "got");
        long start = host.Time.GetTimestamp();
        GetResult result = await WithClientAsync(
            (client, progress, token) => client.GetAsync(_put!.Capability, path, new GetOptions(), progress, token), cancellationToken);
        TimeSpan took = host.Time.GetElapsedTime(start); // without hashing what came
        byte[] hash = await DemoFile.HashAsync(path, cancellationToken);
        File.Delete(path);
        if (!CryptographicOperations.FixedTimeEquals(hash, _sourceHash))
            throw new MegatorrentException(ErrorKind.Integrity, $"the file came back with SHA-256 {Convert.ToHexStringLower(hash)}");
        return new($"SHA-256 equal, {Human.Count(result.BlobsRebuilt, "blob")} rebuilt", result.Bytes, took);
    }

    private async Task<StepResult> StartFreshNodesAsync(CancellationToken cancellationToken)
    {
        ClusterLauncher launcher = _launcher!;
        ClusterNode[] living = [.. Processes.Where(ClusterLauncher.IsRunning)];
        HashSet<int> taken = FreePorts.Of(Processes);
        List<ClusterNode> fresh = [];
        foreach (int port in FreePorts.Find(taken.Min(), 2, taken))
        {
            Invitation invitation = InviteCommand.Create(
                _administrator!, Role.Node, host.Time.GetUtcNow().AddMinutes(5), TimeSpan.FromDays(1),
                [.. living.Select(node => node.Listen)]);
            string name = string.Create(CultureInfo.InvariantCulture, $"node{Processes.Count + 1}");
            ClusterNode node = new("", 0, FreePorts.Loopback(port), Path.Combine(launcher.Folder.Path, name), name);
            fresh.Add(launcher.Start(node, ["--invite", invitation.ToText()]));
        }
        await launcher.WaitUntilTheyMeetAsync([.. living, .. fresh], _administrator!, MeetLimit, cancellationToken);
        fresh.ForEach(launcher.NoteIdentity);
        return new($"{string.Join(" and ", fresh.Select(node => node.Domain))} joined with invitations", null);
    }

    // The nodes say when they are done; whether it is true, the next step finds out.
    private async Task<StepResult> AwaitRepairAsync(CancellationToken cancellationToken)
    {
        long start = host.Time.GetTimestamp();
        long spoken = start;
        string last = "";
        int living = Processes.Count(ClusterLauncher.IsRunning);
        return await WithClientAsync<StepResult>(
            async (client, _, token) =>
            {
                while (true)
                {
                    StatusDocument status = await StatusReport.CollectAsync(client, _launcher!.Folder.Document, token);
                    StatusRepair[] repairs = [.. status.Nodes.Select(node => node.Repair).OfType<StatusRepair>()];
                    long restored = repairs.Sum(repair => repair.BlobsRestoredTotal);
                    string now = $"repair: {Human.Count(restored, "blob")} restored, "
                        + $"{repairs.Sum(repair => repair.RepairedTotal)} stripes repaired, "
                        + $"{repairs.Count(repair => repair.Settled)} of {living} living nodes settled";
                    if (now != last && host.Time.GetElapsedTime(spoken) > SpeakInterval)
                    {
                        host.Error.WriteLine(now);
                        (last, spoken) = (now, host.Time.GetTimestamp());
                    }
                    bool begun = restored > 0 || host.Time.GetElapsedTime(start) > NothingToRepairAfter;
                    if (begun && repairs.Length == living && repairs.All(repair => repair.Settled))
                        return new($"{Human.Count(restored, "blob")} restored on {living} living nodes",
                            repairs.Sum(repair => repair.BytesMovedTotal));
                    if (host.Time.GetElapsedTime(start) > RepairLimit)
                        throw new MegatorrentException(
                            ErrorKind.Timeout, $"repair did not settle within {Human.Elapsed(RepairLimit)}; {now}");
                    await Task.Delay(PollInterval, host.Time, token);
                }
            },
            cancellationToken,
            RepairLimit + StallLimit);
    }

    // A node may call itself settled on a view that is a moment old: what counts is that every blob is read.
    private async Task<StepResult> VerifyAsync(CancellationToken cancellationToken)
    {
        long start = host.Time.GetTimestamp();
        while (true)
        {
            long begun = host.Time.GetTimestamp();
            VerifyReport report = await WithClientAsync(
                (client, progress, token) => client.VerifyAsync(_put!.Capability, progress, token), cancellationToken);
            string result = $"{report.HealthyStripes} of {Human.Count(report.Stripes, "stripe")} have all their blobs "
                + $"({report.GoodBlobs} read and hashed)";
            if (report.Healthy)
                return new(result, _put!.StoredBytes, host.Time.GetElapsedTime(begun));
            if (host.Time.GetElapsedTime(start) > RepairLimit)
            {
                throw new MegatorrentException(
                    ErrorKind.NotEnoughBlobs, $"{result}; {report.MissingBlobs} missing, {report.BadBlobs.Count} damaged");
            }
            host.Error.WriteLine($"repair: {result}, {report.MissingBlobs} missing");
            await Task.Delay(SpeakInterval, host.Time, cancellationToken);
        }
    }

    private async Task<T> WithClientAsync<T>(
        Func<MegatorrentClient, ProgressLine, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken,
        TimeSpan? stallLimit = null)
    {
        using StallGuard guard = new(host.Time, stallLimit ?? StallLimit, cancellationToken);
        using ProgressLine progress = new(host, guard);
        return await guard.RunAsync(async token =>
        {
            string[] endpoints = [.. Processes.Where(ClusterLauncher.IsRunning).Select(node => node.Listen)];
            ClientOptions options = new()
            {
                Endpoints = endpoints,
                Credential = _administrator!,
                Transport = host.Transport,
                Time = host.Time,
            };
            await using MegatorrentClient client = await MegatorrentClient.ConnectAsync(options, token);
            return await work(client, progress, token);
        });
    }

    /// <summary>What a step did.</summary>
    /// <param name="Text">In words.</param>
    /// <param name="Bytes">Bytes that it moved, for the rate.</param>
    /// <param name="Took">The time that counts, where it is not the whole step's.</param>
    private sealed record StepResult(string Text, long? Bytes, TimeSpan? Took = null);
}
