using System.Diagnostics;

namespace Megatorrent.Build;

/// <summary>Says what is being done, and how long each step took.</summary>
internal sealed class Steps
{
    private readonly List<(string Name, TimeSpan Time, string Outcome)> _done = [];

    /// <summary>Runs one step between two progress lines. A step says how it ended: an empty text is plain success.</summary>
    public void Run(string name, Func<string> step)
    {
        Console.WriteLine($"==> {name}");
        Console.Out.Flush();
        long start = Stopwatch.GetTimestamp();
        string outcome = "failed";
        try
        {
            outcome = step();
        }
        finally
        {
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            _done.Add((name, time, outcome));
            Console.WriteLine($"    {(outcome.Length == 0 ? "done" : outcome)} in {time.TotalSeconds:0.0} s");
            Console.Out.Flush();
        }
    }

    /// <summary>Runs one step that only succeeds or throws.</summary>
    public void Run(string name, Action step) => Run(name, () =>
    {
        step();
        return "";
    });

    /// <summary>Prints every step with its time.</summary>
    public void Report()
    {
        Console.WriteLine();
        foreach ((string name, TimeSpan time, string outcome) in _done)
            Console.WriteLine($"{time.TotalSeconds,8:0.0} s  {name}{(outcome.Length == 0 ? "" : ": " + outcome)}");
        Console.WriteLine($"{_done.Sum(step => step.Time.TotalSeconds),8:0.0} s  in all");
    }
}
