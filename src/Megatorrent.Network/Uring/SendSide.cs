using System.Buffers;
using System.Threading.Tasks.Sources;
using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>
/// The bytes that go out on a connection. As many as the system takes at once are handed over by a plain call, on the thread of whoever
/// writes: measured, that costs less than waking the ring's thread to do it. The rest is the ring's, which sends it piece by piece as room
/// comes, and completes once. Until then the memory stays pinned and the write does not return, whatever its token says: what the kernel
/// may still send must not be used for anything else. Thread-safe, but for one write at a time.
/// </summary>
internal sealed class SendSide : RingOperation, IValueTaskSource
{
    private readonly Lock _gate = new();
    private readonly UringConnection _connection;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private MemoryHandle _pinned;
    private ReadOnlyMemory<byte> _left;
    private int _sent; // of _left, by the ring
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private bool _submitted;
    private bool _aborted;

    public SendSide(UringConnection connection) => _connection = connection;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        while (!source.IsEmpty)
        {
            int count = _connection.Socket.Send(source.Span);
            if (count == SocketDescriptor.WouldBlock)
                return SendByRing(source, cancellationToken);
            if (count < 0)
                return ValueTask.FromException(_connection.Lost(-count));
            source = source[count..];
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Has the write under way end, and all that follow fail.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            _aborted = true;
            if (_submitted)
                _connection.Loop.Cancel(this);
        }
    }

    public override void Prepare(ref SubmissionEntry entry) =>
        entry.SetSend(_connection.Socket.Number, _pinned.At(_sent), _left.Length - _sent);

    public override void OnEnded(int result, uint flags)
    {
        CancellationTokenRegistration registration;
        lock (_gate)
        {
            _sent += Math.Max(0, result);
            bool isOver = _sent == _left.Length || _aborted || _cancellation.IsCancellationRequested
                || result <= 0 && !Errno.IsPassing(-result);
            if (!isOver)
            {
                _connection.Loop.Submit(this);
                return;
            }
            _submitted = false;
            registration = _registration;
            _registration = default;
        }
        registration.Dispose(); // waits for a callback that runs: it must not cancel the next write
        Finish(result);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private ValueTask SendByRing(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_aborted)
                return ValueTask.FromException(_connection.Lost(Errno.BadDescriptor));
            _core.Reset();
            _connection.Socket.Hold();
            _pinned = source.Pin();
            _left = source;
            _sent = 0;
            _cancellation = cancellationToken;
            _submitted = true;
            _connection.Loop.Submit(this);
            if (cancellationToken.CanBeCanceled)
                _registration = cancellationToken.UnsafeRegister(static state => ((SendSide)state!).OnCanceled(), this);
            return new ValueTask(this, _core.Version);
        }
    }

    private void OnCanceled() => _connection.Loop.Cancel(this);

    private void Finish(int result)
    {
        bool isComplete = _sent == _left.Length;
        CancellationToken cancellation = _cancellation;
        _cancellation = default;
        _left = default;
        _pinned.Dispose();
        _pinned = default;
        _connection.Socket.Release();
        if (isComplete)
            _core.SetResult(true);
        else if (cancellation.IsCancellationRequested)
            _core.SetException(new OperationCanceledException(cancellation));
        else
            _core.SetException(_connection.Lost(_aborted ? Errno.BadDescriptor : -result));
    }
}
