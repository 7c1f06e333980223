using Megatorrent.Core;
using Megatorrent.Network.Sessions;
using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>A listening TCP socket on which one operation accepts again and again.</summary>
internal sealed class UringListener : RingOperation, ITransportListener
{
    private const int MaxOffered = 512; // accepted, and not yet asked for: then the rest waits in the system, as before a plain listener

    private readonly Lock _gate = new();
    private readonly Queue<SocketDescriptor> _offered = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UringTransport _transport;
    private readonly RingLoop _loop;
    private readonly SocketDescriptor _socket;
    private TaskCompletionSource? _waiter;
    private int _failure; // the error number of the last attempt, until somebody was told
    private bool _submitted;
    private bool _disposed;

    public UringListener(UringTransport transport, RingLoop loop, SocketDescriptor socket)
    {
        _transport = transport;
        _loop = loop;
        _socket = socket;
        Endpoint = EndpointText.Format(socket.LocalEndpoint);
    }

    public string Endpoint { get; }

    public async ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_offered.TryDequeue(out SocketDescriptor? socket))
                    return _transport.Connection(socket, EndpointText.Format(socket.RemoteEndpoint));
                if (_failure != 0)
                    throw FailureUnderGate();
                wait = (_waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                if (!_submitted)
                {
                    _submitted = true;
                    _socket.Hold();
                    _loop.Submit(this);
                }
            }
            await wait.OrCanceledAsync(cancellationToken);
        }
    }

    // Returns when the port is free.
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                while (_offered.TryDequeue(out SocketDescriptor? socket))
                    socket.Dispose();
                WakeUnderGate();
                _socket.Dispose();
                if (_submitted)
                    _loop.Cancel(this);
                else
                    _closed.TrySetResult();
            }
        }
        await _closed.Task;
    }

    public override void Prepare(ref SubmissionEntry entry) => entry.SetAccept(_socket.Number);

    public override void OnProgress(int result, uint flags)
    {
        lock (_gate)
        {
            OfferUnderGate(result);
            if (_offered.Count == MaxOffered)
                _loop.Cancel(this);
        }
    }

    public override void OnEnded(int result, uint flags)
    {
        lock (_gate)
        {
            OfferUnderGate(result);
            _submitted = false;
            _socket.Release();
            if (_disposed)
                _closed.TrySetResult();
        }
    }

    private void OfferUnderGate(int result)
    {
        if (result >= 0 && _disposed)
            new SocketDescriptor(result).Dispose();
        else if (result >= 0)
            _offered.Enqueue(new SocketDescriptor(result));
        else if (!Errno.IsPassing(-result))
            _failure = -result;
        WakeUnderGate();
    }

    private void WakeUnderGate()
    {
        _waiter?.TrySetResult();
        _waiter = null;
    }

    private MegatorrentException FailureUnderGate()
    {
        var exception = Errno.ToException(_failure);
        _failure = 0;
        return new MegatorrentException(
            ErrorKind.Unreachable, $"{Endpoint} could not accept a connection: {TcpTransport.Describe(exception)}", exception);
    }
}
