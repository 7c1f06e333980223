using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Tests.Faults;

namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>What the log remembers over ends, crashes and damage.</summary>
public sealed class LeaseLogTests
{
    private const string File = "/data/leases";
    private static readonly Identity Alice = TestKeys.Identity(1, "owner");

    private readonly ManualTime _time = new();
    private readonly FaultyFileSystem _files = new(7);

    [Fact]
    public async Task It_remembers_leases_and_after_an_end_in_order_when_stripes_were_stored()
    {
        (LeaseTable table, LeaseLog log, LeaseLog.Opened opened) = await OpenAsync();
        Assert.False(opened.IsComplete);
        table.Touched(TestKeys.Stripe(1), 1234);
        await KeepAsync(table, log, 1, 1, 2);
        await KeepAsync(table, log, 2, 3);
        await log.DisposeAsync();

        (table, log, opened) = await OpenAsync();
        Assert.True(opened.IsComplete);
        Assert.False(opened.IsDamaged);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), opened.LastUnixMs);
        Assert.Contains((TestKeys.Stripe(1), 1234L), table.Snapshot().Touched);
        Assert.All(Enumerable.Range(1, 3), i => Assert.Equal(StripeState.Kept, table.StateOf(TestKeys.Stripe(i), isHere: true)));
        Assert.Equal(StripeState.Orphan, table.StateOf(TestKeys.Stripe(4), isHere: true));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_wherever_power_is_lost()
    {
        for (long dieAt = 1; dieAt < 60; dieAt++)
        {
            var files = new FaultyFileSystem((ulong)dieAt) { DieAt = dieAt };
            var acknowledged = new List<int>();
            try
            {
                (LeaseTable table, LeaseLog log, _) = await OpenAsync(files);
                for (int i = 0; i < 10; i++)
                {
                    await KeepAsync(table, log, i, i);
                    acknowledged.Add(i);
                }
                await log.DisposeAsync();
            }
            catch (Core.MegatorrentException)
            {
                // The disk died.
            }
            for (int start = 0; start < 2; start++)
            {
                files.LosePower();
                (LeaseTable table, _, LeaseLog.Opened opened) = await OpenAsync(files);
                Assert.False(opened.IsDamaged, $"power lost at operation {dieAt}");
                Assert.All(acknowledged, i => Assert.Equal(StripeState.Kept, table.StateOf(TestKeys.Stripe(i), isHere: true)));
            }
        }
    }

    [Fact]
    public async Task Damage_is_told_and_the_file_put_aside()
    {
        (LeaseTable table, LeaseLog log, _) = await OpenAsync();
        for (int i = 0; i < 5; i++)
            await KeepAsync(table, log, i, i);
        using (IFile file = _files.Open(File, FileOpenMode.ReadWrite))
        {
            var one = new byte[1];
            long middle = file.Length / 2;
            file.Read(one, middle);
            one[0] ^= 0x40;
            file.Write([one], middle);
        }
        _files.KillProcess();

        (table, log, LeaseLog.Opened opened) = await OpenAsync();
        Assert.False(opened.IsComplete);
        Assert.True(opened.IsDamaged);
        Assert.Contains(LeaseLog.DamagedName, _files.List("/data"));
        Assert.Equal(StripeState.Kept, table.StateOf(TestKeys.Stripe(0), isHere: true));
        await KeepAsync(table, log, 9, 9);
        await log.DisposeAsync();
    }

    private async Task<(LeaseTable Table, LeaseLog Log, LeaseLog.Opened Opened)> OpenAsync(FaultyFileSystem? files = null)
    {
        var table = new LeaseTable(new LeaseOptions(), _time);
        var log = new LeaseLog(files ?? _files, "/data", InlineExecutor.Instance, table, _time);
        return (table, log, await log.OpenAsync(CancellationToken.None));
    }

    private async Task KeepAsync(LeaseTable table, LeaseLog log, int number, params int[] stripes)
    {
        BlobId[] ids = Array.ConvertAll(stripes, TestKeys.Stripe);
        var statement = LeaseStatement.Create(
            Alice, TestKeys.ClusterKey, TestKeys.Stripe(1000 + number), 1, LeaseStatement.Never, _time.GetUtcNow().ToUnixTimeSeconds());
        (Lease lease, _) = table.Apply(statement, TestKeys.Certificate(Alice, Role.Writer).Encoded, ids);
        await log.AppendAsync(LeaseExchange.RecordOf(lease, ids));
    }
}
