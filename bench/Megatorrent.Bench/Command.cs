using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Megatorrent.Bench;

/// <summary>Runs a program and takes its time: wall clock, and processor seconds of it and its children that ended.</summary>
internal static class Command
{
    public static Measurement Run(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // GNU time measures a process and the children that it waited for; .NET forgets the processor time of a process that has ended.
        string times = Path.GetTempFileName();
        var start = new ProcessStartInfo("/usr/bin/time") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["--quiet", "--format", "%U %S", "--output", times, program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        long begin = Stopwatch.GetTimestamp();
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            process.WaitForExit();
            TimeSpan wall = Stopwatch.GetElapsedTime(begin);
            return process.ExitCode == 0
                ? new Measurement(wall, Processor(File.ReadAllText(times)), output.Result.Trim())
                : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Result.Trim()}");
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"/usr/bin/time cannot be started ({exception.Message}). On Debian: apt-get install time", exception);
        }
        finally
        {
            File.Delete(times);
        }
    }

    private static TimeSpan Processor(string times) =>
        TimeSpan.FromSeconds(times.Split(' ').Sum(static seconds => double.Parse(seconds, CultureInfo.InvariantCulture)));
}
