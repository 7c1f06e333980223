using Megatorrent.Cluster;

namespace Megatorrent.Cli.Terminal;

/// <summary>
/// Writes a node's log, one line an event, to standard error or to a file. Thread-safe; a log that cannot be written is not worth a crash.
/// </summary>
internal sealed class LineLog : ILogSink, IDisposable
{
    private readonly TextWriter _writer;
    private readonly bool _owned;
    private readonly LogLevel _least;
    private readonly Lock _gate = new();

    private LineLog(TextWriter writer, bool owned, LogLevel least)
    {
        _writer = writer;
        _owned = owned;
        _least = least;
    }

    /// <summary>A log that appends to a file.</summary>
    public static LineLog ToFile(string path, LogLevel least)
    {
        FileStream stream = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        return new LineLog(new StreamWriter(stream) { AutoFlush = true }, owned: true, least);
    }

    /// <summary>A log on standard error.</summary>
    public static LineLog ToError(CliHost host, LogLevel least) => new(host.Error, owned: false, least);

    /// <inheritdoc/>
    public void Write(in LogEvent entry)
    {
        if (entry.Level < _least)
            return;
        string line = entry.ToString();
        lock (_gate)
        {
            try
            {
                _writer.WriteLine(line);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // The disk is full, or the node is ending.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_owned)
                _writer.Dispose();
        }
    }
}
