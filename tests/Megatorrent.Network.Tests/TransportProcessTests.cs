using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Megatorrent.Network.Tests.Support;
using Megatorrent.Network.Uring;

namespace Megatorrent.Network.Tests;

/// <summary>What an engine does to a process, and the process's system to an engine. Each in a process of its own.</summary>
public partial class TransportProcessTests
{
    public static TheoryData<string> Engines => [.. Over.Engines];

    // The numbers are those of EPERM, ENOSYS and EINVAL: a profile that forbids, one that pretends, an old kernel.
    [LinuxTheory]
    [InlineData("without-setup", 1, "forbids")]
    [InlineData("without-setup", 38, "the kernel does not have it")]
    [InlineData("without-setup", 22, "Linux 6.1")]
    [InlineData("without-register", 1, "lacks the operation")]
    [InlineData("without-enter", 1, "cannot be entered")]
    public async Task Where_io_uring_is_refused_the_portable_engine_serves(string what, int errno, string reason)
    {
        string report = await RunAsync(what, errno.ToString(CultureInfo.InvariantCulture));
        Assert.StartsWith("portable; io_uring cannot be used here: ", report);
        Assert.Contains(reason, report);
        Assert.EndsWith("descriptors 0", report);
    }

    [UringFact]
    public async Task When_io_uring_is_taken_away_its_connections_end_and_new_ones_are_portable() =>
        Assert.Equal("io_uring; Unreachable, Unreachable; portable", await RunAsync("loses-enter"));

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Thousands_of_connections_leave_no_descriptor(string engine) =>
        Assert.Equal("3000 connections, 0 descriptors left", await RunAsync("churn", engine));

    [UringFact]
    public async Task A_message_allocates_nothing()
    {
        string report = await RunAsync("allocations", Over.IoUring);
        double bytes = double.Parse(Number().Match(report).Value, CultureInfo.InvariantCulture);
        Assert.True(bytes < 8, report); // what the runtime allocates beside it
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The tests run in the host of dotnet test, which is the dotnet program itself.
        foreach (string argument in (string[])["exec", typeof(ChildProgram).Assembly.Location, .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {process.ExitCode}: {await output} {await error}");
        return (await output).Trim();
    }

    [GeneratedRegex(@"[\d.]+")]
    private static partial Regex Number();

    private sealed class LinuxTheoryAttribute : TheoryAttribute
    {
        public LinuxTheoryAttribute()
        {
            if (!OperatingSystem.IsLinux())
                Skip = "seccomp is Linux's";
        }
    }

    private sealed class UringFactAttribute : FactAttribute
    {
        public UringFactAttribute()
        {
            if (UringTransport.TryGet(out string why) is null)
                Skip = $"io_uring: {why}";
        }
    }
}
