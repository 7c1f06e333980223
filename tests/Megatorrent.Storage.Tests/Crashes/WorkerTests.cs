namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>A slice of <c>./build.sh crash</c>: real processes on a real disk.</summary>
public sealed class WorkerTests
{
    [LinuxFact]
    public async Task What_a_killed_process_acknowledged_is_there()
    {
        ulong seed = (ulong)Random.Shared.NextInt64(1, int.MaxValue); // a failure prints it
        using var run = new KillRun(seed);
        for (int i = 0; i < 12; i++)
            await run.KillOnceAsync();
    }

    [LinuxTheory]
    [InlineData("pwritev", "ENOSPC", "2")]
    [InlineData("fsync", "EIO", "3")]
    [InlineData("rename", "EIO", "1")]
    [InlineData("openat", "EMFILE", "4+")]
    public async Task A_system_call_that_fails_costs_nothing_that_was_acknowledged(string call, string error, string when)
    {
        using var faults = new SystemCallFaults(1);
        await faults.BeginAsync();
        FaultOutcome outcome = await faults.RunAsync(call, error, when);
        Assert.NotEqual(0, outcome.Injected);
    }

    [LinuxFact]
    public Task Reads_and_writes_that_are_cut_short_go_on() => ShortTransfers.RunAsync(seed: 1, workers: 2, operations: 400);

    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "SIGKILL, strace and LD_PRELOAD are Linux's";
    }

    private sealed class LinuxTheoryAttribute : TheoryAttribute
    {
        public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : "strace is Linux's";
    }
}
