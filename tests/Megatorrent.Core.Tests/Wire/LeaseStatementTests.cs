using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

public sealed class LeaseStatementTests : IDisposable
{
    private static readonly BlobId Kept = BlobId.Of("object"u8);

    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Any_changed_byte_makes_it_invalid()
    {
        byte[] encoded = Make(1, 100).Encode();
        LeaseStatement.Decode(encoded).Validate(_cluster.NodeCertificate, _cluster.PublicKey);
        for (int at = 0; at < encoded.Length; at++)
        {
            byte[] changed = [.. encoded];
            changed[at] ^= 1;
            var error = Assert.Throws<MegatorrentException>(
                () => LeaseStatement.Decode(changed).Validate(_cluster.NodeCertificate, _cluster.PublicKey));
            Assert.True(error.Kind is ErrorKind.Malformed or ErrorKind.Unauthorized, $"byte {at}: {error}");
        }
    }

    [Fact]
    public void The_higher_number_holds_and_at_equal_numbers_the_longer_one()
    {
        Assert.True(Make(2, 100).Supersedes(Make(1, LeaseStatement.Never)));
        Assert.False(Make(1, LeaseStatement.Never).Supersedes(Make(2, 100)));
        Assert.True(Make(1, LeaseStatement.Never).Supersedes(Make(1, 100)));
        Assert.False(Make(1, 100).Supersedes(Make(1, LeaseStatement.Never)));
        Assert.False(Make(1, 100).Supersedes(Make(1, 100)));
    }

    [Fact]
    public void It_lives_until_its_second_or_for_ever()
    {
        Assert.True(Make(1, 100).IsLivingAt(99));
        Assert.False(Make(1, 100).IsLivingAt(100));
        Assert.True(Make(1, LeaseStatement.Never).IsLivingAt(long.MaxValue));
    }

    [Fact]
    public void Equal_ones_are_told_apart_the_same_way_everywhere()
    {
        LeaseStatement early = Make(1, 100), late = LeaseStatement.Create(_cluster.Node, _cluster.PublicKey, Kept, 1, 100, Now.ToUnixTimeSeconds() + 1);
        Assert.True(late.Supersedes(early));
        Assert.False(early.Supersedes(late));
        byte[] low = Entries(early, static (key, value) => key == 's' ? new byte[64] : value);
        Assert.True(early.Supersedes(LeaseStatement.Decode(low)));
        Assert.False(LeaseStatement.Decode(low).Supersedes(early));
    }

    [Fact]
    public void What_is_signed_is_frozen()
    {
        LeaseStatement statement = Make(7, 100);
        byte[] message = [.. "megatorrent lease v1\0"u8, .. Entries(statement, static (key, value) => key == 's' ? null : value)];
        var signature = new byte[64];
        _cluster.Node.Key.Sign(message, signature);
        Assert.Equal(signature, statement.Signature.ToArray());
        Assert.Equal(statement.Encode(), Entries(statement, static (_, value) => value));
    }

    [Fact]
    public void Every_entry_must_be_there_and_nothing_else()
    {
        LeaseStatement statement = Make(0, 0);
        Assert.Equal(statement.Encode(), LeaseStatement.Decode(statement.Encode()).Encode());
        foreach (char missing in "cenostu")
            Refused(Entries(statement, (key, value) => key == missing ? null : value), "an entry is missing");
        foreach (char number in "ent")
            Refused(Entries(statement, (key, value) => key == number ? -1L : value), "-1");
        foreach (char time in "et")
            Refused(Entries(statement, (key, value) => key == time ? LeaseStatement.MaxUnixSeconds + 1 : value), "253402300800");
        Refused([.. statement.Encode(), (byte)'e'], "");

        static void Refused(byte[] encoded, string why)
        {
            var exception = Assert.Throws<MegatorrentException>(() => LeaseStatement.Decode(encoded));
            Assert.Equal(ErrorKind.Malformed, exception.Kind);
            Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Numbers_out_of_range_are_not_signed()
    {
        long now = Now.ToUnixTimeSeconds();
        foreach ((long sequence, long expires, long signed) in ((long, long, long)[])
            [(-1, 0, now), (0, -1, now), (0, LeaseStatement.MaxUnixSeconds + 1, now), (0, 0, -1), (0, 0, LeaseStatement.MaxUnixSeconds + 1)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => LeaseStatement.Create(_cluster.Node, _cluster.PublicKey, Kept, sequence, expires, signed));
        }
        Assert.ThrowsAny<ArgumentException>(() => LeaseStatement.Create(_cluster.Node, new byte[31], Kept, 0, 0, now));
    }

    [Fact]
    public void It_counts_only_for_its_cluster_with_the_certificate_of_its_owner_who_may_store()
    {
        LeaseStatement statement = Make(1, 100);
        Refused(statement, _cluster.NodeCertificate, _cluster.Admin.PublicKey.ToArray(), "another cluster");
        Refused(statement, _cluster.AdminCertificate, _cluster.PublicKey, "another identity");
        Certificate writer = Issue(Role.Writer), reader = Issue(Role.Reader);
        LeaseStatement strangers = Of(_cluster.Stranger, Now);
        strangers.Validate(writer, _cluster.PublicKey);
        Refused(strangers, reader, _cluster.PublicKey, "a reader may not keep");
        Refused(Of(_cluster.Stranger, writer.Expires.AddDays(1)), writer, _cluster.PublicKey, "");

        Certificate Issue(Role role) =>
            Certificate.IssueByNode(_cluster.Node.Key, _cluster.NodeCertificate, _cluster.Invite(role), _cluster.Stranger.PublicKey, Now);

        LeaseStatement Of(Identity owner, DateTimeOffset signed) =>
            LeaseStatement.Create(owner, _cluster.PublicKey, Kept, 1, 0, signed.ToUnixTimeSeconds());

        static void Refused(LeaseStatement statement, Certificate certificate, byte[] clusterKey, string why)
        {
            var exception = Assert.Throws<MegatorrentException>(() => statement.Validate(certificate, clusterKey));
            Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
            Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        }
    }

    // The statement written out on its own, with entries changed or, where null, left out.
    private byte[] Entries(LeaseStatement statement, Func<char, object, object?> change) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        foreach ((char key, object value) in ((char, object)[])
        [
            ('c', _cluster.PublicKey), ('e', statement.ExpiresUnixS), ('n', statement.Sequence), ('o', statement.Object.ToArray()),
            ('s', statement.Signature.ToArray()), ('t', statement.SignedUnixS), ('u', _cluster.Node.PublicKey.ToArray()),
        ])
        {
            if (change(key, value) is not { } written)
                continue;
            writer.WriteKey(key.ToString());
            if (written is byte[] bytes)
                writer.WriteBytes(bytes);
            else
                writer.WriteInteger((long)written);
        }
        writer.End();
    });

    private LeaseStatement Make(long sequence, long expires) => LeaseStatement.Create(
        _cluster.Node, _cluster.PublicKey, Kept, sequence, expires, Now.ToUnixTimeSeconds());
}
