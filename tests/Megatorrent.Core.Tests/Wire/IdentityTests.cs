using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

public class IdentityTests
{
    // RFC 8032, section 7.1, test 1.
    private const string Seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    private const string PublicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    [Fact]
    public void The_id_is_the_hash_of_the_public_key()
    {
        using Identity identity = Identity.FromSeed(Convert.FromHexString(Seed));
        Assert.Equal(PublicKey, Convert.ToHexStringLower(identity.PublicKey));
        byte[] hash = System.Security.Cryptography.SHA256.HashData(Convert.FromHexString(PublicKey));
        Assert.Equal(Convert.ToHexStringLower(hash), identity.Id.ToString());
        Assert.Equal($"identity {identity.Id.ToShortString()}", identity.ToString());
    }

    [Fact]
    public void The_seed_gives_the_identity_again()
    {
        using Identity made = Identity.Generate(new SeededRandomSource(5));
        var seed = new byte[Identity.SeedLength];
        made.CopySeedTo(seed);
        using Identity again = Identity.FromSeed(seed);
        Assert.Equal(made.Id, again.Id);
        using Identity other = Identity.Generate(new SeededRandomSource(6));
        Assert.NotEqual(made.Id, other.Id);
        Assert.Throws<ArgumentException>(() => made.CopySeedTo(new byte[31]));
        Assert.Throws<ArgumentException>(() => Identity.FromSeed(new byte[31]));
        Assert.Throws<ArgumentException>(() => Identity.FromSeed(new byte[64]));
    }

    [Fact]
    public void A_peer_is_described_by_its_key_and_certificate()
    {
        using var cluster = new TestCluster();
        var peer = new PeerIdentity(cluster.Node.PublicKey.ToArray(), cluster.NodeCertificate);
        Assert.Equal(cluster.Node.Id, peer.Id);
        Assert.Equal(Role.Node, peer.Role);
        Assert.Equal(HandshakePayload.CurrentVersion, peer.ProtocolVersion);
        Assert.Equal($"node {cluster.Node.Id.ToShortString()}", peer.ToString());

        var stranger = new PeerIdentity(cluster.Stranger.PublicKey.ToArray(), null, 3);
        Assert.Null(stranger.Role);
        Assert.Equal(3, stranger.ProtocolVersion);
        Assert.Equal($"stranger {cluster.Stranger.Id.ToShortString()}", stranger.ToString());

        Assert.Throws<ArgumentException>(() => new PeerIdentity(cluster.Stranger.PublicKey.ToArray(), cluster.NodeCertificate));
        Assert.Throws<ArgumentException>(() => new PeerIdentity(new byte[Ed25519.PublicKeyLength - 1], null));
    }
}
