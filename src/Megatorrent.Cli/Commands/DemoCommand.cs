using System.CommandLine;
using Megatorrent.Cli.Demo;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Core;

namespace Megatorrent.Cli.Commands;

/// <summary><c>demo</c>: shows on real processes that a file outlives its nodes.</summary>
internal sealed class DemoCommand : CliCommand
{
    // Source, six stores with half as much again, what repair adds, and the copy that comes back.
    private const int SpaceFactor = 4;
    private const long SpaceBeside = 256L * 1024 * 1024;

    private readonly Argument<string?> _path = new("PATH")
    {
        Description = "The file to store. Default: 256 MiB that the demo makes, half text-like, half random.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _keep = new("--keep") { Description = "Leave the cluster running at the end and say how to use it." };

    /// <summary>Creates the command.</summary>
    public DemoCommand(CliHost host)
        : base(
            "demo",
            "Start six nodes, store a file, kill two, get it back, let repair bring in two fresh ones, kill two others, get it again.",
            host)
    {
        Add(_path);
        Add(_keep);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          It runs in a folder of its own under the temporary folder (TMPDIR) and does not touch this user's configuration.
          It exits with 0 only if every step held. Processes and folder are removed at the end; after a failure the logs stay.
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string? path = parse.GetValue(_path) is { } given ? Path.GetFullPath(given) : null;
        if (path is not null && !File.Exists(path))
            throw new MegatorrentException(
                ErrorKind.NotFound, $"'{path}' {(Directory.Exists(path) ? "is a directory; the demo takes a file" : "does not exist")}");
        bool keep = parse.GetValue(_keep);
        CheckSpace(path is null ? DemoFile.Length : new FileInfo(path).Length);
        long start = Host.Time.GetTimestamp();
        string folder = Directory.CreateTempSubdirectory("megatorrent-demo-").FullName;
        string[] nodeArguments = keep ? [] : ["--parent", $"{Environment.ProcessId}"];
        DemoRun run = new(Host, folder, nodeArguments);
        bool held = false;
        try
        {
            await run.RunAsync(path, cancellationToken);
            held = true;
        }
        finally
        {
            if (!held || !keep)
                await run.EndAsync();
            if (!held && !cancellationToken.IsCancellationRequested && run.Processes.Count > 0)
                KeepLogs(folder);
            else if (!held || !keep)
                Directory.Delete(folder, recursive: true);
            Report(parse, run, held, held && keep ? folder : null, Seconds(start));
        }
        if (keep)
            TellHowToUse(folder, run);
        return ExitCodes.Done;
    }

    private static void CheckSpace(long fileLength)
    {
        string folder = Path.GetTempPath();
        long needed = fileLength * SpaceFactor + SpaceBeside;
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < needed)
        {
            throw new MegatorrentException(
                ErrorKind.InputOutput,
                $"{folder} has {Human.Size(free)} free and the demo needs {Human.Size(needed)}; TMPDIR names another place");
        }
    }

    // Stores and copies are large and of no use afterwards; what the nodes wrote is what helps.
    private void KeepLogs(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (!file.EndsWith(".log", StringComparison.Ordinal))
                File.Delete(file);
        }
        Host.Error.WriteLine($"the logs of the nodes are in {folder}");
    }

    private void Report(ParseResult parse, DemoRun run, bool held, string? kept, double seconds)
    {
        if (Json(parse))
        {
            // A demo that failed ends with an error document; two documents are one too many.
            if (held)
            {
                string? capability = kept is null ? null : run.Capability?.ToString();
                JsonOutput.Write(Host, new DemoDocument(held, seconds, kept, capability, run.Steps), CliJson.Output.DemoDocument);
            }
            return;
        }
        TextTable table = new("step", "", "result", ">time", ">rate");
        foreach (DemoStep step in run.Steps)
        {
            TimeSpan elapsed = TimeSpan.FromSeconds(step.Seconds);
            string rate = step.Bytes is { } bytes ? Human.Rate(bytes, elapsed) : "";
            table.Add(step.Step, step.Held ? "ok" : "FAILED", step.Result, Human.Elapsed(elapsed), rate);
        }
        Host.Error.WriteLine();
        table.Write(Host.Out, int.MaxValue);
        if (held)
        {
            string time = Human.Elapsed(TimeSpan.FromSeconds(seconds));
            Host.Out.WriteLine($"Every step held, {time} in all: four nodes were killed, and the file is the same.");
        }
        Host.Out.Flush();
    }

    private void TellHowToUse(string folder, DemoRun run)
    {
        ClusterFolder cluster = ClusterFolder.Open(Path.Combine(folder, "cluster"));
        string endpoints = string.Join(',', run.Processes.Where(ClusterLauncher.IsRunning).Select(node => node.Listen));
        Host.Error.WriteLine("The cluster is still running. To use it:");
        Host.Error.WriteLine($"  export MEGATORRENT_CLUSTER={endpoints}");
        Host.Error.WriteLine($"  export MEGATORRENT_CREDENTIAL={cluster.CredentialPath}");
        Host.Error.WriteLine("  megatorrent status");
        Host.Error.WriteLine($"  megatorrent get {run.Capability} -o copy");
        Host.Error.WriteLine($"To end it: megatorrent cluster down --data {cluster.Path} && rm -r {folder}");
    }
}
