using Megatorrent.Fuzz.Targets;
using SharpFuzz;

namespace Megatorrent.Fuzz;

/// <summary><c>TARGET</c>: runs a target under SharpFuzz's driver of libFuzzer, which starts this program and hands it inputs.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not [var name] || FuzzTargets.Find(name) is not { } target)
        {
            Console.Error.WriteLine($"usage: Megatorrent.Fuzz TARGET, one of: {string.Join(' ', FuzzTargets.All.Select(static target => target.Name))}");
            return 2;
        }

        target.Warm();
        Fuzzer.LibFuzzer.Run(input => target.Test(input));
        return 0;
    }
}
