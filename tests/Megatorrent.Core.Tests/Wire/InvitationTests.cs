using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

public sealed class InvitationTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_layout_is_frozen()
    {
        Invitation invitation = _cluster.Invite(Role.Node);
        byte[] expected = Sign(
            _cluster.Admin.Key,
            "megatorrent invitation v1",
            Bytes(
                "d1:a", Str(_cluster.AdminCertificate.Encoded),
                "1:c32:", _cluster.PublicKey,
                "1:ei1772604367e1:li2592000e1:n16:", invitation.Nonce.ToArray(),
                "1:pl14:192.0.2.1:400017:node.example:4000e1:r4:node"),
            Bytes("e"));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(invitation.Encoded));
        Assert.Equal("mtinv1:" + System.Buffers.Text.Base64Url.EncodeToString(expected), invitation.ToText());
    }

    [Fact]
    public void Text_and_bytes_come_back_the_same()
    {
        Invitation invitation = _cluster.Invite(Role.Reader);
        foreach (Invitation read in new[] { Invitation.Decode(invitation.Encoded), Invitation.Parse($"  {invitation.ToText()}\r\n") })
        {
            read.Validate(_cluster.PublicKey, Now);
            Assert.Equal(invitation.Encoded, read.Encoded);
            Assert.Equal(Role.Reader, read.Role);
            Assert.Equal(Now.AddHours(1), read.Expires);
            Assert.Equal(TimeSpan.FromDays(30), read.CertificateLifetime);
            Assert.Equal(_cluster.PublicKey, read.ClusterKey);
            Assert.Equal(["192.0.2.1:4000", "node.example:4000"], read.Endpoints);
            Assert.Equal(invitation.Nonce.ToArray(), read.Nonce.ToArray());
            Assert.Equal(_cluster.AdminCertificate.Encoded, read.Issuer!.Encoded);
        }
    }

    [Fact]
    public void No_two_invitations_are_the_same()
    {
        Assert.NotEqual(_cluster.Invite().Nonce.ToArray(), _cluster.Invite().Nonce.ToArray());
    }

    [Fact]
    public void The_clusters_own_key_may_invite_too()
    {
        Invitation invitation = Invitation.Create(
            _cluster.Key, null, Role.Node, Now.AddHours(1), TimeSpan.FromDays(1), [], _cluster.Random);
        invitation.Validate(_cluster.PublicKey, Now);
        Assert.Null(invitation.Issuer);
        Assert.Empty(invitation.Endpoints);
    }

    [Fact]
    public void It_expires_to_the_second()
    {
        Invitation invitation = _cluster.Invite();
        invitation.Validate(_cluster.PublicKey, invitation.Expires.AddMilliseconds(-1));
        AssertUnauthorized("The invitation expired on 2026-03-04 06:06:07 UTC; ask an admin of the cluster for a new one", () =>
            invitation.Validate(_cluster.PublicKey, invitation.Expires));
    }

    [Fact]
    public void Only_admins_invite()
    {
        AssertUnauthorized("A node may not make invitations", () => Invitation.Create(
            _cluster.Node.Key, _cluster.NodeCertificate, Role.Reader, Now.AddHours(1), TimeSpan.FromDays(1), [], _cluster.Random));
        AssertUnauthorized("Admins are not invited", () => _cluster.Invite(Role.Admin));
        AssertUnauthorized("who is no admin", () => _cluster
            .ForgeInvitation(_cluster.Writer.Key, "reader", _cluster.Forge(_cluster.Key, _cluster.Writer, "writer"))
            .Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("only the cluster's own key may make an admin", () =>
            _cluster.ForgeInvitation(_cluster.Key, "admin").Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("wrong signature", () =>
            _cluster.ForgeInvitation(_cluster.Stranger.Key, "reader", _cluster.AdminCertificate).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("expired on", () =>
            _cluster.ForgeInvitation(_cluster.Admin.Key, "reader", _cluster.Forge(_cluster.Key, _cluster.Admin, "admin", expires: Now))
                .Validate(_cluster.PublicKey, Now));

        // An admin's certificate stands alone: one with an issuer does not even parse here.
        AssertMalformed("the chain of issuers is too long", () => _cluster.ForgeInvitation(
            _cluster.Stranger.Key, "reader", _cluster.Forge(_cluster.Admin.Key, _cluster.Stranger, "admin", _cluster.AdminCertificate)));
    }

    [Fact]
    public void Another_cluster_is_refused()
    {
        using var other = new TestCluster(seed: 2);
        AssertUnauthorized("The invitation belongs to another cluster", () => _cluster.Invite().Validate(other.PublicKey, Now));
        AssertUnauthorized("wrong signature", () =>
            other.ForgeInvitation(other.Key, "reader", clusterKey: _cluster.PublicKey).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("belongs to another cluster", () =>
            _cluster.ForgeInvitation(other.Admin.Key, "reader", other.AdminCertificate).Validate(_cluster.PublicKey, Now));
        Assert.Throws<ArgumentException>(() => _cluster.Invite().Validate(new byte[33], Now));
    }

    [Fact]
    public void Any_changed_byte_makes_it_invalid()
    {
        byte[] encoded = _cluster.Invite().Encoded;
        for (int at = 0; at < encoded.Length; at++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x80 })
            {
                byte[] changed = [.. encoded];
                changed[at] ^= flip;
                var error = Assert.Throws<MegatorrentException>(() => Invitation.Decode(changed).Validate(_cluster.PublicKey, Now));
                Assert.True(error.Kind is ErrorKind.Malformed or ErrorKind.Unauthorized, $"byte {at} xor {flip:x2}: {error}");
            }
        }
    }

    [Fact]
    public void The_text_is_not_shown_by_accident()
    {
        Invitation invitation = _cluster.Invite(Role.Node);
        Assert.Equal("invitation for a node until 2026-03-04 06:06:07 UTC", invitation.ToString());
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("   \n", "it is empty")]
    [InlineData("hello", "it does not start with 'mtinv1:'")]
    [InlineData("MTINV1:ZGU", "it does not start with 'mtinv1:'")]
    [InlineData("mtcred1:ZGU", "it starts with 'mtcred1:', which is a credential")]
    [InlineData("mt1:ZGU", "it starts with 'mt1:', which is a read capability")]
    [InlineData("mtv1:ZGU", "it starts with 'mtv1:', which is a verify capability")]
    [InlineData("mtinv1:ZG U", "character 10 is not one of")]
    [InlineData("mtinv1:ZGU=", "character 11 is not one of")]
    [InlineData("mtinv1:ZG+/", "character 10 is not one of")]
    [InlineData("mtinv1:Z", "it was cut")]
    [InlineData("mtinv1:ZGV", "its last character is wrong")]
    [InlineData("mtinv1:", "ends where a value should start")]
    [InlineData("mtinv1:ZGU", "the entry 'c' is missing")]
    public void Text_that_is_none_says_why(string text, string fault) => AssertMalformed(fault, () => Invitation.Parse(text));

    [Fact]
    public void Text_that_was_cut_or_is_endless_says_so()
    {
        string text = _cluster.Invite().ToText();
        for (int length = 0; length < text.Length; length++)
            AssertMalformed("invitation", () => Invitation.Parse(text[..length]));
        AssertMalformed("more than any invitation", () => Invitation.Parse("mtinv1:" + new string('A', 100_000)));
        AssertMalformed("the limit is 1024", () => Invitation.Decode(new byte[Invitation.MaxEncodedLength + 1]));
    }

    [Theory]
    [InlineData("1:li0e", "0 is outside 1 to 316224000")]
    [InlineData("1:li316224001e", "316224001 is outside 1 to 316224000")]
    [InlineData("1:n15:0123456789abcde", "15 bytes long, not 16")]
    [InlineData("1:pl4:hoste", "an endpoint is not 'host:port'")]
    [InlineData("1:pl0:e", "the endpoint is empty")]
    [InlineData("1:pl6:h st:1e", "not printable ASCII")]
    [InlineData("1:pli1ee", "an integer stands where a byte string should")]
    [InlineData("1:plle", "a list stands where a byte string should")]
    [InlineData("1:pl3:a:13:a:13:a:13:a:13:a:13:a:13:a:13:a:13:a:1e", "more than 8 endpoints")]
    [InlineData("1:x0:", "unknown key 'x'")]
    public void Every_entry_has_its_form(string entry, string fault)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["c"] = "1:c32:01234567890123456789012345678901",
            ["e"] = "1:ei2e",
            ["l"] = "1:li1e",
            ["n"] = "1:n16:0123456789abcdef",
            ["p"] = "1:ple",
            ["r"] = "1:r6:reader",
            ["s"] = "1:s64:" + new string('s', 64),
        };
        Invitation.Decode(Bytes("d", string.Concat(entries.Values), "e"));
        foreach (string key in entries.Keys)
        {
            AssertMalformed($"the entry '{key}' is missing", () =>
                Invitation.Decode(Bytes("d", string.Concat(entries.Where(pair => pair.Key != key).Select(pair => pair.Value)), "e")));
        }
        entries[entry[2..3]] = entry;
        AssertMalformed(fault, () => Invitation.Decode(Bytes("d", string.Concat(entries.Values), "e")));
    }

    [Fact]
    public void What_cannot_be_an_invitation_is_not_made()
    {
        AssertInvalid("'nowhere' is not an endpoint; write HOST:PORT", () => Make(endpoints: ["nowhere"]));
        AssertInvalid("At most 8 endpoints", () => Make(endpoints: [.. Enumerable.Repeat("a:1", 9)]));
        AssertInvalid("the limit is 1024; name fewer endpoints", () =>
            Make(endpoints: [.. Enumerable.Repeat(string.Join('.', Enumerable.Repeat(new string('n', 60), 4)) + ":1", 4)]));
        AssertInvalid("1 second to 316224000 seconds, not 0", () => Make(lifetime: TimeSpan.FromMilliseconds(999)));
        AssertInvalid("1 second to 316224000 seconds, not -1", () => Make(lifetime: TimeSpan.FromSeconds(-1)));
        AssertInvalid("1 second to 316224000 seconds", () => Make(lifetime: TimeSpan.MaxValue));
        Assert.Throws<ArgumentException>(() => Invitation.Create(
            _cluster.Stranger.Key, _cluster.AdminCertificate, Role.Reader, Now, TimeSpan.FromDays(1), [], _cluster.Random));

        Invitation Make(string[]? endpoints = null, TimeSpan? lifetime = null) => Invitation.Create(
            _cluster.Admin.Key,
            _cluster.AdminCertificate,
            Role.Reader,
            Now,
            lifetime ?? TimeSpan.FromDays(1),
            endpoints ?? [],
            _cluster.Random);
    }

    private static void AssertInvalid(string expected, Func<Invitation> act)
    {
        var error = Assert.Throws<MegatorrentException>(act);
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(expected, error.Message);
    }
}
