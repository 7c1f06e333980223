using Megatorrent.Core.Hashing;

namespace Megatorrent.Storage.Writing;

/// <summary>One change at a time to a blob, and to a descriptor; changes to different ones do not wait for each other.</summary>
internal sealed class KeyLocks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(BlobId Id, bool IsDescriptor), TaskCompletionSource?> _held = [];

    public async ValueTask AcquireAsync(BlobId id, bool isDescriptor)
    {
        while (true)
        {
            Task released;
            lock (_gate)
            {
                if (!_held.TryGetValue((id, isDescriptor), out TaskCompletionSource? waiters))
                {
                    _held.Add((id, isDescriptor), null);
                    return;
                }
                if (waiters is null)
                {
                    waiters = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _held[(id, isDescriptor)] = waiters;
                }
                released = waiters.Task;
            }
            await released;
        }
    }

    public bool IsHeld(BlobId id, bool isDescriptor)
    {
        lock (_gate)
            return _held.ContainsKey((id, isDescriptor));
    }

    public void Release(BlobId id, bool isDescriptor)
    {
        TaskCompletionSource? waiters;
        lock (_gate)
            _held.Remove((id, isDescriptor), out waiters);
        waiters?.SetResult();
    }
}
