using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>What is remembered of audits, and what follows from it.</summary>
public class AuditHistoryTests
{
    private static readonly NodeId Member = TestKeys.Identity(1).Id;
    private readonly AuditOptions _options = new() { SuspendAfter = 3, WrongSuspensionMs = 1000 };

    [Fact]
    public void The_ring_is_bounded_and_the_sums_are_not()
    {
        var history = new AuditHistory();
        for (int i = 0; i < 500; i++)
            history.Add(Result(i, AuditOutcome.Ok));
        Assert.Equal(PeerHistory.RingLength, history.Find(Member)!.Results.Count());
        Assert.Equal(499, history.Find(Member)!.Results.Last().UnixMs);
        Assert.Equal((500, 0, 0, 0), history.Sums());
        AuditHistory again = AuditHistory.Decode(history.Encode());
        Assert.Equal(history.Encode(), again.Encode());
        Assert.Equal(history.Find(Member)!.Results, again.Find(Member)!.Results);
        Assert.False(history.IsDirty);
    }

    [Fact]
    public void Members_are_bounded_and_a_full_history_fits_its_file()
    {
        var history = new AuditHistory();
        for (int member = 0; member < AuditHistory.MembersMax + 5; member++)
        {
            var id = new NodeId([(byte)member, (byte)(member >> 8), .. new byte[30]]);
            for (int i = 0; i < PeerHistory.RingLength; i++)
                history.Add(Result(member + i, AuditOutcome.Ok) with { Member = id });
        }
        Assert.Null(history.Find(new NodeId(new byte[32])));
        Assert.InRange(history.Encode().Length, 1, AuditHistory.EncodedLengthMax);
    }

    [Fact]
    public void Unknown_suspends_when_it_lasts_and_wrong_for_a_time()
    {
        var history = new AuditHistory();
        Assert.False(history.IsSuspended(Member, _options, 0));
        foreach (AuditOutcome outcome in (AuditOutcome[])[AuditOutcome.Unknown, AuditOutcome.Unknown, AuditOutcome.Missing, AuditOutcome.Unknown, AuditOutcome.Unknown])
            history.Add(Result(10, outcome));
        Assert.False(history.IsSuspended(Member, _options, 10)); // it answered in between
        history.Add(Result(11, AuditOutcome.Unknown));
        Assert.True(history.IsSuspended(Member, _options, 1_000_000));
        Assert.True(AuditHistory.Decode(history.Encode()).IsSuspended(Member, _options, 11));
        history.Add(Result(12, AuditOutcome.Ok));
        Assert.False(history.IsSuspended(Member, _options, 12));
        history.Add(Result(100, AuditOutcome.Wrong));
        history.Add(Result(101, AuditOutcome.Ok));
        Assert.True(history.IsSuspended(Member, _options, 1099));
        Assert.False(history.IsSuspended(Member, _options, 1100));
    }

    [Fact]
    public void Evidence_of_a_blob_is_taken_back_by_a_later_loss()
    {
        var history = new AuditHistory();
        history.Add(Result(1, AuditOutcome.Ok));
        history.Add(Result(2, AuditOutcome.Ok));
        Assert.Equal(2, Assert.Single(history.Right([TestKeys.Stripe(1)], 10)).UnixMs);
        Assert.Empty(history.Right([TestKeys.Stripe(2)], 10));
        history.Add(Result(3, AuditOutcome.Missing));
        Assert.Empty(history.Right([TestKeys.Stripe(1)], 10));
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        var history = new AuditHistory();
        history.Add(Result(1, AuditOutcome.Wrong));
        byte[] file = history.Encode();
        for (int length = 0; length < file.Length; length++)
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => AuditHistory.Decode(file.AsSpan(0, length))).Kind);
    }

    [Fact]
    public void The_numbers_are_frozen()
    {
        Assert.Equal([1, 2, 3, 4], Enum.GetValues<AuditOutcome>().Select(static value => (int)value));
        Assert.Equal([1, 2, 3, 4, 5], Enum.GetValues<AuditKind>().Select(static value => (int)value));
        Assert.Equal((1, 2, 3, 4), ((int)AuditOutcome.Ok, (int)AuditOutcome.Unknown, (int)AuditOutcome.Missing, (int)AuditOutcome.Wrong));
        Assert.Equal((1, 2, 3, 4, 5), ((int)AuditKind.Copy, (int)AuditKind.Prepared, (int)AuditKind.Fetch, (int)AuditKind.Contest, (int)AuditKind.Accusation));
    }

    private static AuditResult Result(long time, AuditOutcome outcome) => new(Member, TestKeys.Stripe(1), AuditKind.Fetch, outcome, time, 5);
}
