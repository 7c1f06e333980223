using Megatorrent.Cluster.Audit;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>What a node remembers of its scrubs: always a bound from below.</summary>
public class ScrubLedgerTests
{
    private const long Now = 1_700_000_000_000;

    [Fact]
    public void On_a_fresh_node_everything_is_as_old_as_the_look_before_it_was_seen()
    {
        ScrubLedger ledger = ScrubLedger.Fresh(Now);
        ledger.Look([new(1, 10)], Now + 60_000);
        ledger.Look([new(1, 10), new(2, 10)], Now + 120_000);
        Assert.Equal(120_000, ledger.AgeMs(1, Now + 120_000));
        Assert.Equal(60_000, ledger.AgeMs(2, Now + 120_000));
        Assert.Null(ledger.AgeMs(3, Now));
    }

    [Fact]
    public void Without_a_record_what_is_there_is_unknown_and_what_comes_is_not()
    {
        var ledger = new ScrubLedger();
        ledger.Look([new(4, 10)], Now);
        Assert.Null(ledger.AgeMs(4, Now));
        ledger.Look([new(4, 10), new(5, 10)], Now + 1000);
        Assert.Equal(1000, ledger.AgeMs(5, Now + 1000));
        ledger.Checked(4, Now + 500);
        Assert.Equal(500, ledger.AgeMs(4, Now + 1000));
    }

    [Fact]
    public void A_segment_that_was_lost_and_came_back_is_unknown()
    {
        ScrubLedger ledger = ScrubLedger.Fresh(Now);
        ledger.Look([new(1, 10), new(2, 10)], Now);
        ledger.Look([new(2, 10)], Now + 1);
        ledger.Look([new(1, 10), new(2, 10)], Now + 2);
        Assert.Null(ledger.AgeMs(1, Now + 2));
    }

    [Fact]
    public void A_check_never_makes_a_segment_older()
    {
        ScrubLedger ledger = ScrubLedger.Fresh(Now);
        ledger.Look([new(1, 10)], Now);
        ledger.Checked(1, Now + 100);
        ledger.Checked(1, Now + 50);
        Assert.Equal(0, ledger.AgeMs(1, Now + 100));
    }

    [Fact]
    public void It_is_the_same_after_a_restart_place_and_all()
    {
        ScrubLedger ledger = ScrubLedger.Fresh(Now);
        ledger.Look([new(1, 10), new(7, 10)], Now + 10);
        ledger.Checked(1, Now + 5);
        ledger.Mark(7, 123, Now + 9);
        byte[] file = ledger.Encode();
        ScrubLedger again = ScrubLedger.Decode(file, Now + 20);
        Assert.Equal(file, again.Encode());
        Assert.Equal((7u, 123L, Now + 9), (again.CursorSegment, again.CursorOffset, again.CursorStarted));
        again.Look([new(1, 10)], Now + 20);
        Assert.Equal(0u, again.CursorSegment); // what it was in is gone
    }

    [Fact]
    public void The_file_is_frozen()
    {
        ScrubLedger ledger = ScrubLedger.Fresh(1);
        ledger.Look([new(2, 10)], 3);
        ledger.Mark(2, 64, 3);
        Assert.Equal(
            "d1:ai3e1:hi2e1:li3e1:oi64e1:si2e1:t12:\0\0\0\u0002\0\0\0\0\0\0\0\u00011:vi1ee", System.Text.Encoding.Latin1.GetString(ledger.Encode()));
    }

    [Fact]
    public void A_time_to_come_is_not_believed()
    {
        ScrubLedger ledger = ScrubLedger.Fresh(Now);
        ledger.Look([new(1, 10), new(2, 10)], Now);
        ledger.Checked(1, Now + 86_400_000);
        ledger.Checked(2, Now + 60_000);
        ScrubLedger again = ScrubLedger.Decode(ledger.Encode(), Now);
        Assert.Null(again.AgeMs(1, Now));
        Assert.Equal(0, again.AgeMs(2, Now));
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        byte[] file = ScrubLedger.Fresh(Now).Encode();
        for (int length = 0; length < file.Length; length++)
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => ScrubLedger.Decode(file.AsSpan(0, length), Now)).Kind);
    }
}
