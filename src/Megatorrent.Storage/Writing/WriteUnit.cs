namespace Megatorrent.Storage.Writing;

/// <summary>Records that become durable together, and who waits for them.</summary>
internal sealed class WriteUnit
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WriteUnit(WriteOperation first, WriteOperation? second = null)
    {
        First = first;
        Second = second;
        Length = first.RecordLength + (second?.RecordLength ?? 0);
    }

    public WriteOperation First { get; }

    public WriteOperation? Second { get; }

    /// <summary>Bytes of the records.</summary>
    public long Length { get; }

    /// <summary>Completes when the records are durable and in the index, or faults with the reason why they are not.</summary>
    public Task Done => _done.Task;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception exception) => _done.TrySetException(exception);
}
