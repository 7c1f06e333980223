using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Client;

/// <summary>
/// Checks that blobs have the bytes of their ids. Those that wait at the same time are hashed side by side, which costs a third to a half
/// of one after the other. Thread-safe.
/// </summary>
internal sealed class BlobVerifier(IWorkExecutor executor)
{
    private const int Together = 6; // twice what goes side by side where the SHA instructions do it

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private int _workers;

    /// <summary>Whether <paramref name="blob"/> has the id. It must stay as it is until then.</summary>
    public async ValueTask<bool> IsGenuineAsync(ReadOnlyMemory<byte> blob, BlobId id)
    {
        var waiting = new Waiting(blob, id, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        bool needsWorker;
        lock (_gate)
        {
            _waiting.Enqueue(waiting);
            needsWorker = _workers == 0 || (_workers < executor.Parallelism && _waiting.Count > Together);
            if (needsWorker)
                _workers++;
        }

        if (needsWorker)
            _ = executor.RunAsync(static verifier => verifier.Work(), this).AsTask(); // not waited for: it goes on with what others bring
        return await waiting.Answer.Task;
    }

    // Until nothing waits.
    private bool Work()
    {
        var batch = new List<Waiting>(Together);
        var blobs = new ReadOnlyMemory<byte>[Together];
        Span<byte> hashes = stackalloc byte[Together * BlobId.Length];
        while (true)
        {
            lock (_gate)
            {
                while (batch.Count < Together && _waiting.TryDequeue(out Waiting? next))
                    batch.Add(next);
                if (batch.Count == 0)
                {
                    _workers--;
                    return true;
                }
            }

            try
            {
                for (int i = 0; i < batch.Count; i++)
                    blobs[i] = batch[i].Blob;
                Sha256.HashMany(blobs.AsSpan(0, batch.Count), hashes[..(batch.Count * BlobId.Length)]);
                for (int i = 0; i < batch.Count; i++)
                    batch[i].Answer.SetResult(new BlobId(hashes.Slice(i * BlobId.Length, BlobId.Length)) == batch[i].Id);
            }
            catch (Exception exception)
            {
                foreach (Waiting waiting in batch)
                    waiting.Answer.TrySetException(exception);
            }

            batch.Clear();
        }
    }

    private sealed record Waiting(ReadOnlyMemory<byte> Blob, BlobId Id, TaskCompletionSource<bool> Answer);
}
