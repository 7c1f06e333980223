using System.Threading.Tasks.Sources;
using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>
/// The bytes that come in on a connection, read in one of two ways. While little comes, the ring receives them itself, into buffers that it
/// has for all connections, and a read copies them from there: one system call a message, for all connections together, and none of them
/// holds a buffer. While much comes, the ring only says when the socket has something, and the reader receives it where it wants it, which
/// saves the copy. Thread-safe, but for one read at a time.
/// </summary>
/// <remarks>
/// Only one of the two may receive at any time, the ring or the reader, or the order would be lost. So a change takes effect when the
/// ring's operation has ended, to which end it is canceled:
/// <code>
///   from the ring's buffers to the poll   when MaxFilled buffers wait, or the ring is out of them
///   and back                              when QuietReads reads in a row have got little
/// </code>
/// </remarks>
internal sealed class ReceiveSide : RingOperation, IValueTaskSource<int>, IThreadPoolWorkItem
{
    private const int MaxFilled = 8; // 32 KiB: whoever is behind by so much is in the middle of a large message
    private const int QuietReads = 32;
    private const int MustWait = int.MinValue;
    private const int MustReceive = int.MinValue + 1;

    private readonly Lock _gate = new();
    private readonly UringConnection _connection;
    private readonly Queue<Filled> _filled = new();
    private ManualResetValueTaskSourceCore<int> _core; // continues where it is set: on the thread pool
    private Memory<byte> _destination;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private int _taken; // of the first of _filled
    private int _quiet; // reads in a row that got little
    private int? _end; // 0: the peer has ended its stream; else the error number that ended it
    private bool _wantsBuffers = true;
    private bool _usesBuffers; // the operation under way; the reader must leave the socket alone
    private bool _submitted;
    private bool _reads; // the reader is in a call that receives
    private bool _ready = true; // Polled: something may have come that nobody has received
    private bool _mayEnd; // the poll has seen an end behind the bytes
    private bool _waits;
    private bool _scheduled;
    private bool _aborted;

    public ReceiveSide(UringConnection connection) => _connection = connection;

    private readonly record struct Filled(int Buffer, int Length);

    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        while (true)
        {
            int result;
            lock (_gate)
            {
                result = TakeUnderGate(destination.Span);
                if (result == MustWait)
                    return WaitUnderGate(destination, cancellationToken);
            }
            if (result == MustReceive && (result = Receive(destination.Span)) == SocketDescriptor.WouldBlock)
                continue;
            return result >= 0 ? new ValueTask<int>(result) : ValueTask.FromException<int>(_connection.Lost(-result));
        }
    }

    /// <summary>Fails the read under way and all that follow, and lets go of the socket.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            if (_aborted)
                return;
            _aborted = true;
            while (_filled.TryDequeue(out Filled filled))
                _connection.Loop.Buffers.Return(filled.Buffer);
            if (_submitted)
                _connection.Loop.Cancel(this);
            ScheduleUnderGate();
        }
    }

    public override void Prepare(ref SubmissionEntry entry)
    {
        if (_usesBuffers)
            entry.SetReceive(_connection.Socket.Number);
        else
            entry.SetPoll(_connection.Socket.Number, SubmissionEntry.PollIn | SubmissionEntry.PollPeerEnds);
    }

    public override void OnProgress(int result, uint flags)
    {
        lock (_gate)
        {
            AddUnderGate(result, flags);
            if (_usesBuffers && _wantsBuffers && _filled.Count >= MaxFilled)
            {
                _wantsBuffers = false;
                _connection.Loop.Cancel(this);
            }
        }
    }

    public override void OnEnded(int result, uint flags)
    {
        lock (_gate)
        {
            _submitted = false;
            AddUnderGate(result, flags);
            if (_aborted || _end is not null)
            {
                _connection.Socket.Release();
                return;
            }
            if (_usesBuffers)
                _ready = true; // whatever the buffers had no room for
            SubmitUnderGate();
        }
    }

    // On a thread of the pool, for a read that waits and of which there is news.
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            int result;
            lock (_gate)
            {
                result = _cancellation.IsCancellationRequested ? -Errno.Canceled : TakeUnderGate(_destination.Span);
                if (result == MustWait)
                {
                    _scheduled = false;
                    return;
                }
            }
            if (result == MustReceive && (result = Receive(_destination.Span)) == SocketDescriptor.WouldBlock)
                continue;
            Finish(result);
            return;
        }
    }

    int IValueTaskSource<int>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    // Bytes read, 0 at the end, a negative error number, or what is to be done instead.
    private int TakeUnderGate(Span<byte> destination)
    {
        if (_aborted)
            return SocketDescriptor.WasClosed;
        if (_filled.Count > 0)
            return CopyUnderGate(destination);
        if (_end is { } end)
            return -end;
        if (_usesBuffers || !_ready)
            return MustWait;
        _ready = false;
        _reads = true;
        return MustReceive;
    }

    private int CopyUnderGate(Span<byte> destination)
    {
        int count = 0;
        while (count < destination.Length && _filled.TryPeek(out Filled filled))
        {
            int part = Math.Min(filled.Length - _taken, destination.Length - count);
            _connection.Loop.Buffers.Span(filled.Buffer, _taken, part).CopyTo(destination[count..]);
            count += part;
            _taken += part;
            if (_taken < filled.Length)
                break;
            _connection.Loop.Buffers.Return(filled.Buffer);
            _filled.Dequeue();
            _taken = 0;
        }
        return count;
    }

    private ValueTask<int> WaitUnderGate(Memory<byte> destination, CancellationToken cancellationToken)
    {
        _core.Reset();
        _destination = destination;
        _cancellation = cancellationToken;
        _waits = true;
        if (!_submitted)
        {
            _connection.Socket.Hold();
            SubmitUnderGate();
        }
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static state => ((ReceiveSide)state!).OnCanceled(), this);
        return new ValueTask<int>(this, _core.Version);
    }

    private void SubmitUnderGate()
    {
        _usesBuffers = _wantsBuffers && !_reads;
        _submitted = true;
        _connection.Loop.Submit(this);
    }

    // A poll tells by its result only that there is something, be it an error: the receiving call says what.
    private void AddUnderGate(int result, uint flags)
    {
        bool hasBuffer = ProvidedBuffers.IsIn(flags, out int buffer);
        if (hasBuffer && result > 0 && !_aborted)
            _filled.Enqueue(new Filled(buffer, result));
        else if (hasBuffer)
            _connection.Loop.Buffers.Return(buffer);
        if (result == -Errno.NoBuffers)
            _wantsBuffers = false;
        else if (result < 0 ? !Errno.IsPassing(-result) : result == 0 && _usesBuffers)
            _end ??= -result;
        if (!_usesBuffers)
        {
            _ready = true;
            _mayEnd |= result > 0 && (result & SubmissionEntry.PollEnds) != 0;
        }
        ScheduleUnderGate();
    }

    private void ScheduleUnderGate()
    {
        if (!_waits || _scheduled)
            return;
        _scheduled = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private int Receive(Span<byte> destination)
    {
        int result = _connection.Socket.Receive(destination);
        lock (_gate)
        {
            _reads = false;
            if (result <= 0 && result != SocketDescriptor.WouldBlock)
                _end ??= -result;
            // Few bytes have emptied the socket, and the poll tells of what comes then; but it has told of the end already. After many it
            // is worth a call to see what has come meanwhile.
            if (result == destination.Length || result >= ProvidedBuffers.BufferLength || result >= 0 && _mayEnd)
                _ready = true;
            _quiet = result is >= 0 and < ProvidedBuffers.BufferLength ? _quiet + 1 : result < 0 ? _quiet : 0;
            if (_quiet >= QuietReads)
            {
                _quiet = 0;
                _wantsBuffers = true;
                if (_submitted && !_usesBuffers)
                    _connection.Loop.Cancel(this);
            }
        }
        return result;
    }

    private void OnCanceled()
    {
        lock (_gate)
            ScheduleUnderGate();
    }

    private void Finish(int result)
    {
        CancellationTokenRegistration registration;
        CancellationToken cancellation;
        lock (_gate)
        {
            registration = _registration;
            cancellation = _cancellation;
            _registration = default;
            _cancellation = default;
            _destination = default;
            _waits = _scheduled = false;
        }
        registration.Dispose();
        if (result >= 0)
            _core.SetResult(result);
        else
            _core.SetException(result == -Errno.Canceled ? new OperationCanceledException(cancellation) : _connection.Lost(-result));
    }
}
