using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// Bytes that the sender cuts into data frames when their turn comes: the answer to a get, or the blob of a store. After
/// <see cref="Stop"/> has returned, the bytes are not touched again.
/// </summary>
internal sealed class BulkSource(uint number, ReadOnlyMemory<byte> bytes, FrameFlags flags, long now)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;
    private bool _ended;
    private long _lastTaken = now;

    /// <summary>Completes when the last byte has been taken; canceled by <see cref="Stop"/>.</summary>
    public Task Sent => _sent.Task;

    /// <summary>The timestamp at which a frame was last taken.</summary>
    public long LastTaken => Volatile.Read(ref _lastTaken);

    /// <summary>
    /// Appends the next data frame, as long as its limit, what is left and the batch's room allow. False when nothing is left.
    /// </summary>
    public bool TakeFrame(RecordWriter writer, long timestamp)
    {
        lock (_gate)
        {
            if (_ended)
                return false;
            int count = Math.Min(Math.Min(bytes.Length - _taken, MessageLimits.MaxDataLength), writer.RoomAfter(FrameHeader.Length));
            bool isLast = _taken + count == bytes.Length;
            Span<byte> header = stackalloc byte[FrameHeader.Length];
            new FrameHeader(MessageType.Data, isLast ? flags | FrameFlags.Last : flags, number, count).Write(header);
            writer.Append(header);
            writer.Append(bytes.Span.Slice(_taken, count));
            _taken += count;
            _ended = isLast;
            Volatile.Write(ref _lastTaken, timestamp);
        }
        if (_ended)
            _sent.TrySetResult();
        return !_ended;
    }

    public void Stop()
    {
        lock (_gate)
            _ended = true;
        _sent.TrySetCanceled();
    }
}
