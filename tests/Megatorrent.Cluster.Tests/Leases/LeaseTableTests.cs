using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>What a table does when it is full.</summary>
public sealed class LeaseTableTests
{
    private const int Most = 8;
    private static readonly Identity Alice = TestKeys.Identity(1, "owner");
    private static readonly byte[] Certificate = TestKeys.Certificate(Alice, Role.Writer).Encoded;

    private readonly ManualTime _time = new();
    private readonly LeaseTable _table;

    public LeaseTableTests() => _table = new LeaseTable(new LeaseOptions { MaxLeases = Most }, _time);

    [Fact]
    public void What_was_forgotten_makes_room_and_what_ended_last_is_remembered_longest()
    {
        for (int number = 0; number < 10 * Most; number++)
        {
            Tell(number, isKeep: true);
            _time.Advance(TimeSpan.FromHours(1));
            Tell(number, isKeep: false);
            _time.Advance(TimeSpan.FromHours(1)); // longer than a lease counts for the sake of clocks that disagree
            _table.Drop(TestKeys.Stripe(number));
        }
        Assert.InRange(_table.Leases, 1, Most);
        Assert.True(_table.Knows(Alice.Id, TestKeys.Stripe((10 * Most) - 1)));
        Assert.False(_table.Knows(Alice.Id, TestKeys.Stripe(0)));
    }

    [Fact]
    public void What_is_kept_or_still_here_makes_no_room()
    {
        for (int number = 0; number < Most - 1; number++)
            Tell(number, isKeep: true);
        Tell(Most - 1, isKeep: true);
        _time.Advance(TimeSpan.FromHours(1));
        Tell(Most - 1, isKeep: false); // its stripe is here
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ErrorKind.LimitExceeded, Assert.Throws<MegatorrentException>(() => Tell(Most, isKeep: true)).Kind);
        _table.Drop(TestKeys.Stripe(Most - 1));
        _time.Advance(TimeSpan.FromHours(1)); // a full table is not looked through all the time
        Tell(Most, isKeep: true);
        Assert.Equal(Most, _table.Leases);
        Assert.All(Enumerable.Range(0, Most - 1), number => Assert.True(_table.Knows(Alice.Id, TestKeys.Stripe(number))));
    }

    private void Tell(int number, bool isKeep)
    {
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        var statement = LeaseStatement.Create(
            Alice, TestKeys.ClusterKey, TestKeys.Stripe(number), isKeep ? 1 : 2, isKeep ? LeaseStatement.Never : now, now);
        _table.Apply(statement, Certificate, [TestKeys.Stripe(number)]);
    }
}
