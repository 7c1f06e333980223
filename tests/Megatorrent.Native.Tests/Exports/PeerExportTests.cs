using System.Text;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class PeerExportTests
{
    private static readonly delegate* unmanaged<byte*, nuint, nuint*, byte*, byte*, byte*, Status> Create =
        (delegate* unmanaged<byte*, nuint, nuint*, byte*, byte*, byte*, Status>)Export.Find("mt_peer_payload_create");

    private static readonly delegate* unmanaged<PeerInfo*, byte*, nuint, byte*, byte*, Status> Check =
        (delegate* unmanaged<PeerInfo*, byte*, nuint, byte*, byte*, Status>)Export.Find("mt_peer_payload_check");

    [Fact]
    public void ACredentialProvesItself()
    {
        SeededRandomSource random = new(4);
        using SigningKey cluster = SigningKey.Generate(random);
        using Identity identity = Identity.Generate(random);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Certificate certificate = Certificate.IssueByCluster(cluster, identity.PublicKey, Role.Writer, now.AddHours(-1), now.AddHours(1));
        using Credential credential = new(identity, certificate, new byte[32], []);

        byte* payload = stackalloc byte[4608], staticKey = stackalloc byte[32], clusterKey = stackalloc byte[32];
        new Span<byte>(staticKey, 32).Fill(5);
        nuint length = 7;
        PeerInfo peer = new() { StructSize = (uint)sizeof(PeerInfo) };
        fixed (byte* text = Encoding.ASCII.GetBytes(credential.ToText() + '\0'))
        {
            Assert.Equal(Status.BufferTooSmall, Create(null, 0, &length, text, staticKey, clusterKey));
            Assert.Equal(Status.BufferTooSmall, Create(payload, length - 1, &length, text, staticKey, clusterKey));
            Assert.Equal(Status.Overlap, Create(payload, 4608, &length, text, staticKey, payload + 4607));
            Assert.Equal(Status.Overlap, Create(payload, 4608, &length, text, payload, clusterKey));
            Assert.False(new ReadOnlySpan<byte>(clusterKey, 32).SequenceEqual(cluster.PublicKey));
            Assert.Equal(Status.Ok, Create(payload, length, &length, text, staticKey, clusterKey));
            Assert.True(new ReadOnlySpan<byte>(clusterKey, 32).SequenceEqual(cluster.PublicKey));
            Assert.Equal(Status.Ok, Create(payload, 4608, &length, text, staticKey, null));
            text[12] ^= 1;
            Assert.Equal(Status.Malformed, Create(payload, 4608, &length, text, staticKey, null));
            text[12] = 0xff;
            Assert.Equal(Status.InvalidArgument, Create(payload, 4608, &length, text, staticKey, null));
            Assert.Equal(Status.NullPointer, Create(payload, 4608, &length, null, staticKey, null));
            Assert.Equal(Status.NullPointer, Create(payload, 4608, &length, text, null, null));
        }

        Assert.Equal(Status.Ok, Check(&peer, payload, length, staticKey, clusterKey));
        Assert.Equal((1u, 1u), (peer.HasCertificate, peer.Version));
        Assert.True(new ReadOnlySpan<byte>(peer.PublicKey, 32).SequenceEqual(identity.PublicKey));
        Assert.Equal(identity.Id, new NodeId(new ReadOnlySpan<byte>(peer.NodeId, 32)));

        staticKey[0] ^= 1;
        Assert.Equal(Status.Unauthorized, Check(&peer, payload, length, staticKey, clusterKey));
        staticKey[0] ^= 1;
        clusterKey[0] ^= 1;
        Assert.Equal(Status.Unauthorized, Check(&peer, payload, length, staticKey, clusterKey));
        Assert.Equal(Status.Malformed, Check(&peer, payload, length - 1, staticKey, clusterKey));
        Assert.Equal(Status.Malformed, Check(&peer, null, 0, staticKey, clusterKey));
        Assert.Equal(Status.Malformed, Check(&peer, payload, 4609, staticKey, clusterKey));
        Assert.Equal(Status.Length, Check(&peer, payload, nuint.MaxValue, staticKey, clusterKey));
        Assert.Equal(Status.NullPointer, Check(&peer, payload, length, null, clusterKey));
        Assert.Equal(Status.NullPointer, Check(&peer, payload, length, staticKey, null));
        Assert.Equal(Status.NullPointer, Check(&peer, null, 1, staticKey, clusterKey));
        Assert.Equal(Status.NullPointer, Check(null, payload, length, staticKey, clusterKey));
    }
}
