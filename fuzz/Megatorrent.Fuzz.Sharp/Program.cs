using Megatorrent.Fuzz.Targets;
using SharpFuzz;

namespace Megatorrent.Fuzz;

/// <summary>
/// <c>TARGET</c>: runs a target under AFL++ (<c>afl-fuzz</c>) or SharpFuzz's driver of libFuzzer (<c>libfuzzer-dotnet</c>), whichever starts this
/// program and hands it inputs.
/// </summary>
internal static class Program
{
    private const string SharedMemoryOfAfl = "__AFL_SHM_ID"; // what afl-fuzz sets for what it starts

    private static int Main(string[] args)
    {
        if (args is not [var name] || FuzzTargets.Find(name) is not { } target)
        {
            Console.Error.WriteLine($"usage: Megatorrent.Fuzz TARGET, one of: {string.Join(' ', FuzzTargets.All.Select(static target => target.Name))}");
            return 2;
        }

        bool isWarm = false;
        if (Environment.GetEnvironmentVariable(SharedMemoryOfAfl) is null)
            Fuzzer.LibFuzzer.Run(Test);
        else
            Fuzzer.Run(stream => Test(ReadAll(stream)));
        return 0;

        // Warm at the first input: where edges are counted exists only from then on.
        void Test(ReadOnlySpan<byte> input)
        {
            if (!isWarm)
                target.Warm();
            isWarm = true;
            target.Test(input);
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        return input.ToArray();
    }
}
