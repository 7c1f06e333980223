using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Json;

/// <summary>Writes the one document that a command with <c>--json</c> puts on standard output.</summary>
internal static class JsonOutput
{
    /// <summary>Writes <paramref name="document"/> and a line break.</summary>
    public static void Write<T>(CliHost host, T document, JsonTypeInfo<T> type)
    {
        host.Out.WriteLine(JsonSerializer.Serialize(document, type));
        host.Out.Flush();
    }
}
