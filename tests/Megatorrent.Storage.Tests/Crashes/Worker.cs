using System.Text;
using Megatorrent.Core;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>A process that works on a real store on a real disk, tells what it does line by line, and is killed or misled at it.</summary>
internal static class Worker
{
    /// <summary>The first line, before the store is opened.</summary>
    public const string Opening = "opening";

    /// <summary>The line when it is open.</summary>
    public const string Ready = "ready";

    /// <summary>Begins a line about an operation, or the opening, that failed with one of the kinds that the store documents.</summary>
    public const string Failed = "failed";

    private const int Lanes = 4; // work side by side, each on blobs of its own

    private static readonly Lock Gate = new();
    private static readonly Stream Output = Console.OpenStandardOutput();

    /// <summary>As what is killed and misled uses the store: small segments, so that there is much to do besides appending.</summary>
    public static BlobStoreOptions Options { get; } = new()
    {
        SegmentBytes = 16_384,
        CheckpointBytes = 60_000,
        CompactionDeadRatio = 0.3,
        ReserveFreeBytes = 0,
    };

    /// <summary>Works until it is killed, or has done <paramref name="operations"/> operations; 3 if the store does not open.</summary>
    public static async Task<int> RunAsync(string directory, ulong seed, int operations)
    {
        Tell(Opening);
        BlobStore store;
        try
        {
            store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, directory, Options);
        }
        catch (MegatorrentException exception)
        {
            Tell($"{Failed} {exception.Kind} {exception.Message}");
            return 3;
        }
        Tell(Ready);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => WorkAsync(store, seed, lane, operations / Lanes))));
        await store.DisposeAsync();
        return 0;
    }

    private static async Task WorkAsync(BlobStore store, ulong seed, int lane, int operations)
    {
        var random = new SeededRandomSource((seed * Lanes) + (ulong)lane);
        for (int i = 0; i < operations; i++)
        {
            int number = (random.Next(Ledger.Count / Lanes) * Lanes) + lane;
            try
            {
                await Step.RunAsync(store, random.Next(Step.Choices), number, note => Tell(note.ToString()));
                await ReadAsync(store, number);
            }
            catch (MegatorrentException exception) when (exception.Kind is ErrorKind.InputOutput or ErrorKind.StoreFull or ErrorKind.Integrity)
            {
                Tell($"{Failed} {exception.Kind} {exception.Message}");
            }
        }
    }

    // What the store has, it gives as it was put, or says that it cannot.
    private static async Task ReadAsync(BlobStore store, int number)
    {
        var (id, blob) = Ledger.Blob(number);
        if (store.Contains(id))
            CrashException.Unless((await Sample.ReadAsync(store, id)).AsSpan().SequenceEqual(blob), $"blob {number} is not what was put");
        byte[]? descriptor = await store.GetDescriptorAsync(id);
        CrashException.Unless(descriptor is null || descriptor.AsSpan().SequenceEqual(Ledger.Descriptor(number)), $"descriptor {number} is not what was put");
    }

    private static void Tell(string line)
    {
        lock (Gate)
            Output.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }
}
