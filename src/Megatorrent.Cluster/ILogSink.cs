namespace Megatorrent.Cluster;

/// <summary>Takes a node's log. The product writes lines to standard error; tests collect them.</summary>
public interface ILogSink
{
    /// <summary>Takes one event. Called from any thread, must not block for long and must not throw.</summary>
    void Write(in LogEvent entry);
}
