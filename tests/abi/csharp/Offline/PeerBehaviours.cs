using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core.Wire;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Who a peer is.</summary>
internal static class PeerBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("noise.peer", vectors => vectors.ForEach("peers.json", "payloads", Good)),
        Behaviour.Of("noise.peer-bad", Bad),
    ];

    private static void Good(JsonElement item)
    {
        if (item.Text("credential").Length > 0)
        {
            using Credential credential = Credential.Parse(item.Text("credential"));
            Check.Bytes(item.Hex("payload"), Make(credential, item.Hex("static")), "the payload");
            Check.Bytes(item.Hex("clusterKey"), credential.ClusterKey, "the cluster's key");
        }

        PeerIdentity peer = HandshakePayload.Validate(item.Hex("payload"), item.Hex("static"), item.Hex("clusterKey"), DateTimeOffset.UtcNow);
        Check.Equal(item.Flag("hasCertificate"), peer.Certificate is not null, "whether it has a certificate");
        Check.Bytes(item.Hex("nodeId"), Convert.FromHexString(peer.Id.ToString()), "the id");
        Check.Bytes(item.Hex("publicKey"), peer.PublicKey, "the public key");
        Check.Equal(item.Int32("version"), peer.ProtocolVersion, "the version");
    }

    private static void Bad(VectorFolder vectors)
    {
        vectors.ForEach("peers.json", "bad", item => Check.Gives(
            item.Text("status"),
            () => HandshakePayload.Validate(item.Hex("payload"), item.Hex("static"), item.Hex("clusterKey"), DateTimeOffset.UtcNow),
            "checking"));
        vectors.ForEach("peers.json", "badCredentials", item => Check.Gives(
            item.Text("status"), () => Credential.Parse(item.Text("credential")).Dispose(), "reading"));
    }

    private static byte[] Make(Credential credential, byte[] staticKey)
    {
        using Identity identity = credential.CreateIdentity();
        return HandshakePayload.Create(identity, credential.Certificate, staticKey);
    }
}
