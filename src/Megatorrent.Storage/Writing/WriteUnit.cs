namespace Megatorrent.Storage.Writing;

/// <summary>Records that become durable together, or a pause of the writing loop; and who waits for it.</summary>
internal sealed class WriteUnit
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WriteUnit(WritePause pause) => Pause = pause;

    public WriteUnit(WriteOperation first, WriteOperation? second = null)
    {
        Operations = second is null ? [first] : [first, second];
        foreach (WriteOperation operation in Operations)
            Length += operation.RecordLength;
    }

    /// <summary>What to do once everything queued before is durable, instead of writing records.</summary>
    public WritePause? Pause { get; }

    public WriteOperation[] Operations { get; } = [];

    /// <summary>Bytes of the records.</summary>
    public long Length { get; }

    /// <summary>The room in the capacity that writing it uses up; null for what needs none.</summary>
    public Reservation? Reservation { get; init; }

    /// <summary>Completes when the records are durable and in the index, or faults with the reason why they are not.</summary>
    public Task Done => _done.Task;

    public static WriteUnit ForPause(WritePause pause) => new(pause);

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception exception) => _done.TrySetException(exception);
}
