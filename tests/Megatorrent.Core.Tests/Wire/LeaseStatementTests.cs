using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

public sealed class LeaseStatementTests : IDisposable
{
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

    private LeaseStatement Make(long sequence, long expires) => LeaseStatement.Create(
        _cluster.Node, _cluster.PublicKey, BlobId.Of("object"u8), sequence, expires, Now.ToUnixTimeSeconds());
}
