using System.Diagnostics;
using Megatorrent.Network;

namespace Megatorrent.Bench.Transport;

/// <summary>Engines under one load, in turn, each with connections that stay open meanwhile.</summary>
internal sealed class Contest : IDisposable
{
    private const int WarmUpSlices = 5; // our engine is compiled while it runs, .NET's comes compiled

    private readonly Load _load;
    private readonly IAnswering[] _contenders;

    public Contest(ITransport[] engines, Load load, bool sealedBySessions)
    {
        _load = load;
        _contenders = [.. engines.Select(engine => Open(engine, load, sealedBySessions))];
    }

    /// <summary>Checks that answers are right, warms up, and measures.</summary>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="slices">Parts of a round, in which they take turns: whatever else the machine does falls on all alike.</param>
    /// <param name="slice">How long a part is.</param>
    /// <returns>The medians of the first engine and of the second.</returns>
    /// <exception cref="InvalidOperationException">An answer was wrong.</exception>
    public (Figure First, Figure Second) Run(int rounds, int slices, TimeSpan slice)
    {
        foreach (IAnswering contender in _contenders)
        {
            contender.CheckAsync().GetAwaiter().GetResult();
            for (int i = 0; i < WarmUpSlices; i++)
                Measure(contender, slice);
        }
        List<Figure>[] figures = [.. _contenders.Select(static _ => new List<Figure>())];
        for (int round = 0; round < rounds; round++)
        {
            var sums = new Figure[_contenders.Length];
            for (int turn = 0; turn < slices * sums.Length; turn++)
            {
                int contender = (round + turn + turn / sums.Length) % sums.Length;
                sums[contender] += Measure(_contenders[contender], slice);
            }
            for (int i = 0; i < sums.Length; i++)
                figures[i].Add(sums[i]);
        }
        return (Figure.Median(figures[0]), Figure.Median(figures[1]));
    }

    public void Dispose()
    {
        foreach (IAnswering contender in _contenders)
            contender.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static IAnswering Open(ITransport engine, Load load, bool sealedBySessions) =>
        (sealedBySessions ? SessionAnswers.OpenAsync(engine, load) : BareAnswers.OpenAsync(engine, load)).GetAwaiter().GetResult();

    private Figure Measure(IAnswering contender, TimeSpan length)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        long[] answers = Task.WhenAll(Enumerable.Range(0, _load.Connections).Select(
            connection => Task.Run(() => contender.AskAsync(connection, () => Stopwatch.GetElapsedTime(start) < length))))
            .GetAwaiter().GetResult();
        return new Figure(
            answers.Sum(), Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds,
            GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}
