using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Records;

namespace Megatorrent.Storage.Writing;

/// <summary>
/// Hashes incoming blobs on the executor, those that arrive together in one go, which a multi-buffer SHA-256 rewards, and gives
/// back the checksum for the record.
/// </summary>
internal sealed class IdVerifier(IWorkExecutor executor)
{
    private const int BatchCountMax = 16; // the lanes of the widest multi-buffer SHA-256
    private readonly Lock _gate = new();
    private readonly Queue<Item> _queue = new();
    private int _workers;

    /// <summary>The XXH3 of <paramref name="blob"/>.</summary>
    /// <exception cref="MegatorrentException">Integrity: the SHA-256 is not <paramref name="id"/>.</exception>
    public Task<ulong> VerifyAsync(BlobId id, ReadOnlyMemory<byte> blob)
    {
        var item = new Item(id, blob);
        bool start;
        lock (_gate)
        {
            _queue.Enqueue(item);
            start = _workers < executor.Parallelism;
            if (start)
                _workers++;
        }
        if (start)
            _ = WorkAsync();
        return item.Done.Task;
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            Item[] batch;
            lock (_gate)
            {
                if (_queue.Count == 0)
                {
                    _workers--;
                    return;
                }
                // An even share, so that one worker does not take all while the others stand idle.
                int share = (_queue.Count + executor.Parallelism - 1) / executor.Parallelism;
                batch = new Item[Math.Min(share, BatchCountMax)];
                for (int i = 0; i < batch.Length; i++)
                    batch[i] = _queue.Dequeue();
            }
            try
            {
                await executor.RunAsync(static items => Verify(items), batch, CancellationToken.None);
            }
            catch (Exception exception)
            {
                foreach (Item item in batch)
                    item.Done.TrySetException(exception);
            }
        }
    }

    private static bool Verify(Item[] items)
    {
        var inputs = new ReadOnlyMemory<byte>[items.Length];
        for (int i = 0; i < items.Length; i++)
            inputs[i] = items[i].Blob;
        Span<byte> hashes = stackalloc byte[BatchCountMax * Sha256.HashLength];
        Sha256.HashMany(inputs, hashes[..(items.Length * Sha256.HashLength)]);
        for (int i = 0; i < items.Length; i++)
        {
            var actual = new BlobId(hashes.Slice(i * Sha256.HashLength, Sha256.HashLength));
            if (actual == items[i].Id || PlantedBugs.Has(PlantedBug.RepairNotVerified))
            {
                items[i].Done.TrySetResult(RecordHeader.Checksum(items[i].Blob.Span));
                continue;
            }
            items[i].Done.TrySetException(new MegatorrentException(
                ErrorKind.Integrity, $"The bytes are not those of blob {items[i].Id}: they hash to {actual}."));
        }
        return true;
    }

    private sealed class Item(BlobId id, ReadOnlyMemory<byte> blob)
    {
        public BlobId Id { get; } = id;

        public ReadOnlyMemory<byte> Blob { get; } = blob;

        public TaskCompletionSource<ulong> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
