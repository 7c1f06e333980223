using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.Versioning;
using Megatorrent.Cli.Launch;
using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Tests.Launch;

[SupportedOSPlatform("linux")]
public class PosixSpawnTests
{
    [Fact]
    public void TheProcessHasASessionOfItsOwnAndNothingOfOurs()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using TestHost test = new();
        // A descriptor that our own children would inherit.
        using AnonymousPipeServerStream pipe = new(PipeDirection.In, HandleInheritability.Inheritable);
        string script = "echo session $(cut -d' ' -f6 /proc/self/stat) of $$; readlink /proc/$$/fd/0; ls /proc/$$/fd; "
            + "echo to standard error >&2; echo $WORD \"$1\"";
        Dictionary<string, string> environment =
            new() { ["WORD"] = "naïve", ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/bin" };
        int pid = PosixSpawn.Start("/bin/sh", ["-c", script, "sh", "two words"], environment, test.At("log"));
        AwaitEnd(pid);
        string[] lines = File.ReadAllLines(test.At("log"));
        Assert.Equal([$"session {pid} of {pid}", "/dev/null", "0", "1", "2", "to standard error", "naïve two words"], lines);
        Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(test.At("log")));
    }

    [Fact]
    public void OutputIsAppended()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using TestHost test = new();
        for (int i = 0; i < 2; i++)
            AwaitEnd(PosixSpawn.Start("/bin/sh", ["-c", "echo line"], new Dictionary<string, string>(), test.At("log")));
        Assert.Equal("line\nline\n", File.ReadAllText(test.At("log")));
    }

    [Fact]
    public void AProgramThatIsNotThereIsNamed()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using TestHost test = new();
        IOException exception = Assert.Throws<IOException>(
            () => PosixSpawn.Start("/none/such", [], new Dictionary<string, string>(), test.At("log")));
        Assert.Contains("/none/such", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunningProcessIsKnownByItsDataDirectory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using TestHost test = new();
        // `read` on /dev/null ends at once, so the shell waits for a process that waits for a signal.
        int pid = PosixSpawn.Start(
            "/bin/sh", ["-c", "exec tail -f /dev/null", "sh"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
            test.At("log"));
        Stopwatch limit = Stopwatch.StartNew();
        while (!NodeProcess.IsRunning(pid, "/dev/null") && limit.Elapsed < TimeSpan.FromSeconds(10))
            Thread.Yield();
        Assert.True(NodeProcess.IsRunning(pid, "/dev/null"));
        Assert.False(NodeProcess.IsRunning(pid, "/another"));
        NodeProcess.Terminate(pid);
        AwaitEnd(pid);
        Assert.False(NodeProcess.IsRunning(pid, "/dev/null"));
        Assert.False(NodeProcess.IsRunning(0, "/dev/null"));
    }

    private static void AwaitEnd(int pid)
    {
        Stopwatch limit = Stopwatch.StartNew();
        while (PosixSpawn.HasEnded(pid) is false)
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(20), "the process does not end");
            Thread.Yield();
        }
    }
}
