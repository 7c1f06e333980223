using System.Collections.Concurrent;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>Keeps the lines of all nodes and beats at each.</summary>
internal sealed class TestLog(Pulse pulse) : ILogSink
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IEnumerable<string> Lines => _lines;

    public void Write(in LogEvent entry)
    {
        _lines.Enqueue(entry.ToString());
        pulse.Beat();
    }

    public string Tail() => string.Join('\n', _lines.TakeLast(60));
}
