using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Records;
using Megatorrent.Storage.Tests.Faults;

namespace Megatorrent.Fuzz.Targets;

/// <summary>The files of a store in memory, which targets damage before the store is opened.</summary>
internal sealed class StoreImage
{
    /// <summary>The salt of the store.</summary>
    public const ulong Salt = 0x5a17;

    private const string Directory = "/store";

    private readonly FaultyFileSystem _files = new(Salt);

    /// <summary>A store with its format file and nothing else.</summary>
    public StoreImage() => Add(FormatFile.Name, FormatFile.Encode(Salt));

    private static BlobStoreOptions Options { get; } = new()
    {
        Executor = InlineExecutor.Instance,
        Random = ConstantRandom.Instance,
        SegmentBytes = BlobStoreOptions.SegmentBytesMin,
        ReserveFreeBytes = 0,
        AutoCompact = false,
    };

    /// <summary>Adds a file, or replaces it.</summary>
    public void Add(string name, byte[] bytes) => _files.Replace($"{Directory}/{name}", bytes);

    /// <summary>
    /// Opens the store, reads all that it has, closes it, and opens it again: what could be read can be read again, and nothing is worse than
    /// damaged.
    /// </summary>
    public void Check()
    {
        HashSet<BlobId> before = OpenAndRead();
        before.ExceptWith(OpenAndRead());
        FuzzFailure.Unless(before.Count == 0, $"{before.Count} blobs could be read, and are gone when the store is opened again");
    }

    /// <returns>What could be read.</returns>
    private HashSet<BlobId> OpenAndRead()
    {
        BlobStore store = Wait(BlobStore.OpenAsync(_files, Directory, Options));
        try
        {
            var good = new HashSet<BlobId>();
            foreach (BlobId id in store.Blobs)
            {
                if (TryRead(() => Wait(store.GetAsync(id)).Dispose()))
                    good.Add(id);
            }

            foreach (BlobId id in store.Descriptors)
                TryRead(() => Wait(store.GetDescriptorAsync(id)));
            return good;
        }
        finally
        {
            store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static bool TryRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Integrity or ErrorKind.NotFound)
        {
            return false;
        }
    }

    // Everything runs inline: nothing is waited for in fact.
    private static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
