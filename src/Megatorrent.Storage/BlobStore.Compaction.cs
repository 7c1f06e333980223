namespace Megatorrent.Storage;

public sealed partial class BlobStore
{
    private readonly SemaphoreSlim _compactionGate = new(1);
    private Task _autoCompaction = Task.CompletedTask;

    private ValueTask CompactForRoomAsync(long bytes, CancellationToken cancellationToken) => default;

    private void StartAutoCompaction()
    {
    }
}
