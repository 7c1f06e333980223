using System.Globalization;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>One line of a node's log.</summary>
/// <param name="Time">When, on the node's clock.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Node">Which node says so.</param>
/// <param name="Text">What happened; one line, no secrets.</param>
public readonly record struct LogEvent(DateTimeOffset Time, LogLevel Level, NodeId Node, string Text)
{
    /// <summary>"2026-11-21T10:02:03.456Z info 1f2e3d4c5b member 9a8b7c6d5e suspect: no answer for 1.2 s".</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {LevelText(Level)} {Node.ToShortString()} {OneLine(Text)}");

    private static string LevelText(LogLevel level) => level switch
    {
        LogLevel.Debug => "debug",
        LogLevel.Info => "info",
        LogLevel.Warn => "warn",
        _ => "error",
    };

    // Texts may quote a peer: a control character must not start a second line or steer a terminal.
    private static string OneLine(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.Contains('\u007f'))
            return text;
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }
}
