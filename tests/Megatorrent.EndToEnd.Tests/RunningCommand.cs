using System.Diagnostics;

namespace Megatorrent.EndToEnd.Tests;

/// <summary>A process of the published binary. Every wait has a limit: a hang is a failure, not a stuck test run.</summary>
internal sealed class RunningCommand : IDisposable
{
    private readonly Process _process;
    private readonly Task<byte[]> _output;
    private readonly Task<string> _error;
    private readonly string _what;

    private RunningCommand(Process process, string what)
    {
        _process = process;
        _what = what;
        _output = ReadAsync(process.StandardOutput.BaseStream);
        _error = process.StandardError.ReadToEndAsync();
    }

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.HasExited;

    public static RunningCommand Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Binary)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Remove("MEGATORRENT_CLUSTER");
        start.Environment.Remove("MEGATORRENT_CREDENTIAL");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return new RunningCommand(process, "megatorrent " + string.Join(' ', arguments));
    }

    /// <summary>Waits for the end, at most <paramref name="seconds"/>.</summary>
    public CommandResult Wait(int seconds = 120)
    {
        bool ended = _process.WaitForExit(seconds * 1000);
        if (!ended)
            _process.Kill();
        Assert.True(ended, $"{_what} did not end within {seconds} s");
        return new CommandResult(_process.ExitCode, _output.Result, _error.Result);
    }

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static async Task<byte[]> ReadAsync(Stream output)
    {
        using var bytes = new MemoryStream();
        await output.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static string Binary { get; } = FindBinary();

    private static string FindBinary()
    {
        string? binary = Environment.GetEnvironmentVariable("MEGATORRENT_BIN");
        if (binary is null)
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null && binary is null; folder = folder.Parent)
            {
                string candidate = Path.Combine(folder.FullName, "artifacts", "bin", OperatingSystem.IsWindows() ? "megatorrent.exe" : "megatorrent");
                binary = File.Exists(candidate) ? candidate : null;
            }
        }

        return binary is not null && File.Exists(binary)
            ? binary
            : throw new InvalidOperationException("The published binary is missing: run ./build.sh native, or ./build.sh test, which does it first.");
    }
}
