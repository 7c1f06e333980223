namespace Megatorrent.Cluster;

/// <summary>Drops every event.</summary>
public sealed class NullLogSink : ILogSink
{
    /// <summary>The one instance; it has no state.</summary>
    public static NullLogSink Instance { get; } = new();

    private NullLogSink()
    {
    }

    /// <inheritdoc/>
    public void Write(in LogEvent entry)
    {
    }
}
