using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Megatorrent.Client.Location;
using Megatorrent.Core;

namespace Megatorrent.Fuzz.Targets;

/// <summary>The files <c>cluster.json</c> and the pointer to it: what is read is written, read and written as the same text.</summary>
[Covers(typeof(ClusterFile))]
[Covers(typeof(ClusterPointer))]
internal sealed class ClusterFileTarget() : FuzzTarget("cluster-file")
{
    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        string text = Encoding.UTF8.GetString(input[1..]).Trim();
        if (input[0] == (byte)'C')
            Check(text, LocationJson.Default.ClusterDocument, static document => document is { Nodes: not null, Cluster: not null });
        else if (input[0] == (byte)'P')
            Check(text, LocationJson.Default.PointerDocument, static _ => true);
    }

    private static void Check<T>(string text, JsonTypeInfo<T> type, Func<T, bool> isWhole)
        where T : class
    {
        string written;
        try
        {
            if (JsonSerializer.Deserialize(text, type) is not { } document || !isWhole(document))
                return;
            written = JsonSerializer.Serialize(document, type);
        }
        catch (JsonException exception)
        {
            throw new MegatorrentException(ErrorKind.Malformed, exception.Message);
        }

        T again = JsonSerializer.Deserialize(written, type) ?? throw new FuzzFailure("written as nothing");
        FuzzFailure.Unless(JsonSerializer.Serialize(again, type) == written, $"'{written}' is read as another");
    }
}
