using System.Text.Json;
using Megatorrent.Cluster.Coordination.Etcd;
using Megatorrent.Core;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What etcd answers: JSON with 64-bit numbers as strings and bytes as base64.</summary>
[Covers(typeof(EtcdJson))]
internal sealed class EtcdTarget() : FuzzTarget("coordinator-messages")
{
    protected override bool IsRefusal(ErrorKind kind) => kind == ErrorKind.ProtocolViolation;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        JsonElement answer = EtcdJson.Parse(input.ToArray());
        EtcdJson.GetLong(answer, "count");
        EtcdJson.GetBool(answer, "succeeded");
        EtcdJson.GetText(answer, "error");
        foreach (JsonElement entry in EtcdJson.GetList(answer, "kvs"))
            EtcdJson.ReadEntry(entry);
    }
}
