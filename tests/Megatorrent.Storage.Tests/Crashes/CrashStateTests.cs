namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>A slice of <c>./build.sh crash</c>, and that what it looks for is found where it is.</summary>
public sealed class CrashStateTests
{
    private const int Operations = 160;

    [Theory]
    [InlineData(1ul, 16L << 20)]
    [InlineData(2ul, 1L)]
    public void No_state_that_a_loss_of_power_may_leave_costs_what_was_acknowledged(ulong seed, long batchBytes)
    {
        List<DiskEvent> events = RecordedWorkload.Run(seed, Operations, batchBytes);
        var explorer = new CrashExplorer(seed);
        explorer.Explore(events);
        Assert.InRange(explorer.Points, Operations, int.MaxValue);
        Assert.InRange(explorer.States, 5 * Operations, int.MaxValue);
        Assert.InRange(explorer.NestedStates, 10, int.MaxValue);
    }

    [Fact]
    public void Operations_wait_for_each_other_and_are_flushed_together() => Assert.InRange(
        RecordedWorkload.Run(1, Operations, 16 << 20).Count(one => one.Kind == DiskEventKind.Flush),
        1,
        RecordedWorkload.Run(1, Operations, 1).Count(one => one.Kind == DiskEventKind.Flush) * 9 / 10);

    [Fact]
    public void A_disk_that_does_not_flush_is_found_out() =>
        AssertFound(events => events.RemoveAll(one => one.Kind == DiskEventKind.Flush));

    [Fact]
    public void A_directory_that_is_not_flushed_is_found_out() =>
        AssertFound(events => events.RemoveAll(one => one.Kind == DiskEventKind.SyncDirectory));

    [Fact]
    public void A_single_flush_that_is_missing_is_found_out()
    {
        List<DiskEvent> events = Recorded();
        int[] flushes = [.. Enumerable.Range(0, events.Count).Where(i => events[i].Kind == DiskEventKind.Flush)];
        int found = flushes.Count(flush =>
        {
            List<DiskEvent> without = [.. events];
            without.RemoveAt(flush);
            return Record.Exception(() => new CrashExplorer(3).Explore(without)) is CrashException;
        });
        // That of a checkpoint, which only saves time, or one that the next one makes good before anybody is told, need not be.
        Assert.InRange(found, flushes.Length / 2, flushes.Length);
    }

    [Fact]
    public void What_is_deleted_and_comes_back_is_found_out() =>
        AssertFound(events => events.Insert(events.Count, new DiskEvent(
            DiskEventKind.Note, Note: events.FindLast(one => one.Note is { IsEnd: true, IsPut: true, IsDescriptor: false })!.Note!.Value with { IsPut = false })));

    private static List<DiskEvent> Recorded() => RecordedWorkload.Run(3, operations: 20, batchBytes: 16 << 20);

    private static void AssertFound(Action<List<DiskEvent>> spoil)
    {
        List<DiskEvent> events = Recorded();
        new CrashExplorer(3).Explore(events);
        spoil(events);
        Assert.Throws<CrashException>(() => new CrashExplorer(3).Explore(events));
    }
}
