using System.Runtime.InteropServices;

namespace Megatorrent.Cli.Launch;

/// <summary>
/// Keeps what a crash leaves behind free of keys: a process that works with them writes no core dump, and neither do those that it starts.
/// </summary>
internal static partial class CoreDumps
{
    /// <summary>The variable that, set to 1, leaves core dumps as the system has them: for who looks for a fault.</summary>
    public const string Variable = "MEGATORRENT_CORE_DUMPS";

    private const int CoreSize = 4; // RLIMIT_CORE

    // No dump is so short, so none is made; and to Linux it says that none goes to a program either (core(5), core_pattern with a pipe),
    // which a limit of 0 does not.
    private const ulong None = 1;

    /// <summary>Turns them off, if the environment does not want them and the system is Linux.</summary>
    public static void TurnOff(Func<string, string?> environment)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || environment(Variable) == "1")
            return;
        if (getrlimit(CoreSize, out Limit limit) == 0 && limit.Hard >= None)
            _ = setrlimit(CoreSize, limit with { Soft = None }); // a system that refuses leaves all as it was, and nothing can be done about it
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, out Limit limit);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, in Limit limit);

    // struct rlimit
    private record struct Limit(ulong Soft, ulong Hard);
}
