using System.Diagnostics;
using System.Globalization;

namespace Megatorrent.Stories;

/// <summary>An etcd cluster of real processes on loopback, whose members can be killed and started again on what they had on disk.</summary>
internal sealed class EtcdProcesses : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly StoryContext _story;
    private readonly int _basePort;
    private readonly Process?[] _processes;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };

    private EtcdProcesses(StoryContext story, int basePort, int members)
    {
        _story = story;
        _basePort = basePort;
        _processes = new Process?[members];
    }

    /// <summary>What `--etcd-endpoints` takes.</summary>
    public string Endpoints => string.Join(',', Enumerable.Range(0, _processes.Length).Select(ClientUrl));

    /// <summary>Starts the members and waits until all serve.</summary>
    public static async Task<EtcdProcesses> StartAsync(StoryContext story, int basePort, int members)
    {
        if (!File.Exists("/usr/bin/etcd") && !File.Exists("/usr/local/bin/etcd"))
            throw new StoryException("etcd is missing: sudo apt-get install --yes --no-install-recommends etcd-server");
        var etcd = new EtcdProcesses(story, basePort, members);
        try
        {
            for (int member = 0; member < members; member++)
                etcd.Launch(member);
            for (int member = 0; member < members; member++)
                await etcd.UntilHealthyAsync(member);
            return etcd;
        }
        catch
        {
            etcd.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill(int member)
    {
        using Process? process = _processes[member];
        _processes[member] = null;
        process?.Kill();
        process?.WaitForExit();
    }

    /// <summary>Starts a member again.</summary>
    public async Task RestartAsync(int member)
    {
        Launch(member);
        await UntilHealthyAsync(member);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int member = 0; member < _processes.Length; member++)
            Kill(member);
        _http.Dispose();
    }

    private string ClientUrl(int member) => Url(2 * member);

    private string PeerUrl(int member) => Url((2 * member) + 1);

    private string Url(int offset) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_basePort + offset}");

    private void Launch(int member)
    {
        string[] cluster = [.. Enumerable.Range(0, _processes.Length).Select(other => $"m{other}={PeerUrl(other)}")];
        ProcessStartInfo start = Shell.Start(null,
        [
            "etcd", "--name", $"m{member}", "--data-dir", Path.Combine(_story.Folder, $"etcd{member}"),
            "--listen-client-urls", ClientUrl(member), "--advertise-client-urls", ClientUrl(member),
            "--listen-peer-urls", PeerUrl(member), "--initial-advertise-peer-urls", PeerUrl(member),
            "--initial-cluster", string.Join(',', cluster), "--initial-cluster-state", "new", "--logger", "zap", "--log-level", "error",
        ]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        Process process = Process.Start(start) ?? throw new StoryException($"etcd {member} did not start");
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        _processes[member] = process;
    }

    private async Task UntilHealthyAsync(int member)
    {
        var clock = Stopwatch.StartNew();
        using var looks = new PeriodicTimer(Poll);
        while (clock.Elapsed < Limit)
        {
            try
            {
                if ((await _http.GetStringAsync($"{ClientUrl(member)}/health")).Contains("true", StringComparison.Ordinal))
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // Not yet.
            }
            if (_processes[member] is { HasExited: true })
                throw new StoryException($"etcd {member} ended");
            await looks.WaitForNextTickAsync();
        }
        throw new StoryException($"etcd {member} does not serve after {Limit.TotalSeconds} s");
    }
}
