using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Faults;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Stores;

/// <summary>Power is lost at every single operation on the disk of a seeded run of puts, deletions, compactions and scrubs.</summary>
public sealed class CrashTests
{
    private const int Steps = 70;
    private const int BlobCount = 24;

    private enum Known
    {
        Absent,
        Present,
        Doubtful,
    }

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
        var blobs = new Known[BlobCount];
        var descriptors = new Known[BlobCount];
        long operations = 0;
        SingleThread.Run(async () =>
        {
            await WorkAsync(files, options, seed, blobs, descriptors);
            operations = files.Operations;
            // Twice: what the first start makes of the ruins must hold the second time.
            for (int start = 0; start < 2; start++)
            {
                files.LosePower();
                await using BlobStore store = await Sample.OpenAsync(files, options);
                await CheckAsync(store, blobs, descriptors);
            }
        });
        return operations;
    }

    private static async Task WorkAsync(FaultyFileSystem files, BlobStoreOptions options, ulong seed, Known[] blobs, Known[] descriptors)
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
            int number = random.Next(BlobCount);
            (BlobId id, byte[] blob) = Blob(number);
            for (int turns = random.Next(8); turns > 0; turns--)
                await Task.Yield(); // a compaction in the background comes a little further
            switch (random.Next(10))
            {
                case 0 or 1 or 2:
                    await TryAsync(blobs, number, Known.Present, async () => await store.PutAsync(id, blob));
                    break;
                case 3 or 4:
                    Known before = descriptors[number];
                    descriptors[number] = before == Known.Present ? before : Known.Doubtful;
                    await TryAsync(blobs, number, Known.Present, async () =>
                    {
                        await store.PutAsync(id, blob, id, Descriptor(number));
                        descriptors[number] = Known.Present;
                    });
                    break;
                case 5 or 6 or 7:
                    await TryAsync(blobs, number, Known.Absent, async () => await store.DeleteAsync(id));
                    break;
                case 8:
                    await TryAsync(descriptors, number, Known.Absent, async () => await store.DeleteDescriptorAsync(id));
                    break;
                default:
                    if (!await TryAsync(store.CompactAsync()))
                        return;
                    break;
            }
        }
        if (files.Operations % 2 == 0)
            await store.DisposeAsync();
    }

    private static async Task<bool> TryAsync(ValueTask operation)
    {
        try
        {
            await operation;
            return true;
        }
        catch (MegatorrentException)
        {
            return false;
        }
    }

    private static async Task TryAsync(Known[] known, int number, Known after, Func<Task> operation)
    {
        if (known[number] != after)
            known[number] = Known.Doubtful;
        try
        {
            await operation();
            known[number] = after;
        }
        catch (MegatorrentException)
        {
        }
    }

    private static async Task CheckAsync(BlobStore store, Known[] blobs, Known[] descriptors)
    {
        var allowed = new HashSet<BlobId>();
        for (int number = 0; number < BlobCount; number++)
        {
            (BlobId id, byte[] blob) = Blob(number);
            allowed.Add(id);
            if (blobs[number] == Known.Present || (blobs[number] == Known.Doubtful && store.Contains(id)))
                Assert.Equal(blob, await Sample.ReadAsync(store, id));
            else
                Assert.False(store.Contains(id), $"blob {number} is back");
            byte[]? descriptor = await store.GetDescriptorAsync(id);
            if (descriptors[number] == Known.Present || (descriptors[number] == Known.Doubtful && descriptor is not null))
                Assert.Equal(Descriptor(number), descriptor);
            else
                Assert.Null(descriptor);
        }
        Assert.All(store.Blobs, id => Assert.Contains(id, allowed));
        ScrubReport report = await store.ScrubAsync(new ScrubOptions());
        Assert.Empty(report.Bad);
        Assert.Empty(report.BadDescriptors);
    }

    private static (BlobId Id, byte[] Blob) Blob(int number) => Sample.Blob(number, 100 + (number * 37));

    private static byte[] Descriptor(int number) => Sample.Bytes(1000 + (ulong)number, 40 + number);
}
