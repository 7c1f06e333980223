using Megatorrent.Core;
using Megatorrent.Network.Sessions;

namespace Megatorrent.Network.Memory;

/// <summary>One direction of a <see cref="MemoryLink"/>: a bounded queue of bytes that can be told to misbehave. Thread-safe.</summary>
public sealed class MemoryPipe
{
    private readonly Lock _gate = new();
    private readonly MemoryTransportOptions _options;
    private readonly string _source;
    private readonly Action _cutLink;
    private readonly Queue<Piece> _pieces = new();
    private int _pieceOffset;
    private int _queuedBytes;
    private long _written;
    private bool _completed;
    private bool _cut;
    private bool _aborted;
    private bool _paused;
    private TaskCompletionSource? _readerWaits;
    private TaskCompletionSource? _writerWaits;

    internal MemoryPipe(MemoryTransportOptions options, string source, Action cutLink)
    {
        _options = options;
        _source = source;
        _cutLink = cutLink;
    }

    private readonly record struct Piece(byte[] Bytes, long SentAt);

    /// <summary>When set, the whole link is cut once this many bytes of this direction have gone through.</summary>
    public long? CutAfterBytes { get; set; }

    /// <summary>When set, the byte at this position of the stream arrives with its lowest bit flipped.</summary>
    public long? CorruptByteAt { get; set; }

    /// <summary>Bytes written so far.</summary>
    public long BytesWritten
    {
        get
        {
            lock (_gate)
                return _written;
        }
    }

    /// <summary>While true nothing arrives, as if the network had stalled.</summary>
    public bool IsPaused
    {
        get => _paused;
        set
        {
            lock (_gate)
            {
                _paused = value;
                Wake(ref _readerWaits);
            }
        }
    }

    internal void Cut()
    {
        lock (_gate)
        {
            _cut = true;
            Wake(ref _readerWaits);
            Wake(ref _writerWaits);
        }
    }

    internal void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Wake(ref _readerWaits);
        }
    }

    /// <summary>The reader's own side gave up: its reads fail at once and what is queued is dropped.</summary>
    internal void AbortReading()
    {
        lock (_gate)
        {
            _aborted = true;
            _cut = true;
            Wake(ref _readerWaits);
            Wake(ref _writerWaits);
        }
    }

    internal async ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            bool cut = false;
            lock (_gate)
            {
                if (_cut || _completed)
                    throw Lost();
                int count = Math.Min(source.Length, _options.CapacityBytes - _queuedBytes);
                if (CutAfterBytes is { } limit && _written + count >= limit)
                {
                    count = (int)Math.Max(0, limit - _written);
                    cut = true;
                }
                if (count > 0)
                    Enqueue(source[..count].ToArray());
                source = source[count..];
                if (source.IsEmpty && !cut)
                    return;
                wait = (_writerWaits ??= NewWaiter()).Task;
            }
            if (cut)
            {
                _cutLink();
                throw Lost();
            }
            await wait.OrCanceledAsync(cancellationToken);
        }
    }

    internal async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            ITimer? timer = null;
            lock (_gate)
            {
                if (_aborted)
                    throw Lost();
                if (_pieces.Count == 0 && _cut)
                    throw Lost();
                if (_pieces.Count == 0 && _completed)
                    return 0;
                TimeSpan early = TimeSpan.Zero;
                if (_pieces.Count > 0 && !_paused)
                {
                    early = TimeSpan.FromMilliseconds(_options.LatencyMs) - _options.Time.GetElapsedTime(_pieces.Peek().SentAt);
                    if (_options.LatencyMs == 0 || early <= TimeSpan.Zero)
                        return Dequeue(destination.Span);
                }
                var waiter = _readerWaits ??= NewWaiter();
                wait = waiter.Task;
                if (early > TimeSpan.Zero)
                {
                    timer = _options.Time.CreateTimer(
                        static state => ((TaskCompletionSource)state!).TrySetResult(), waiter, early, Timeout.InfiniteTimeSpan);
                }
            }
            try
            {
                await wait.OrCanceledAsync(cancellationToken);
            }
            finally
            {
                timer?.Dispose();
                lock (_gate)
                {
                    if (_readerWaits?.Task == wait && wait.IsCompleted)
                        _readerWaits = null;
                }
            }
        }
    }

    private void Enqueue(byte[] bytes)
    {
        if (CorruptByteAt is { } at && at >= _written && at < _written + bytes.Length)
            bytes[at - _written] ^= 1;
        _pieces.Enqueue(new Piece(bytes, _options.Time.GetTimestamp()));
        _queuedBytes += bytes.Length;
        _written += bytes.Length;
        Wake(ref _readerWaits);
    }

    private int Dequeue(Span<byte> destination)
    {
        byte[] bytes = _pieces.Peek().Bytes;
        int count = Math.Min(Math.Min(destination.Length, _options.MaxReadBytes), bytes.Length - _pieceOffset);
        bytes.AsSpan(_pieceOffset, count).CopyTo(destination);
        _pieceOffset += count;
        if (_pieceOffset == bytes.Length)
        {
            _pieces.Dequeue();
            _pieceOffset = 0;
        }
        _queuedBytes -= count;
        Wake(ref _writerWaits);
        return count;
    }

    private static TaskCompletionSource NewWaiter() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Wake(ref TaskCompletionSource? waiter)
    {
        waiter?.TrySetResult();
        waiter = null;
    }

    private MegatorrentException Lost() => new(ErrorKind.Unreachable, $"The connection from {_source} was lost: it was cut.");
}
