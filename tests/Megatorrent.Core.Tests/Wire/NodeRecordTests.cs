using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

public sealed class NodeRecordTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_layout_is_frozen()
    {
        byte[] expected = Sign(
            _cluster.Node.Key,
            "megatorrent node record v1",
            Bytes("d1:a", Str(_cluster.NodeCertificate.Encoded), "1:d6:rack-11:e13:10.0.0.1:40001:ii7e"),
            Bytes("1:v5:0.1.01:wi100ee"));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(Make().Encoded));
    }

    [Fact]
    public void Says_what_it_was_made_of()
    {
        NodeRecord record = NodeRecord.Decode(Make().Encoded);
        record.Validate(_cluster.PublicKey, Now);
        Assert.Equal(Make().Encoded, record.Encoded);
        Assert.Equal(_cluster.Node.Id, record.Id);
        Assert.Equal("10.0.0.1:4000", record.Endpoint);
        Assert.Equal("rack-1", record.Domain);
        Assert.Equal(100, record.Weight);
        Assert.Equal(7, record.Incarnation);
        Assert.Equal("0.1.0", record.Version);
        Assert.Equal(_cluster.NodeCertificate.Encoded, record.Certificate.Encoded);
        Assert.Equal($"node {_cluster.Node.Id.ToShortString()} at 10.0.0.1:4000 in rack-1, incarnation 7", record.ToString());
    }

    [Fact]
    public void Any_changed_byte_makes_it_invalid()
    {
        byte[] encoded = Make().Encoded;
        for (int at = 0; at < encoded.Length; at++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x80 })
            {
                byte[] changed = [.. encoded];
                changed[at] ^= flip;
                var error = Assert.Throws<MegatorrentException>(() => NodeRecord.Decode(changed).Validate(_cluster.PublicKey, Now));
                Assert.True(error.Kind is ErrorKind.Malformed or ErrorKind.Unauthorized, $"byte {at} xor {flip:x2}: {error}");
            }
        }
    }

    [Fact]
    public void Only_a_node_describes_itself()
    {
        AssertUnauthorized("is a writer and may not be a node", () =>
            Make(_cluster.Writer, _cluster.WriterCertificate).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("is a reader and may not be a node", () =>
            Make(_cluster.Reader, _cluster.ReaderCertificate).Validate(_cluster.PublicKey, Now));
        Make(_cluster.Admin, _cluster.AdminCertificate).Validate(_cluster.PublicKey, Now);

        byte[] forged = Sign(
            _cluster.Stranger.Key,
            "megatorrent node record v1",
            Bytes("d1:a", Str(_cluster.NodeCertificate.Encoded), "1:d6:rack-11:e13:10.0.0.1:40001:ii7e"),
            Bytes("1:v5:0.1.01:wi100ee"));
        AssertUnauthorized("The description of node", () => NodeRecord.Decode(forged).Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void Its_certificate_must_be_valid()
    {
        AssertUnauthorized("expired on", () => Make().Validate(_cluster.PublicKey, Now.AddDays(500)));
        using var other = new TestCluster(seed: 2);
        AssertUnauthorized("belongs to another cluster", () => Make().Validate(other.PublicKey, Now));
    }

    [Theory]
    [InlineData("", "d", 1, 0, "v", "is not an endpoint")]
    [InlineData("host", "d", 1, 0, "v", "'host' is not an endpoint; write HOST:PORT")]
    [InlineData("a:1", "", 1, 0, "v", "A failure domain's name is 1 to 64")]
    [InlineData("a:1", "a b", 1, 0, "v", "A failure domain's name is 1 to 64")]
    [InlineData("a:1", "straße", 1, 0, "v", "A failure domain's name is 1 to 64")]
    [InlineData("a:1", "0123456789012345678901234567890123456789012345678901234567890123+", 1, 0, "v", "domain's name is 1 to 64")]
    [InlineData("a:1", "d", 0, 0, "v", "A weight is 1 to 1099511627776, not 0")]
    [InlineData("a:1", "d", -5, 0, "v", "not -5")]
    [InlineData("a:1", "d", 1099511627777, 0, "v", "not 1099511627777")]
    [InlineData("a:1", "d", 1, -1, "v", "An incarnation is not negative")]
    [InlineData("a:1", "d", 1, 0, "", "A version is 1 to 32")]
    [InlineData("a:1", "d", 1, 0, "0.1.0 beta", "A version is 1 to 32")]
    public void What_cannot_be_described_is_not_made(
        string endpoint, string domain, long weight, long incarnation, string version, string fault)
    {
        var error = Assert.Throws<MegatorrentException>(() =>
            NodeRecord.Create(_cluster.Node, _cluster.NodeCertificate, endpoint, domain, weight, incarnation, version));
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(fault, error.Message);
    }

    [Theory]
    [InlineData("1:d0:", "the failure domain is empty")]
    [InlineData("1:d1:\n", "not printable ASCII")]
    [InlineData("1:e3:a:b", "an endpoint is not 'host:port'")]
    [InlineData("1:ii-1e", "-1 is outside 0 to")]
    [InlineData("1:s1:s", "1 bytes long, not 64")]
    [InlineData("1:v0:", "the version is empty")]
    [InlineData("1:wi0e", "0 is outside 1 to 1099511627776")]
    [InlineData("1:wi1099511627777e", "is outside 1 to 1099511627776")]
    [InlineData("1:b0:", "unknown key 'b'")]
    public void Every_entry_has_its_form(string entry, string fault)
    {
        var entries = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["a"] = Bytes("1:a", Str(_cluster.NodeCertificate.Encoded)),
            ["d"] = Bytes("1:d1:d"),
            ["e"] = Bytes("1:e3:a:1"),
            ["i"] = Bytes("1:ii0e"),
            ["s"] = Bytes("1:s64:", new byte[64]),
            ["v"] = Bytes("1:v1:v"),
            ["w"] = Bytes("1:wi1e"),
        };
        NodeRecord.Decode(Bytes("d", Bytes([.. entries.Values]), "e"));
        foreach (string key in entries.Keys)
        {
            AssertMalformed($"the entry '{key}' is missing", () =>
                NodeRecord.Decode(Bytes("d", Bytes([.. entries.Where(pair => pair.Key != key).Select(pair => pair.Value)]), "e")));
        }
        entries[entry[2..3]] = Bytes(entry);
        AssertMalformed(fault, () => NodeRecord.Decode(Bytes("d", Bytes([.. entries.Values]), "e")));
    }

    [Fact]
    public void Arguments_are_checked()
    {
        Assert.Throws<ArgumentException>(() => NodeRecord.Create(_cluster.Node, _cluster.WriterCertificate, "a:1", "d", 1, 0, "v"));
        AssertMalformed("the limit is 5120", () => NodeRecord.Decode(new byte[NodeRecord.MaxEncodedLength + 1]));
        Assert.Throws<ArgumentException>(() => Make().Validate(default, Now));
    }

    private NodeRecord Make(Identity? identity = null, Certificate? certificate = null) =>
        NodeRecord.Create(identity ?? _cluster.Node, certificate ?? _cluster.NodeCertificate, "10.0.0.1:4000", "rack-1", 100, 7, "0.1.0");
}
