using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>The sink with the node's name and clock filled in.</summary>
internal sealed class EventLog(ILogSink sink, TimeProvider time, NodeId node)
{
    public void Debug(string text) => Write(LogLevel.Debug, text);

    public void Info(string text) => Write(LogLevel.Info, text);

    public void Warn(string text) => Write(LogLevel.Warn, text);

    public void Error(string text) => Write(LogLevel.Error, text);

    public void Write(LogLevel level, string text) => sink.Write(new LogEvent(time.GetUtcNow(), level, node, text));
}
