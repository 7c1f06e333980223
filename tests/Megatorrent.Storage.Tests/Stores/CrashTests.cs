using Megatorrent.Core;
using Megatorrent.Storage.Tests.Crashes;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

/// <summary>Power is lost at every single operation on the disk of a seeded run of puts, deletions, compactions and scrubs.</summary>
public sealed class CrashTests
{
    private const int Steps = 70;

    [Theory]
    [InlineData(1ul, false)]
    [InlineData(2ul, false)]
    [InlineData(3ul, true)]
    [InlineData(4ul, true)]
    public void Nothing_acknowledged_is_lost_and_nothing_else_appears(ulong seed, bool autoCompact)
    {
        long operations = Run(seed, autoCompact, dieAt: long.MaxValue);
        Assert.True(operations > 100, $"seed {seed}: only {operations} operations");
        for (long dieAt = 1; dieAt <= operations + 1; dieAt++)
        {
            try
            {
                Run(seed, autoCompact, dieAt);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    $"seed {seed}, automatic compaction {autoCompact}, power lost at operation {dieAt}: {exception.Message}", exception);
            }
        }
    }

    private static long Run(ulong seed, bool autoCompact, long dieAt)
    {
        var files = new FaultyFileSystem(seed ^ ((ulong)dieAt << 20)) { DieAt = dieAt };
        BlobStoreOptions options = Sample.Options with { AutoCompact = autoCompact, CheckpointBytes = 6000, CompactionDeadRatio = 0.2 };
        var ledger = new Ledger();
        long operations = 0;
        SingleThread.Run(async () =>
        {
            await WorkAsync(files, options, seed, ledger);
            operations = files.Operations;
            // Twice: what the first start makes of the ruins must hold the second time.
            for (int start = 0; start < 2; start++)
            {
                files.LosePower();
                await using BlobStore store = await Sample.OpenAsync(files, options);
                await ledger.CheckAsync(store);
            }
        });
        return operations;
    }

    private static async Task WorkAsync(FaultyFileSystem files, BlobStoreOptions options, ulong seed, Ledger ledger)
    {
        BlobStore store;
        try
        {
            store = await Sample.OpenAsync(files, options);
        }
        catch (MegatorrentException)
        {
            return;
        }
        var random = new SeededRandomSource(seed);
        for (int step = 0; step < Steps; step++)
        {
            int number = random.Next(Ledger.Count);
            for (int turns = random.Next(8); turns > 0; turns--)
                await Task.Yield(); // a compaction in the background comes a little further
            try
            {
                await Step.RunAsync(store, random.Next(Step.Choices), number, ledger.Apply);
            }
            catch (MegatorrentException)
            {
                // Told, and not acknowledged.
            }
        }
        if (files.Operations % 2 == 0)
            await store.DisposeAsync();
    }
}
