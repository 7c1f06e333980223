using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

public sealed class CertificateTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_layout_is_frozen()
    {
        byte[] admin = Sign(
            _cluster.Key,
            "megatorrent certificate v1",
            Bytes("d1:c32:", _cluster.PublicKey, "1:ei1859000767e1:ni1771736767e1:r5:admin"),
            Bytes("1:u32:", _cluster.Admin.PublicKey.ToArray(), "e"));
        Assert.Equal(Convert.ToHexString(admin), Convert.ToHexString(_cluster.AdminCertificate.Encoded));

        byte[] node = Sign(
            _cluster.Admin.Key,
            "megatorrent certificate v1",
            Bytes("d1:c32:", _cluster.PublicKey, "1:ei1815800767e1:i", admin.Length, ":", admin, "1:ni1772168767e1:r4:node"),
            Bytes("1:u32:", _cluster.Node.PublicKey.ToArray(), "e"));
        Assert.Equal(Convert.ToHexString(node), Convert.ToHexString(_cluster.NodeCertificate.Encoded));

        Invitation token = _cluster.Invite(Role.Reader);
        Certificate issued = Certificate.IssueByNode(_cluster.Node.Key, _cluster.NodeCertificate, token, _cluster.Stranger.PublicKey, Now);
        byte[] reader = Sign(
            _cluster.Node.Key,
            "megatorrent certificate v1",
            Bytes("d1:c32:", _cluster.PublicKey, "1:ei1775192767e1:i", node.Length, ":", node, "1:ni1772600767e1:r6:reader"),
            Bytes("1:t", token.Encoded.Length, ":", token.Encoded, "1:u32:", _cluster.Stranger.PublicKey.ToArray(), "e"));
        Assert.Equal(Convert.ToHexString(reader), Convert.ToHexString(issued.Encoded));
    }

    [Fact]
    public void What_was_issued_is_valid_and_says_what_it_was_issued_for()
    {
        Certificate admin = _cluster.AdminCertificate;
        admin.Validate(_cluster.PublicKey, Now);
        Assert.Equal(Role.Admin, admin.Role);
        Assert.Equal(_cluster.PublicKey, admin.ClusterKey);
        Assert.Equal(_cluster.Admin.PublicKey.ToArray(), admin.SubjectKey);
        Assert.Equal(_cluster.Admin.Id, admin.Subject);
        Assert.Equal(Now.AddDays(-10), admin.NotBefore);
        Assert.Equal(Now.AddDays(1000), admin.Expires);
        Assert.Null(admin.Issuer);
        Assert.Null(admin.Token);
        Assert.Equal(1, admin.ChainLength);

        Certificate node = _cluster.NodeCertificate;
        node.Validate(_cluster.PublicKey, Now);
        Assert.Equal(admin.Encoded, node.Issuer!.Encoded);
        Assert.Equal(2, node.ChainLength);

        foreach (Role role in new[] { Role.Reader, Role.Writer, Role.Node })
        {
            Certificate joined = Certificate.IssueByNode(_cluster.Node.Key, node, _cluster.Invite(role), _cluster.Stranger.PublicKey, Now);
            joined.Validate(_cluster.PublicKey, Now);
            Assert.Equal(role, joined.Role);
            Assert.Equal(Now, joined.NotBefore);
            Assert.Equal(Now.AddDays(30), joined.Expires);
            Assert.Equal(3, joined.ChainLength);
            Assert.NotNull(joined.Token);
        }
    }

    [Fact]
    public void Decoding_and_encoding_is_the_identity_and_nothing_is_shared_with_the_source()
    {
        byte[] source = [.. _cluster.NodeCertificate.Encoded];
        Certificate decoded = Certificate.Decode(source);
        Array.Clear(source);
        Assert.Equal(_cluster.NodeCertificate.Encoded, decoded.Encoded);
        decoded.Validate(_cluster.PublicKey, Now);
    }

    [Fact]
    public void Another_cluster_is_refused()
    {
        using var other = new TestCluster(seed: 2);
        var error = AssertUnauthorized("belongs to another cluster", () => _cluster.WriterCertificate.Validate(other.PublicKey, Now));
        Assert.Contains(Convert.ToHexStringLower(other.PublicKey)[..10], error.Message);
        Assert.Contains(Convert.ToHexStringLower(_cluster.PublicKey)[..10], error.Message);

        // Claiming the right cluster does not help one who is not of it, in whatever link of the chain.
        AssertUnauthorized("has a wrong signature", () =>
            _cluster.Forge(other.Key, _cluster.Stranger, "writer").Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("belongs to another cluster", () =>
            _cluster.Forge(other.Admin.Key, _cluster.Stranger, "writer", other.AdminCertificate).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("belongs to another cluster", () =>
            _cluster.Forge(_cluster.Admin.Key, _cluster.Stranger, "writer", _cluster.AdminCertificate, clusterKey: other.PublicKey)
                .Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void The_dates_are_exact_to_the_second()
    {
        Certificate certificate = _cluster.Forge(_cluster.Key, _cluster.Stranger, "reader", notBefore: Now, expires: Now.AddSeconds(1));
        certificate.Validate(_cluster.PublicKey, Now);
        certificate.Validate(_cluster.PublicKey, Now.AddMilliseconds(999));
        var expired = AssertUnauthorized("expired on 2026-03-04 05:06:08 UTC; ask an admin", () =>
            certificate.Validate(_cluster.PublicKey, Now.AddSeconds(1)));
        Assert.Contains($"certificate of reader {_cluster.Stranger.Id.ToShortString()}", expired.Message);

        certificate.Validate(_cluster.PublicKey, Now.AddSeconds(-Certificate.ClockSkewSeconds));
        const string tooEarly = "it starts on 2026-03-04 05:06:07 UTC and it is 2026-03-04 05:01:06 UTC here; check the clocks";
        AssertUnauthorized(tooEarly, () =>
            certificate.Validate(_cluster.PublicKey, Now.AddSeconds(-Certificate.ClockSkewSeconds - 1)));
    }

    [Fact]
    public void A_chain_is_no_more_valid_than_its_links()
    {
        Certificate shortLived = _cluster.Forge(_cluster.Key, _cluster.Admin, "admin", expires: Now.AddHours(1));
        Certificate writer = _cluster.Forge(_cluster.Admin.Key, _cluster.Writer, "writer", shortLived, expires: Now.AddDays(9));
        writer.Validate(_cluster.PublicKey, Now);
        var expired = AssertUnauthorized("expired on 2026-03-04 06:06:07 UTC", () => writer.Validate(_cluster.PublicKey, Now.AddHours(2)));
        Assert.Contains($"certificate of admin {_cluster.Admin.Id.ToShortString()}", expired.Message);

        Certificate future = _cluster.Forge(_cluster.Key, _cluster.Admin, "admin", notBefore: Now.AddDays(1), expires: Now.AddDays(2));
        Certificate early = _cluster.Forge(_cluster.Admin.Key, _cluster.Writer, "writer", future);
        AssertUnauthorized("is not yet valid", () => early.Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void Any_changed_byte_makes_it_invalid()
    {
        Certificate issued = Certificate.IssueByNode(
            _cluster.Node.Key, _cluster.NodeCertificate, _cluster.Invite(Role.Node), _cluster.Stranger.PublicKey, Now);
        byte[] encoded = issued.Encoded;
        for (int at = 0; at < encoded.Length; at++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x80, 0xff })
            {
                byte[] changed = [.. encoded];
                changed[at] ^= flip;
                AssertRefused(changed, $"byte {at} xor {flip:x2}");
            }
        }
    }

    [Fact]
    public void Any_cut_and_any_addition_makes_it_malformed()
    {
        byte[] encoded = _cluster.NodeCertificate.Encoded;
        for (int length = 0; length < encoded.Length; length++)
            AssertMalformed("certificate", () => Certificate.Decode(encoded.AsSpan(0, length)));
        AssertMalformed("follow the end of the document", () => Certificate.Decode([.. encoded, 0]));
    }

    [Fact]
    public void A_signature_over_something_else_does_not_count()
    {
        byte[] head = Bytes("d1:c32:", _cluster.PublicKey, "1:ei1772700000e1:ni1772600767e1:r6:reader");
        byte[] tail = Bytes("1:u32:", _cluster.Stranger.PublicKey.ToArray(), "e");
        Certificate.Decode(Sign(_cluster.Key, "megatorrent certificate v1", head, tail)).Validate(_cluster.PublicKey, Now);
        AssertUnauthorized("wrong signature", () =>
            Certificate.Decode(Sign(_cluster.Key, "megatorrent invitation v1", head, tail)).Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void Readers_and_writers_may_not_issue()
    {
        AssertUnauthorized("A writer may not issue certificates", () => Certificate.IssueByAdmin(
            _cluster.Writer.Key, _cluster.WriterCertificate, _cluster.Stranger.PublicKey, Role.Reader, Now, Now.AddDays(1)));
        AssertUnauthorized($"was issued by writer {_cluster.Writer.Id.ToShortString()}, which may not issue certificates", () =>
            _cluster.Forge(_cluster.Writer.Key, _cluster.Stranger, "reader", _cluster.WriterCertificate).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("which may not issue certificates", () =>
            _cluster.Forge(_cluster.Reader.Key, _cluster.Stranger, "reader", _cluster.ReaderCertificate).Validate(_cluster.PublicKey, Now));

        AssertUnauthorized("A writer may not exchange invitations", () =>
            Certificate.IssueByNode(_cluster.Writer.Key, _cluster.WriterCertificate, _cluster.Invite(), _cluster.Stranger.PublicKey, Now));
        AssertUnauthorized("carries an invitation although writer", () =>
            _cluster.Forge(_cluster.Writer.Key, _cluster.Stranger, "writer", _cluster.WriterCertificate, _cluster.Invite())
                .Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void Admins_may_not_make_admins()
    {
        AssertUnauthorized("Only the cluster's own key may make an admin", () => Certificate.IssueByAdmin(
            _cluster.Admin.Key, _cluster.AdminCertificate, _cluster.Stranger.PublicKey, Role.Admin, Now, Now.AddDays(1)));
        AssertUnauthorized("Only the cluster's own key may make an admin", () =>
            _cluster.Forge(_cluster.Admin.Key, _cluster.Stranger, "admin", _cluster.AdminCertificate).Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void An_admin_issues_without_an_invitation()
    {
        AssertUnauthorized("carries an invitation although admin", () =>
            _cluster.Forge(_cluster.Admin.Key, _cluster.Stranger, "writer", _cluster.AdminCertificate, _cluster.Invite())
                .Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void A_node_needs_an_invitation_for_this_role()
    {
        AssertUnauthorized("without an invitation", () => FromNode("writer", null).Validate(_cluster.PublicKey, Now));
        FromNode("writer", _cluster.Invite(Role.Writer)).Validate(_cluster.PublicKey, Now);
        AssertUnauthorized("on an invitation for a writer", () =>
            FromNode("node", _cluster.Invite(Role.Writer)).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("on an invitation for a writer", () =>
            FromNode("reader", _cluster.Invite(Role.Writer)).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("on an invitation for a reader", () =>
            FromNode("admin", _cluster.Invite(Role.Reader)).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("The invitation is for an admin", () =>
            FromNode("admin", _cluster.ForgeInvitation(_cluster.Key, "admin")).Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void An_invitation_must_have_been_fresh_when_it_was_exchanged()
    {
        Invitation token = _cluster.Invite();
        AssertUnauthorized("The invitation expired on 2026-03-04 06:06:07 UTC", () =>
            Certificate.IssueByNode(_cluster.Node.Key, _cluster.NodeCertificate, token, _cluster.Stranger.PublicKey, token.Expires));
        AssertUnauthorized("was issued on 2026-03-04 06:06:07 UTC on an invitation that expired on 2026-03-04 06:06:07 UTC", () =>
            FromNode("writer", token, token.Expires).Validate(_cluster.PublicKey, token.Expires));

        // One that was fresh then does not age the certificate.
        DateTimeOffset last = token.Expires.AddSeconds(-1);
        Certificate.IssueByNode(_cluster.Node.Key, _cluster.NodeCertificate, token, _cluster.Stranger.PublicKey, last)
            .Validate(_cluster.PublicKey, token.Expires.AddDays(20));
    }

    [Fact]
    public void A_node_cannot_stretch_what_an_invitation_grants()
    {
        Invitation token = _cluster.Invite();
        FromNode("writer", token, Now, Now.AddDays(30)).Validate(_cluster.PublicKey, Now);
        AssertUnauthorized("lasts longer than the invitation allows", () =>
            FromNode("writer", token, Now, Now.AddDays(30).AddSeconds(1)).Validate(_cluster.PublicKey, Now));
    }

    [Fact]
    public void An_invitation_must_come_from_an_admin()
    {
        AssertUnauthorized("who is no admin", () =>
            FromNode("writer", _cluster.ForgeInvitation(_cluster.Stranger.Key, "writer", WriterOfCluster()))
                .Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("The invitation has a wrong signature", () =>
            FromNode("writer", _cluster.ForgeInvitation(_cluster.Node.Key, "writer")).Validate(_cluster.PublicKey, Now));
        AssertUnauthorized("The invitation has a wrong signature", () =>
            FromNode("writer", _cluster.ForgeInvitation(_cluster.Node.Key, "writer", _cluster.AdminCertificate))
                .Validate(_cluster.PublicKey, Now));
        using var other = new TestCluster(seed: 2);
        AssertUnauthorized("The invitation belongs to another cluster", () =>
            FromNode("writer", other.Invite()).Validate(_cluster.PublicKey, Now));

        Certificate WriterOfCluster() => _cluster.Forge(_cluster.Key, _cluster.Stranger, "writer");
    }

    [Fact]
    public void What_an_admin_granted_ends_with_the_admin()
    {
        Certificate admin = Certificate.IssueByCluster(_cluster.Key, _cluster.Admin.PublicKey, Role.Admin, Now, Now.AddDays(2));
        Certificate writer = Certificate.IssueByAdmin(
            _cluster.Admin.Key, admin, _cluster.Writer.PublicKey, Role.Writer, Now, Now.AddDays(100));
        Assert.Equal(admin.Expires, writer.Expires);

        Invitation token = Invitation.Create(
            _cluster.Admin.Key, admin, Role.Reader, Now.AddHours(1), TimeSpan.FromDays(100), [], _cluster.Random);
        Certificate reader = Certificate.IssueByNode(_cluster.Node.Key, _cluster.NodeCertificate, token, _cluster.Reader.PublicKey, Now);
        Assert.Equal(admin.Expires, reader.Expires);

        Certificate node = Certificate.IssueByCluster(_cluster.Key, _cluster.Node.PublicKey, Role.Node, Now, Now.AddDays(1));
        reader = Certificate.IssueByNode(_cluster.Node.Key, node, token, _cluster.Reader.PublicKey, Now);
        Assert.Equal(node.Expires, reader.Expires);
        Invitation longer = _cluster.ForgeInvitation(_cluster.Key, "reader", expires: Now.AddDays(3));
        AssertUnauthorized("expired on", () =>
            Certificate.IssueByNode(_cluster.Node.Key, node, longer, _cluster.Reader.PublicKey, Now.AddDays(1)));
    }

    [Fact]
    public void Chains_longer_than_four_are_neither_made_nor_read()
    {
        var identities = new List<Identity> { _cluster.Node };
        Certificate last = _cluster.NodeCertificate;
        while (last.ChainLength < Certificate.MaxChainLength)
        {
            Identity next = Identity.Generate(_cluster.Random);
            last = Certificate.IssueByNode(identities[^1].Key, last, _cluster.Invite(Role.Node), next.PublicKey, Now);
            last.Validate(_cluster.PublicKey, Now);
            identities.Add(next);
        }
        AssertUnauthorized("already the end of a chain of 4; take the invitation to a node that an admin admitted", () =>
            Certificate.IssueByNode(identities[^1].Key, last, _cluster.Invite(), _cluster.Stranger.PublicKey, Now));
        AssertMalformed("the chain of issuers is too long", () =>
            _cluster.Forge(identities[^1].Key, _cluster.Stranger, "writer", last, _cluster.Invite()));
        foreach (Identity identity in identities)
            identity.Dispose();
    }

    [Fact]
    public void The_longest_chain_with_the_longest_invitations_fits()
    {
        string name = string.Join('.', Enumerable.Repeat(new string('n', 60), 4));
        string[] endpoints =
            [$"{name}:65535", $"{name}:65534", $"{name[..72]}:65000", "10.0.0.1:65000", "[2001:db8:1234:5678:9abc:def0:1234:5678]:65535"];
        Invitation token = Invitation.Create(
            _cluster.Admin.Key, _cluster.AdminCertificate, Role.Node, Now.AddHours(1), TimeSpan.FromDays(30), endpoints, _cluster.Random);
        Assert.InRange(token.Encoded.Length, Invitation.MaxEncodedLength - 8, Invitation.MaxEncodedLength);
        Certificate last = Certificate.IssueByCluster(_cluster.Key, _cluster.Node.PublicKey, Role.Node, Now, Now.AddDays(1));
        for (int i = 1; i < Certificate.MaxChainLength; i++)
            last = Certificate.IssueByNode(_cluster.Node.Key, last, token, _cluster.Node.PublicKey, Now);
        Assert.InRange(last.Encoded.Length, 3800, Certificate.MaxEncodedLength);
        last.Validate(_cluster.PublicKey, Now);
        AssertMalformed("the limit is 4096", () => Certificate.Decode(new byte[Certificate.MaxEncodedLength + 1]));
    }

    [Theory]
    [InlineData("c", "the entry 'c' is missing")]
    [InlineData("e", "the entry 'e' is missing")]
    [InlineData("n", "the entry 'n' is missing")]
    [InlineData("r", "the entry 'r' is missing")]
    [InlineData("s", "the entry 's' is missing")]
    [InlineData("u", "the entry 'u' is missing")]
    public void Every_entry_is_needed(string missing, string fault)
    {
        AssertMalformed(fault, () => Certificate.Decode(Compose(missing)));
        Certificate.Decode(Compose(""));
    }

    [Theory]
    [InlineData("c", "1:c31:0123456789012345678901234567890", "31 bytes long, not 32")]
    [InlineData("c", "1:c33:012345678901234567890123456789012", "33 bytes long, not 32")]
    [InlineData("c", "1:ci1e", "an integer stands where a byte string should")]
    [InlineData("e", "1:ei-1e", "-1 is outside 0 to 253402300799")]
    [InlineData("e", "1:ei253402300800e", "253402300800 is outside 0 to")]
    [InlineData("e", "1:e1:1", "a byte string stands where an integer should")]
    [InlineData("n", "1:ni9223372036854775807e", "is outside 0 to")]
    [InlineData("r", "1:r5:owner", "unknown role")]
    [InlineData("r", "1:r6:Reader", "unknown role")]
    [InlineData("r", "1:r0:", "the role is empty")]
    [InlineData("r", "1:r9:readerrrr", "9 bytes long, the limit is 8")]
    [InlineData("s", "1:s0:", "0 bytes long, not 64")]
    [InlineData("u", "1:ude", "a dictionary stands where a byte string should")]
    [InlineData("u", "1:t2:de1:u32:01234567890123456789012345678901", "the entry 'c' is missing")]
    [InlineData("u", "1:u32:012345678901234567890123456789011:vi1e", "unknown key 'v'")]
    [InlineData("c", "0:i1e1:c32:01234567890123456789012345678901", "unknown key ''")]
    [InlineData("c", "1:ai1e1:c32:01234567890123456789012345678901", "unknown key 'a'")]
    [InlineData("c", "1:c32:012345678901234567890123456789012:ccde", "unknown key 'cc'")]
    [InlineData("n", "1:i2:de1:ni1e", "the entry 'c' is missing")]
    public void Every_entry_has_its_form(string replaced, string by, string fault)
    {
        AssertMalformed(fault, () => Certificate.Decode(Compose(replaced, by)));
    }

    [Fact]
    public void An_invitation_without_an_issuer_is_malformed()
    {
        AssertMalformed("it has an invitation (t) but no issuer (i)", () =>
            _cluster.Forge(_cluster.Key, _cluster.Stranger, "writer", issuer: null, _cluster.Invite()));
    }

    [Fact]
    public void Arguments_are_checked()
    {
        Assert.Throws<ArgumentException>(() => Certificate.IssueByCluster(_cluster.Key, new byte[31], Role.Node, Now, Now.AddDays(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Certificate.IssueByCluster(_cluster.Key, _cluster.Node.PublicKey, (Role)9, Now, Now.AddDays(1)));
        Assert.Throws<ArgumentException>(() => Certificate.IssueByAdmin(
            _cluster.Stranger.Key, _cluster.AdminCertificate, _cluster.Node.PublicKey, Role.Node, Now, Now.AddDays(1)));
        Assert.Throws<ArgumentException>(() =>
            Certificate.IssueByNode(_cluster.Stranger.Key, _cluster.NodeCertificate, _cluster.Invite(), _cluster.Node.PublicKey, Now));
        Assert.Throws<ArgumentException>(() => _cluster.NodeCertificate.Validate(new byte[31], Now));
        var never = Assert.Throws<MegatorrentException>(() =>
            Certificate.IssueByCluster(_cluster.Key, _cluster.Node.PublicKey, Role.Node, Now, Now));
        Assert.Equal(ErrorKind.InvalidArgument, never.Kind);
    }

    [Fact]
    public void Fractions_of_a_second_are_cut()
    {
        Certificate certificate = Certificate.IssueByCluster(
            _cluster.Key, _cluster.Node.PublicKey, Role.Node, Now.AddMilliseconds(700), Now.AddDays(1).AddMilliseconds(999));
        Assert.Equal(Now, certificate.NotBefore);
        Assert.Equal(Now.AddDays(1), certificate.Expires);
    }

    private Certificate FromNode(string role, Invitation? token, DateTimeOffset? notBefore = null, DateTimeOffset? expires = null)
    {
        expires ??= (notBefore ?? Now).AddDays(1);
        return _cluster.Forge(_cluster.Node.Key, _cluster.Stranger, role, _cluster.NodeCertificate, token, notBefore, expires);
    }

    private static byte[] Compose(string replaced, string by = "")
    {
        string document = "d";
        foreach ((string key, string entry) in new[]
        {
            ("c", "1:c32:01234567890123456789012345678901"),
            ("e", "1:ei2e"),
            ("n", "1:ni1e"),
            ("r", "1:r6:reader"),
            ("s", "1:s64:" + new string('s', 64)),
            ("u", "1:u32:01234567890123456789012345678901"),
        })
        {
            document += key == replaced ? by : entry;
        }
        return Bytes(document, "e");
    }

    private void AssertRefused(byte[] encoded, string what)
    {
        try
        {
            Certificate.Decode(encoded).Validate(_cluster.PublicKey, Now);
        }
        catch (MegatorrentException error)
        {
            Assert.True(error.Kind is ErrorKind.Malformed or ErrorKind.Unauthorized, $"{what}: {error}");
            return;
        }
        Assert.Fail($"{what}: the changed certificate is valid.");
    }
}
