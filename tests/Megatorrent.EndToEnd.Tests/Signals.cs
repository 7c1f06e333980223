using System.Runtime.InteropServices;

namespace Megatorrent.EndToEnd.Tests;

/// <summary>Signals to processes, and waiting for what another process does.</summary>
internal static partial class Signals
{
    private const int Sigint = 2;
    private const int Sigstop = 19;
    private const int Sigcont = 18;

    /// <summary>What Ctrl-C sends.</summary>
    public static void Interrupt(int processId) => Assert.Equal(0, Send(processId, Sigint));

    /// <summary>The process stands still: alive for the kernel, silent for everybody else.</summary>
    public static void Freeze(int processId) => Assert.Equal(0, Send(processId, Sigstop));

    public static void Thaw(int processId) => Assert.Equal(0, Send(processId, Sigcont));

    /// <summary>Spins until something outside of this process holds; at most a minute.</summary>
    public static void SpinUntil(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, TimeSpan.FromMinutes(1)), "it did not come to pass within a minute");

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int processId, int signal);
}
