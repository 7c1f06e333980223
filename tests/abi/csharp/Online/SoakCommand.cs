using System.Diagnostics;
using System.Globalization;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>The argument soak: works for a while with what came back compared, forces collections, and looks at the memory.</summary>
internal static class SoakCommand
{
    private const int ObjectLength = 3000000;
    private const double GrowthRatioMax = 1.15;
    private const long GrowthBytesMax = 32L << 20;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>Works for <paramref name="seconds"/> and says what it saw.</summary>
    /// <returns>Whether all was right.</returns>
    public static async Task<bool> RunAsync(int seconds)
    {
        string? fault = null;
        try
        {
            await ClusterAccess.WithClientAsync(async client => fault = await WorkAsync(client, TimeSpan.FromSeconds(seconds)));
        }
        catch (Exception exception) when (exception is not SkipException)
        {
            fault = Check.Describe(exception);
        }

        Console.WriteLine(fault is null ? "ok soak" : $"not ok soak: {fault}");
        return fault is null;
    }

    private static async Task<string?> WorkAsync(MegatorrentClient client, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp(), operations = 0, early = 0, last = 0;
        TimeSpan nextBeat = Beat;
        for (uint turn = 0; Stopwatch.GetElapsedTime(start) < time; turn++)
        {
            byte[] bytes = Pattern.Of(turn, ObjectLength);
            Capability capability = (await client.PutBytesAsync(bytes)).Capability;
            Check.Same(bytes, await client.ReadBytesAsync(capability), $"what comes back in turn {turn}");
            Check.That((await client.VerifyAsync(capability)).Healthy, $"the object of turn {turn} is not healthy");
            GC.Collect();
            GC.WaitForPendingFinalizers();
            operations += 3;

            last = Resident();
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (early == 0 && elapsed >= time / 5)
                early = last;
            if (elapsed < nextBeat)
                continue;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"soak {(int)elapsed.TotalSeconds} {last} {operations}"));
            nextBeat = elapsed + Beat;
        }

        bool flat = last <= (early * GrowthRatioMax) + GrowthBytesMax;
        return flat ? null : $"{last} bytes are resident at the end, and {early} were after a fifth of the time";
    }

    private static long Resident()
    {
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
