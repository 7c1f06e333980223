using Megatorrent.Cluster.Audit;
using Megatorrent.Core;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>The scrub's plan, played through in virtual time.</summary>
public class ScrubScheduleTests
{
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;
    private const long Week = 7 * Day;
    private const long MiB = 1 << 20;

    [Fact]
    public void Nothing_held_is_nothing_to_do() =>
        Assert.Null(ScrubSchedule.Next([(1, 0, null)], Week, MiB, 0));

    [Fact]
    public void What_was_never_checked_comes_first_at_full_speed()
    {
        ScrubStep step = ScrubSchedule.Next([(1, 100 * MiB, Week / 2), (2, 100 * MiB, null)], Week, MiB, 32 * MiB)!.Value;
        Assert.Equal(new ScrubStep(2, 0, 32 * MiB), step);
        Assert.Equal(new ScrubStep(2, 0, 0), ScrubSchedule.Next([(2, 100 * MiB, null)], Week, MiB, 0));
    }

    [Fact]
    public void A_small_store_is_read_at_the_floor_and_rested_from()
    {
        ScrubStep step = ScrubSchedule.Next([(1, 10 * MiB, 0)], Week, MiB, 32 * MiB)!.Value;
        Assert.Equal(new ScrubStep(1, Week * 85 / 100, MiB), step);

        // Two, half a round apart: each has its own time. At the same age: one makes room for the other.
        step = ScrubSchedule.Next([(1, 10 * MiB, 0), (2, 10 * MiB, Week * 45 / 100)], Week, MiB, 32 * MiB)!.Value;
        Assert.Equal(2u, step.Segment);
        Assert.InRange(step.StartsInMs, Week * 40 / 100 - 1, Week * 40 / 100);
        step = ScrubSchedule.Next([(1, 10 * MiB, 0), (2, 10 * MiB, 0)], Week, MiB, 32 * MiB)!.Value;
        Assert.InRange(step.StartsInMs, Week * 425 / 1000 - 1, Week * 425 / 1000);
        step = ScrubSchedule.Next([(1, 10 * MiB, Week * 86 / 100)], Week, MiB, 32 * MiB)!.Value;
        Assert.Equal(new ScrubStep(1, 0, MiB), step);
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 24, 0)]
    [InlineData(3, 24, 6)]
    [InlineData(4, 1, 0)]
    [InlineData(5, 9, 3)]
    public void Every_byte_is_read_within_the_period_however_often_the_node_restarts(ulong seed, int restartHours, int downHours)
    {
        World world = Play(seed, segments: 120, days: 60, restartHours, downHours, ceiling: 32 * MiB);
        Assert.True(world.OldestAgeMs <= Week, $"seed {seed}: a segment was {world.OldestAgeMs / (double)Day:0.00} d old");
        Assert.True(world.OldestAgeMs > Week / 3, $"seed {seed}: it hurried, the oldest was {world.OldestAgeMs / (double)Day:0.00} d old");

        // Spread evenly: no day reads much more than a day's share, and none much less.
        double share = world.TotalBytes / (0.85 * 7);
        double slack = downHours > 0 ? 2.0 : 1.5;
        Assert.All(world.BytesByDay.Skip(1).SkipLast(1), bytes => Assert.InRange(bytes / share, 0.4, slack));
    }

    [Fact]
    public void Behind_at_the_ceiling_it_reads_the_oldest_first_and_goes_no_faster()
    {
        World world = Play(seed: 6, segments: 400, days: 20, restartHours: 0, downHours: 0, ceiling: 50_000);
        Assert.True(world.OldestAgeMs > Week);
        Assert.All(world.BytesByDay, bytes => Assert.InRange(bytes, 0, 50_000L * 86_400 + 256 * MiB));
    }

    // The store's segments and a ledger that is written to its file and read again at every restart; a crash loses ten minutes.
    private static World Play(ulong seed, int segments, int days, int restartHours, int downHours, long ceiling)
    {
        var random = new SeededRandomSource(seed);
        SegmentStatistics[] store = [.. Enumerable.Range(1, segments).Select(i => new SegmentStatistics((uint)i, (1 + random.Next(256)) * MiB))];
        var world = new World { TotalBytes = store.Sum(segment => (double)segment.LiveBytes), BytesByDay = new double[days + 1] };
        long now = 1_700_000_000_000, begin = now, end = now + days * Day;
        ScrubLedger ledger = ScrubLedger.Fresh(now);
        ledger.Look(store, now);
        byte[] file = ledger.Encode();
        long restart = restartHours > 0 ? now + restartHours * Hour : long.MaxValue, saved = now;
        while (now < end)
        {
            if (now >= restart)
            {
                now += downHours * Hour;
                ledger = ScrubLedger.Decode(file, now);
                ledger.Look(store, now);
                restart = now + restartHours * Hour;
            }
            ScrubStep step = ScrubSchedule.Next(
                store.Select(segment => (segment.Number, segment.LiveBytes, ledger.AgeMs(segment.Number, now))), Week, MiB, ceiling)!.Value;
            if (ledger.CursorSegment != 0)
                step = step with { Segment = ledger.CursorSegment, StartsInMs = 0 };
            world.OldestAgeMs = Math.Max(world.OldestAgeMs, store.Max(segment => ledger.AgeMs(segment.Number, now)!.Value));
            if (step.StartsInMs > 0)
            {
                now += Math.Min(step.StartsInMs, 600_000);
            }
            else
            {
                if (ledger.CursorSegment != step.Segment)
                    ledger.Mark(step.Segment, 0, now);
                long length = store[step.Segment - 1].LiveBytes, offset = ledger.CursorOffset;
                long bytes = Math.Min(length - offset, Math.Max(1, step.BytesPerSecond * 600)); // ten minutes' work, or the rest
                now += Math.Max(1, bytes * 1000 / step.BytesPerSecond);
                world.BytesByDay[Math.Min(days, (now - begin) / Day)] += bytes;
                if (offset + bytes == length)
                    ledger.Checked(step.Segment, ledger.CursorStarted);
                else
                    ledger.Mark(step.Segment, offset + bytes, ledger.CursorStarted);
            }
            if (now - saved < 600_000)
                continue;
            saved = now;
            ledger.Look(store, now);
            file = ledger.Encode();
        }
        return world;
    }

    private sealed class World
    {
        public long OldestAgeMs { get; set; }

        public double TotalBytes { get; init; }

        public required double[] BytesByDay { get; init; }
    }
}
