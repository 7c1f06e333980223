using System.Diagnostics;

namespace Megatorrent.Bench.Table;

/// <summary>Measures contenders in turn, so that whatever slows the machine for a while slows them all.</summary>
internal static class Interleaved
{
    /// <summary>Runs every contender once to warm up, then <paramref name="rounds"/> times in turn, each round beginning with the next.</summary>
    /// <returns>The median seconds of each.</returns>
    public static double[] Seconds(int rounds, params Action[] contenders)
    {
        foreach (Action contender in contenders)
            contender();
        return Medians(rounds, contenders.Length, contender =>
        {
            long start = Stopwatch.GetTimestamp();
            contenders[contender]();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }

    /// <summary>The medians of figures that the contenders take themselves.</summary>
    public static double[] Medians(int rounds, int contenders, Func<int, double> measure)
    {
        var figures = new double[contenders][];
        for (int i = 0; i < contenders; i++)
            figures[i] = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < contenders; turn++)
            {
                int contender = (round + turn) % contenders;
                figures[contender][round] = measure(contender);
            }
        }

        return [.. figures.Select(Figures.Median)];
    }
}
