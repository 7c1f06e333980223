using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Files;

/// <summary>A fresh cluster of the published binary on this machine, with a configuration folder of its own; disposing stops and deletes it.</summary>
internal sealed class LoopbackCluster : IDisposable
{
    private readonly string _binary;
    private readonly string _data;
    private readonly Dictionary<string, string> _environment;

    public LoopbackCluster(BenchContext context, string folder, int nodes)
    {
        _binary = context.Binary;
        _data = Path.Combine(folder, "cluster");
        _environment = new Dictionary<string, string>
        {
            ["XDG_CONFIG_HOME"] = Path.Combine(folder, "config"),
            ["XDG_CACHE_HOME"] = Path.Combine(folder, "cache"),
        };
        try
        {
            Command.Run(_binary, _environment, "cluster", "up", "--data", _data, "--nodes", nodes.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            Dispose(); // nodes that did not meet run all the same
            throw;
        }
    }

    /// <summary>Puts a file.</summary>
    public (RunTime Time, string Capability) Put(string file, string scheme = "4+2")
    {
        var (time, output) = Run("put", file, "--scheme", scheme);
        return (time, output);
    }

    /// <summary>Gets what was put into a file that is not there yet.</summary>
    public RunTime Get(string capability, string target) => Run("get", capability, "--output", target).Time;

    /// <summary>Kills the first nodes.</summary>
    public void Kill(int count)
    {
        foreach (int id in NodeProcesses().Take(count))
        {
            using Process node = Process.GetProcessById(id);
            node.Kill();
            node.WaitForExit();
        }
    }

    public void Dispose()
    {
        Command.Run(_binary, _environment, "cluster", "down", "--data", _data);
        Directory.Delete(_data, recursive: true);
    }

    private (RunTime Time, string Output) Run(params string[] arguments)
    {
        Command.Run("sync", _environment); // whatever an earlier step left unwritten would be charged to this one
        double before = NodeSeconds();
        Measurement run = Command.Run(_binary, _environment, arguments);
        return (new RunTime(run.Wall.TotalSeconds, run.Processor.TotalSeconds + NodeSeconds() - before), run.Output);
    }

    private double NodeSeconds() => NodeProcesses().Sum(static id =>
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return process.TotalProcessorTime.TotalSeconds;
        }
        catch (ArgumentException)
        {
            return 0; // killed, on purpose
        }
    });

    private List<int> NodeProcesses()
    {
        using JsonDocument cluster = JsonDocument.Parse(File.ReadAllText(Path.Combine(_data, "cluster.json")));
        return [.. cluster.RootElement.GetProperty("nodes").EnumerateArray().Select(static node => node.GetProperty("pid").GetInt32())];
    }
}
