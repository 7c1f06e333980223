using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Megatorrent.Stories;

/// <summary>A node: a process of the published binary with its folder, which can be killed, stopped and started again.</summary>
/// <param name="number">Its number, from 0.</param>
/// <param name="folder">Its data directory.</param>
/// <param name="endpoint">Where it listens.</param>
/// <param name="command">The command that starts it.</param>
internal sealed class StoryNode(int number, string folder, string endpoint, string[] command) : IDisposable
{
    private const int SignalTerminate = 15;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private Process? _process;

    /// <summary>Its number, from 0.</summary>
    public int Number => number;

    /// <summary>Its data directory.</summary>
    public string Folder => folder;

    /// <summary>Where it listens.</summary>
    public string Endpoint => endpoint;

    /// <summary>Whether its process runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Its segment files, the largest first.</summary>
    public FileInfo[] Segments => [.. new DirectoryInfo(folder)
        .EnumerateFiles("*.seg", SearchOption.AllDirectories).OrderByDescending(static file => file.Length)];

    /// <summary>Bytes in its segment files.</summary>
    public long StoredBytes => Segments.Sum(static file => file.Length);

    /// <summary>What its process takes of the machine now.</summary>
    public NodeUsage Usage
    {
        get
        {
            string process = $"/proc/{_process!.Id}";
            string[] status = File.ReadAllLines($"{process}/status");
            return new NodeUsage(
                Field("VmRSS:") << 10, Directory.GetFiles($"{process}/fd").Length, (int)Field("Threads:"), StoredBytes);

            long Field(string name) => long.Parse(
                status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
                System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Starts it, and returns when it says that it serves.</summary>
    public async Task StartAsync()
    {
        ProcessStartInfo start = Shell.Start(null, command);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new StoryException($"node {number} did not start");
        _ = _process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        string? line = await _process.StandardOutput.ReadLineAsync(limit.Token);
        if (line is null)
            throw new StoryException($"node {number} ended before it served; its log is in {folder}");
        _ = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopAsync()
    {
        if (_process is null || _process.HasExited)
            return;
        Signal(_process.Id, SignalTerminate);
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
    }

    /// <summary>Kills it.</summary>
    public void Dispose()
    {
        if (IsRunning)
            Kill();
        _process?.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Signal(int process, int signal);
}
