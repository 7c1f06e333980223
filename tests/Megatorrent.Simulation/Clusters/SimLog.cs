using System.Globalization;
using Megatorrent.Cluster;
using Megatorrent.Simulation.Engine;

namespace Megatorrent.Simulation.Clusters;

/// <summary>The lines of all nodes and of the simulation itself: the last of them, or all to a writer.</summary>
internal sealed class SimLog(SimScheduler scheduler, TextWriter? writer)
{
    private const int Kept = 40;

    private readonly Queue<string> _last = new();

    public IReadOnlyCollection<string> Last => _last;

    public ILogSink Of(string name) => new Sink(this, name);

    public void Write(string name, string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{scheduler.Elapsed.TotalSeconds,10:0.000000} {name,-8} {text}");
        writer?.WriteLine(line);
        if (_last.Count == Kept)
            _last.Dequeue();
        _last.Enqueue(line);
    }

    private sealed class Sink(SimLog log, string name) : ILogSink
    {
        public void Write(in LogEvent entry)
        {
            if (entry.Level != LogLevel.Debug || log.IsVerbose)
                log.Write(name, $"{entry.Level.ToString().ToLowerInvariant()} {entry.Text}");
        }
    }

    private bool IsVerbose => writer is not null;
}
