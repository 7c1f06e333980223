using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Capabilities.</summary>
internal static class CapabilityBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("capability.good", vectors => vectors.ForEach("capabilities.json", "good", Good)),
        Behaviour.Of("capability.verify", vectors => vectors.ForEach("capabilities.json", "good", ToVerify)),
        Behaviour.Of("capability.bad", Bad),
    ];

    private static void Good(JsonElement item)
    {
        Capability capability = Capability.Parse(item.Text("text"));
        Check.Equal(item.Flag("canRead"), capability.CanRead, "whether it reads");
        Check.Bytes(item.Hex("rootId"), capability.Root.Ids[0].ToArray(), "the root id");
        Check.Equal(item.Int32("rootLength"), capability.Root.ShardLength, "the root length");
        Check.Equal(item.Int32("parityShards"), capability.Root.ParityShards, "m");
        Check.Bytes(item.Hex("key"), capability.CanRead ? capability.Key : new byte[32], "the key");
        Check.Equal(item.Text("canonical"), FromFields(item).ToString(), "the text");
    }

    private static void ToVerify(JsonElement item) =>
        Check.Equal(item.Text("verify"), Capability.Parse(item.Text("text")).ToVerifyOnly().ToString(), "the text");

    private static void Bad(VectorFolder vectors)
    {
        vectors.ForEach("capabilities.json", "bad", item => Check.Gives(item.Text("status"), () => Capability.Parse(item.Text("text")), "parsing"));
        vectors.ForEach("capabilities.json", "badFields", item =>
        {
            string status = Check.StatusOf(() => FromFields(item));
            Check.That(status is "MT_ERROR_MALFORMED" or "MT_ERROR_INVALID_ARGUMENT", $"making it is {status}");
        });
    }

    private static Capability FromFields(JsonElement item)
    {
        uint rootLength = item.UInt32("rootLength"), parity = item.UInt32("parityShards");
        if (rootLength > int.MaxValue || parity > int.MaxValue)
            throw new MegatorrentException(ErrorKind.InvalidArgument, "No int holds it.");
        return new Capability(new BlobId(item.Hex("rootId")), (int)rootLength, (int)parity, item.Flag("canRead") ? item.Hex("key") : []);
    }
}
