using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

public sealed class HandshakePayloadTests : IDisposable
{
    private readonly TestCluster _cluster = new();
    private readonly byte[] _static = [.. Enumerable.Range(7, 32).Select(value => (byte)value)];

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_layout_is_frozen()
    {
        Assert.Equal(1, HandshakePayload.CurrentVersion);
        Assert.Equal([1], HandshakePayload.SupportedVersions.ToArray());
        var signature = new byte[64];
        _cluster.Node.Key.Sign(Bytes("megatorrent noise static v1\0", _static), signature);
        byte[] proof = Bytes("1:k32:", _cluster.Node.PublicKey.ToArray(), "1:s64:", signature);
        Assert.Equal(
            Convert.ToHexString(Bytes("d1:c", Str(_cluster.NodeCertificate.Encoded), proof, "1:vli1eee")),
            Convert.ToHexString(HandshakePayload.Create(_cluster.Node, _cluster.NodeCertificate, _static)));
        Assert.Equal(
            Convert.ToHexString(Bytes("d", proof, "1:vli1ei2ei70eee")),
            Convert.ToHexString(HandshakePayload.Create(_cluster.Node, null, _static, [1, 2, 70])));
    }

    [Fact]
    public void Says_who_the_peer_is()
    {
        PeerIdentity peer = Validate(HandshakePayload.Create(_cluster.Writer, _cluster.WriterCertificate, _static));
        Assert.Equal(_cluster.Writer.Id, peer.Id);
        Assert.Equal(_cluster.Writer.PublicKey.ToArray(), peer.PublicKey);
        Assert.Equal(Role.Writer, peer.Role);
        Assert.Equal(_cluster.WriterCertificate.Encoded, peer.Certificate!.Encoded);
        Assert.Equal(1, peer.ProtocolVersion);
    }

    [Fact]
    public void A_peer_without_a_certificate_is_a_stranger()
    {
        PeerIdentity peer = Validate(HandshakePayload.Create(_cluster.Stranger, null, _static));
        Assert.Equal(_cluster.Stranger.Id, peer.Id);
        Assert.Null(peer.Certificate);
        Assert.Null(peer.Role);
    }

    [Fact]
    public void A_certificate_that_is_shown_must_be_valid()
    {
        AssertUnauthorized("expired on 2027-", () => HandshakePayload.Validate(
            HandshakePayload.Create(_cluster.Writer, _cluster.WriterCertificate, _static), _static, _cluster.PublicKey, Now.AddDays(600)));
        using var other = new TestCluster(seed: 2);
        AssertUnauthorized("belongs to another cluster", () =>
            Validate(HandshakePayload.Create(other.Writer, other.WriterCertificate, _static)));
        AssertUnauthorized("which may not issue", () => Validate(HandshakePayload.Create(
            _cluster.Stranger, _cluster.Forge(_cluster.Writer.Key, _cluster.Stranger, "node", _cluster.WriterCertificate), _static)));
    }

    [Fact]
    public void The_certificate_of_another_does_not_help()
    {
        Assert.Throws<ArgumentException>(() => HandshakePayload.Create(_cluster.Stranger, _cluster.NodeCertificate, _static));
        var signature = new byte[64];
        _cluster.Stranger.Key.Sign(Bytes("megatorrent noise static v1\0", _static), signature);
        byte[] payload = Bytes(
            "d1:c", Str(_cluster.NodeCertificate.Encoded),
            "1:k32:", _cluster.Stranger.PublicKey.ToArray(),
            "1:s64:", signature,
            "1:vli1eee");
        AssertUnauthorized(
            $"The peer {_cluster.Stranger.Id.ToShortString()} shows the certificate of another ({_cluster.Node.Id.ToShortString()})",
            () => Validate(payload));
    }

    [Fact]
    public void The_proof_holds_for_one_static_key_only()
    {
        byte[] payload = HandshakePayload.Create(_cluster.Node, _cluster.NodeCertificate, _static);
        var other = new byte[32];
        AssertUnauthorized($"did not prove that it is {_cluster.Node.Id.ToShortString()}", () =>
            HandshakePayload.Validate(payload, other, _cluster.PublicKey, Now));
        byte[] unlabelled = new byte[64];
        _cluster.Node.Key.Sign(_static, unlabelled);
        AssertUnauthorized("did not prove", () => Validate(
            Bytes("d1:k32:", _cluster.Node.PublicKey.ToArray(), "1:s64:", unlabelled, "1:vli1eee")));
    }

    [Theory]
    [InlineData(new[] { 1 }, new[] { 1 }, 1)]
    [InlineData(new[] { 1, 2 }, new[] { 1 }, 1)]
    [InlineData(new[] { 1, 2, 3 }, new[] { 2, 3, 9 }, 3)]
    [InlineData(new[] { 1, 5 }, new[] { 1, 4, 6 }, 1)]
    [InlineData(new[] { int.MaxValue }, new[] { int.MaxValue }, int.MaxValue)]
    public void The_highest_common_version_is_chosen_by_both(int[] ours, int[] theirs, int chosen)
    {
        Assert.Equal(chosen, Negotiate(ours, theirs));
        Assert.Equal(chosen, Negotiate(theirs, ours));
    }

    [Theory]
    [InlineData(new[] { 1 }, new[] { 2, 3 }, "we speak 1, the peer 2, 3; update this side")]
    [InlineData(new[] { 4, 5 }, new[] { 1, 2 }, "we speak 4, 5, the peer 1, 2; update the peer")]
    public void Without_a_common_version_both_lists_are_named(int[] ours, int[] theirs, string said)
    {
        var error = Assert.Throws<MegatorrentException>(() => Negotiate(ours, theirs));
        Assert.Equal(ErrorKind.Unsupported, error.Kind);
        Assert.Contains(said, error.Message);
    }

    [Theory]
    [InlineData("1:vle", "no versions")]
    [InlineData("1:vli0ee", "0 is outside 1 to 2147483647")]
    [InlineData("1:vli2147483648ee", "2147483648 is outside 1 to")]
    [InlineData("1:vli2ei1ee", "the versions are not ascending")]
    [InlineData("1:vli1ei1ee", "the versions are not ascending")]
    [InlineData("1:vli1ei2ei3ei4ei5ei6ei7ei8ei9ei10ei11ei12ei13ei14ei15ei16ei17ee", "more than 16 versions")]
    [InlineData("1:vlli1eee", "a list stands where an integer should")]
    [InlineData("1:vi1e", "an integer stands where a list should")]
    [InlineData("1:vli1ee1:x0:", "unknown key 'x'")]
    [InlineData("", "the entry 'v' is missing")]
    public void Broken_payloads_say_what_is_broken(string versions, string fault)
    {
        AssertMalformed(fault, () => Validate(Bytes("d1:k32:", new byte[32], "1:s64:", new byte[64], versions, "e")));
    }

    [Fact]
    public void Every_entry_is_needed_and_the_length_is_bounded()
    {
        AssertMalformed("the entry 'k' is missing", () => Validate(Bytes("d1:s64:", new byte[64], "1:vli1eee")));
        AssertMalformed("the entry 's' is missing", () => Validate(Bytes("d1:k32:", new byte[32], "1:vli1eee")));
        AssertMalformed("ends where a value should start", () => Validate([]));
        AssertMalformed("the limit is 4608", () => Validate(new byte[HandshakePayload.MaxEncodedLength + 1]));
    }

    [Fact]
    public void Any_changed_byte_is_refused_or_only_offers_other_versions()
    {
        byte[] payload = HandshakePayload.Create(_cluster.Node, _cluster.NodeCertificate, _static, [1, 2]);
        for (int at = 0; at < payload.Length; at++)
        {
            byte[] changed = [.. payload];
            changed[at] ^= 0x01;
            var error = Record.Exception(() => Validate(changed));
            if (at < payload.Length - "li1ei2eee".Length)
                Assert.True(error is MegatorrentException { Kind: ErrorKind.Malformed or ErrorKind.Unauthorized }, $"byte {at}: {error}");
            else
                Assert.True(error is null or MegatorrentException { Kind: ErrorKind.Malformed or ErrorKind.Unsupported }, $"{at}: {error}");
        }
    }

    [Fact]
    public void Arguments_are_checked()
    {
        byte[] payload = HandshakePayload.Create(_cluster.Node, null, _static);
        Assert.Throws<ArgumentException>(() => HandshakePayload.Create(_cluster.Node, null, new byte[31]));
        Assert.Throws<ArgumentException>(() => HandshakePayload.Create(_cluster.Node, null, _static, []));
        Assert.Throws<ArgumentException>(() => HandshakePayload.Create(_cluster.Node, null, _static, [0]));
        Assert.Throws<ArgumentException>(() => HandshakePayload.Create(_cluster.Node, null, _static, [2, 1]));
        Assert.Throws<ArgumentException>(() => HandshakePayload.Create(_cluster.Node, null, _static, [.. Enumerable.Range(1, 17)]));
        Assert.Throws<ArgumentException>(() => HandshakePayload.Validate(payload, new byte[31], _cluster.PublicKey, Now));
        Assert.Throws<ArgumentException>(() => HandshakePayload.Validate(payload, _static, new byte[Ed25519.PublicKeyLength + 1], Now));
    }

    private PeerIdentity Validate(byte[] payload) => HandshakePayload.Validate(payload, _static, _cluster.PublicKey, Now);

    private int Negotiate(int[] ours, int[] theirs)
    {
        byte[] payload = HandshakePayload.Create(_cluster.Stranger, null, _static, theirs);
        return HandshakePayload.Validate(payload, _static, _cluster.PublicKey, Now, ours).ProtocolVersion;
    }
}
