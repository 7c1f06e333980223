using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Coordination;

public class LayoutEncodingTests
{
    private static readonly NodeId A = new([.. Enumerable.Repeat((byte)'a', 32)]);
    private static readonly NodeId B = new([.. Enumerable.Repeat((byte)'b', 32)]);

    // Frozen: nodes of another build must come to the same hash.
    [Fact]
    public void The_encoding_is_frozen()
    {
        ClusterLayout layout = ClusterLayout.Empty.Next(
            TestKeys.Start, new LayoutNode(B, NodeMode.Active) { Place = A, Weight = 9 },
            new LayoutNode(A, NodeMode.Removed) { Domain = "site/rack" });
        string previous = System.Text.Encoding.Latin1.GetString(ClusterLayout.Empty.Hash);
        Assert.Equal(
            $"d1:ei1e1:nld1:d9:site/rack1:i32:{new string('a', 32)}1:mi3eed1:i32:{new string('b', 32)}1:mi1e1:p32:{new string('a', 32)}"
            + $"1:wi9eee1:p32:{previous}1:ti1767225600e1:vi1ee",
            System.Text.Encoding.Latin1.GetString(layout.Encoded));
        Assert.Equal([(byte)1, 2, 3], Enum.GetValues<NodeMode>().Select(mode => (byte)mode));
        Assert.Equal(["active", "draining", "removed"], Enum.GetValues<NodeMode>().Select(mode => mode.ToText()));
    }

    [Fact]
    public void A_layout_and_its_signature_come_back_as_they_were()
    {
        SignedLayout signed = TestLayouts.Next(null, new LayoutNode(A, NodeMode.Draining) { Weight = 3, Domain = "x" });
        SignedLayout read = SignedLayout.Decode(signed.Encoded);
        Assert.Equal(signed.Encoded, read.Encoded);
        read.Validate(TestKeys.ClusterKey, DateTimeOffset.UtcNow);
        Assert.Equal(new LayoutNode(A, NodeMode.Draining) { Weight = 3, Domain = "x" }, Assert.Single(read.Layout.Nodes));
        SignedLayout plain = TestLayouts.Next(signed, new LayoutNode(A, NodeMode.Active));
        Assert.Empty(plain.Layout.Nodes); // says nothing that is not so anyway
        Assert.True(plain.Follows(signed));
        Assert.True(plain.Supersedes(signed));
        Assert.False(signed.Supersedes(plain));
        Assert.False(plain.Follows(plain));
    }

    [Fact]
    public void The_clusters_own_key_may_sign_and_nobody_elses()
    {
        ClusterLayout layout = ClusterLayout.Empty.Next(TestKeys.Start, new LayoutNode(A, NodeMode.Removed));
        SignedLayout.Sign(layout, TestKeys.Cluster, null).Validate(TestKeys.ClusterKey, TestKeys.Start);
        using Identity other = TestKeys.Identity(3);
        SignedLayout forged = SignedLayout.Sign(layout, other.Key, null);
        Assert.Throws<MegatorrentException>(() => forged.Validate(TestKeys.ClusterKey, TestKeys.Start));
        Assert.Throws<MegatorrentException>( // decided in the future
            () => SignedLayout.Sign(layout, TestKeys.Cluster, null).Validate(TestKeys.ClusterKey, TestKeys.Start.AddHours(-1)));
    }

    [Fact]
    public void A_decision_outlives_the_certificate_of_who_made_it_but_is_not_made_after_it()
    {
        using Identity admin = TestKeys.Identity(1, "admin");
        Certificate certificate = TestKeys.Certificate(admin, Role.Admin, expires: TestKeys.Start.AddDays(1));
        SignedLayout good = SignedLayout.Sign(ClusterLayout.Empty.Next(TestKeys.Start), admin.Key, certificate);
        good.Validate(TestKeys.ClusterKey, TestKeys.Start.AddYears(1));
        SignedLayout late = SignedLayout.Sign(ClusterLayout.Empty.Next(TestKeys.Start.AddDays(2)), admin.Key, certificate);
        Assert.Throws<MegatorrentException>(() => late.Validate(TestKeys.ClusterKey, TestKeys.Start.AddDays(2)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("de")]
    [InlineData("d1:ei1e1:nle1:ti0e1:vi1ee")]
    [InlineData("d1:ei-1e1:nle1:p32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:ti0e1:vi1ee")]
    [InlineData("d1:ei1e1:nld1:i32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:mi4eee1:p32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:ti0e1:vi1ee")]
    [InlineData("d1:ei1e1:nld1:d1: 1:i32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:mi1eee1:p32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:ti0e1:vi1ee")]
    public void What_is_no_layout_is_malformed(string text)
    {
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(text);
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => ClusterLayout.Decode(bytes)).Kind);
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => SignedLayout.Decode(bytes)).Kind);
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => LayoutReply.Decode(bytes)).Kind);
    }

    [Fact]
    public void Every_cut_and_flipped_byte_of_a_signed_layout_is_refused()
    {
        byte[] good = TestLayouts.Next(null, new LayoutNode(A, NodeMode.Draining)).Encoded;
        for (int i = 0; i < good.Length; i++)
        {
            Assert.Throws<MegatorrentException>(() => SignedLayout.Decode(good.AsSpan(0, i)));
            byte[] bad = [.. good];
            bad[i] ^= 1;
            Assert.Throws<MegatorrentException>(() => SignedLayout.Decode(bad).Validate(TestKeys.ClusterKey, DateTimeOffset.UtcNow));
        }
    }

    [Fact]
    public void A_view_carries_its_layout_and_a_reader_believes_only_a_signed_one()
    {
        Member[] members = TestKeys.Members(4);
        SignedLayout layout = TestLayouts.Next(
            null, new LayoutNode(members[0].Id, NodeMode.Removed), new LayoutNode(members[1].Id, NodeMode.Draining),
            new LayoutNode(members[2].Id, NodeMode.Active) { Weight = 50, Domain = "s/r" });
        ClusterView view = ClusterView.Decode(new ClusterView(members, 3, layout).Encode())
            .Validated(TestKeys.ClusterKey, DateTimeOffset.UtcNow);
        Assert.Null(view.Find(members[0].Id));
        Assert.False(view.Find(members[1].Id)!.TakesBlobs);
        Assert.Equal((50, "s/r"), (view.Find(members[2].Id)!.Weight, view.Find(members[2].Id)!.Domain));
        Assert.Equal(2, view.DomainCount); // one that drains is no domain to rely on

        using Identity liar = TestKeys.Identity(9);
        SignedLayout forged = SignedLayout.Sign(layout.Layout, liar.Key, null);
        ClusterView lie = ClusterView.Decode(new ClusterView(members, 3, forged).Encode())
            .Validated(TestKeys.ClusterKey, DateTimeOffset.UtcNow);
        Assert.Null(lie.Layout);
        Assert.All(lie.Members, member => Assert.True(member.TakesBlobs));
    }
}
