using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Nodes;

/// <summary>A process of the published binary that runs one node.</summary>
internal sealed partial class NodeProgram : IDisposable
{
    private const int Terminate = 15; // SIGTERM
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private NodeProgram(Process process, string endpoint, TimeSpan ready)
    {
        _process = process;
        Endpoint = endpoint;
        Ready = ready;
    }

    /// <summary>Where it listens.</summary>
    public string Endpoint { get; }

    /// <summary>From just before the process was made until the document arrived by which it says that it serves.</summary>
    public TimeSpan Ready { get; }

    /// <summary>Bytes of it that are in memory.</summary>
    public long ResidentBytes => Resident.BytesOf(_process.Id);

    /// <summary>Starts a node on a folder that has an identity and a certificate, and waits until it says that it serves.</summary>
    public static NodeProgram Start(BenchContext context, string folder)
    {
        var start = new ProcessStartInfo(context.Binary) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["node", "--data", folder, "--listen", "127.0.0.1:0", "--json", "--log", folder + ".log"])
            start.ArgumentList.Add(argument);
        long begin = Stopwatch.GetTimestamp();
        Process process = Process.Start(start)!;
        string text = "";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            text += line;
            if (line == "}") // the document is indented; this ends it
            {
                TimeSpan ready = Stopwatch.GetElapsedTime(begin);
                using JsonDocument document = JsonDocument.Parse(text);
                return new NodeProgram(process, document.RootElement.GetProperty("listen").GetString()!, ready);
            }
        }

        string error = process.StandardError.ReadToEnd().Trim();
        process.Dispose();
        throw new InvalidOperationException($"the node ended before it served: {error}");
    }

    /// <summary>Has it stop as an administrator would, and waits for that.</summary>
    public void Dispose()
    {
        _ = Kill(_process.Id, Terminate);
        if (!_process.WaitForExit(Patience))
            _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
