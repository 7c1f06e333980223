using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Tests.Support;

/// <summary>Blobs and stores as the tests like them.</summary>
public static class Sample
{
    public const string Directory = "/store";

    /// <summary>Inline, seeded, with the smallest segments.</summary>
    public static BlobStoreOptions Options { get; } = new()
    {
        Executor = InlineExecutor.Instance,
        Random = new SeededRandomSource(7),
        SegmentBytes = BlobStoreOptions.SegmentBytesMin,
        ReserveFreeBytes = 0,
        AutoCompact = false,
    };

    public static byte[] Bytes(ulong seed, int length)
    {
        byte[] bytes = new byte[length];
        new SeededRandomSource(seed).Fill(bytes);
        return bytes;
    }

    /// <summary>Blob number <paramref name="number"/>: bytes that hash to its id.</summary>
    public static (BlobId Id, byte[] Blob) Blob(int number, int length)
    {
        byte[] blob = Bytes((ulong)number, length);
        return (BlobId.Of(blob), blob);
    }

    public static ValueTask<BlobStore> OpenAsync(IFileSystem files, BlobStoreOptions? options = null) =>
        BlobStore.OpenAsync(files, Directory, options ?? Options);

    public static string Segment(uint number) => $"{Directory}/{number:x8}.seg";

    /// <summary>Puts blob number <paramref name="number"/>.</summary>
    public static Task<bool> PutAsync(BlobStore store, int number, int length, CancellationToken cancellationToken = default)
    {
        (BlobId id, byte[] blob) = Blob(number, length);
        return store.PutAsync(id, blob, cancellationToken).AsTask();
    }

    public static async Task<byte[]> ReadAsync(BlobStore store, BlobId id)
    {
        using BlobLease lease = await store.GetAsync(id);
        return lease.Memory.ToArray();
    }

    public static async Task<MegatorrentException> FailsAsync(ErrorKind kind, Func<ValueTask> operation)
    {
        MegatorrentException exception = await Assert.ThrowsAsync<MegatorrentException>(async () => await operation());
        Assert.Equal(kind, exception.Kind);
        return exception;
    }
}
