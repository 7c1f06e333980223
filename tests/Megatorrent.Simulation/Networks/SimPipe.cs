using System.Buffers.Binary;
using Megatorrent.Core;

namespace Megatorrent.Simulation.Networks;

/// <summary>One direction of a connection: bytes in order, each piece with its time of arrival.</summary>
internal sealed class SimPipe(SimNetwork network, int from, int to, SimRecording? recording)
{
    private const int CapacityBytes = 256 * 1024; // like socket buffers

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(300);

    private readonly Queue<(byte[] Bytes, long At)> _flying = new();
    private readonly Queue<byte[]> _arrived = new();
    private int _offset;
    private int _bytes; // flying and arrived
    private bool _completed;
    private bool _ended;
    private bool _reset;
    private bool _aborted;
    private bool _pumping;
    private TaskCompletionSource? _reader;
    private TaskCompletionSource? _writer;

    private enum Mark
    {
        End,
        Reset,
    }

    private readonly Queue<(Mark Mark, long At)> _marks = new();

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        while (_bytes > 0 && _bytes + source.Length > CapacityBytes && !_reset && !_completed && !_aborted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TaskCompletionSource waiter = _writer ??= NewWaiter();
            await using (cancellationToken.UnsafeRegister(static waiter => ((TaskCompletionSource)waiter!).TrySetResult(), waiter))
                await waiter.Task;
            if (_writer == waiter)
                _writer = null;
        }
        cancellationToken.ThrowIfCancellationRequested();
        if (_reset || _completed || _aborted)
            throw Lost();
        if (network.Breaks(from, to))
        {
            Reset();
            throw Lost();
        }
        byte[] bytes = source.ToArray();
        recording?.Add(bytes);
        _bytes += bytes.Length;
        long at = network.Scheduler.Now + network.Latency(from, to, bytes.Length).Ticks;
        _flying.Enqueue((bytes, at));
        Pump();
    }

    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_aborted)
                throw Lost();
            if (_arrived.TryPeek(out byte[]? bytes))
            {
                int count = Math.Min(destination.Length, bytes.Length - _offset);
                bytes.AsSpan(_offset, count).CopyTo(destination.Span);
                _offset += count;
                _bytes -= count;
                if (_offset == bytes.Length)
                {
                    _arrived.Dequeue();
                    _offset = 0;
                }
                Wake(ref _writer);
                return count;
            }
            if (_ended)
                return 0;
            if (_reset)
                throw Lost();
            TaskCompletionSource waiter = _reader ??= NewWaiter();
            await using (cancellationToken.UnsafeRegister(static waiter => ((TaskCompletionSource)waiter!).TrySetResult(), waiter))
                await waiter.Task;
            if (_reader == waiter)
                _reader = null;
        }
    }

    public void Complete()
    {
        if (_completed || _reset)
            return;
        _completed = true;
        _marks.Enqueue((Mark.End, network.Scheduler.Now + network.Latency(from, to, 0).Ticks));
        Pump();
    }

    /// <summary>The writing side is gone: the reader learns of it when the news arrives.</summary>
    public void Reset()
    {
        if (_reset)
            return;
        _completed = true;
        _marks.Enqueue((Mark.Reset, network.Scheduler.Now + network.Latency(from, to, 0).Ticks));
        Wake(ref _writer);
        Pump();
    }

    public void AbortReading()
    {
        _aborted = true;
        _flying.Clear();
        _arrived.Clear();
        Wake(ref _reader);
        Wake(ref _writer);
    }

    private void Pump()
    {
        if (_pumping)
            return;
        long at = _flying.TryPeek(out (byte[] Bytes, long At) piece) ? piece.At
            : _marks.TryPeek(out (Mark Mark, long At) mark) ? mark.At : long.MaxValue;
        if (at == long.MaxValue)
            return;
        _pumping = true;
        network.Scheduler.After(at - network.Scheduler.Now, network.Wire, static pipe => ((SimPipe)pipe!).Arrive(), this);
    }

    private void Arrive()
    {
        _pumping = false;
        if (network.IsBlocked(from, to) || !network.Machines[to].HasPower)
        {
            // Sent again until it gets through; the reader and the writer have their own patience.
            _pumping = true;
            network.Scheduler.After(RetryPeriod.Ticks, network.Wire, static pipe => ((SimPipe)pipe!).Arrive(), this);
            return;
        }
        if (_flying.TryDequeue(out (byte[] Bytes, long At) piece))
        {
            network.Scheduler.Note((ulong)piece.Bytes.Length ^ (piece.Bytes.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(piece.Bytes.AsSpan(piece.Bytes.Length - 8)) : 0));
            if (!_aborted && piece.Bytes.Length > 0)
                _arrived.Enqueue(piece.Bytes);
        }
        else if (_marks.TryDequeue(out (Mark Mark, long At) mark))
        {
            if (mark.Mark == Mark.End)
                _ended = true;
            else
                _reset = true;
        }
        Wake(ref _reader);
        Pump();
    }

    private static TaskCompletionSource NewWaiter() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Wake(ref TaskCompletionSource? waiter)
    {
        waiter?.TrySetResult();
        waiter = null;
    }

    private static MegatorrentException Lost() => new(ErrorKind.Unreachable, "The connection was lost.");
}
