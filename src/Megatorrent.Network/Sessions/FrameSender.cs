using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// The sending loop of a session. Small frames go first, in order; between them the bulk sources take turns, one data frame each, so that
/// a large transfer delays a heartbeat by one batch at most and every transfer moves. Thread-safe.
/// </summary>
internal sealed class FrameSender(ITransportConnection connection, RecordWriter writer, TimeProvider time, int maxQueuedFrames)
{
    private const int LeastDataRoom = FrameHeader.Length + 16 * 1024; // a batch with less room than this goes out as it is

    private const long NotWriting = long.MinValue;

    private readonly Lock _gate = new();
    private readonly Queue<QueuedFrame> _frames = new();
    private readonly Queue<BulkSource> _sources = new();
    private readonly AsyncSignal _signal = new();
    private QueuedFrame? _current; // partly appended: it is longer than the batch had room for
    private int _currentOffset;
    private bool _finishing;
    private long _writingSince = NotWriting;
    private long _lastSent = time.GetTimestamp();

    /// <summary>The timestamp at which something was last sent.</summary>
    public long LastSent => Volatile.Read(ref _lastSent);

    /// <summary>Whether the write under way has been waiting for the peer for <paramref name="timeout"/>.</summary>
    public bool IsStalled(TimeSpan timeout)
    {
        long since = Volatile.Read(ref _writingSince);
        return since != NotWriting && time.GetElapsedTime(since) >= timeout;
    }

    /// <summary>
    /// Queues a frame, which the sender returns to its pool; dropped when the session is ending. False, with the frame dropped, when too
    /// many wait: the peer asks without reading the answers.
    /// </summary>
    public bool TryEnqueue(in QueuedFrame frame)
    {
        lock (_gate)
        {
            if (_finishing || _frames.Count >= maxQueuedFrames)
            {
                frame.Return();
                return _finishing;
            }
            _frames.Enqueue(frame);
        }
        _signal.Set();
        return true;
    }

    /// <summary>Lets a source take its turns; stopped at once when the session is ending.</summary>
    public void Add(BulkSource source)
    {
        bool finishing;
        lock (_gate)
        {
            finishing = _finishing;
            if (!finishing)
                _sources.Enqueue(source);
        }
        if (finishing)
            source.Stop();
        else
            _signal.Set();
    }

    /// <summary>Drops what waits, sends <paramref name="last"/> if there is one, ends the stream, and lets the loop end.</summary>
    public void Finish(QueuedFrame? last)
    {
        BulkSource[] stopped;
        lock (_gate)
        {
            if (_finishing)
            {
                last?.Return();
                return;
            }
            _finishing = true;
            foreach (QueuedFrame frame in _frames)
                frame.Return();
            _frames.Clear();
            stopped = [.. _sources];
            _sources.Clear();
            if (last is { } frameToSend)
                _frames.Enqueue(frameToSend);
        }
        foreach (BulkSource source in stopped)
            source.Stop();
        _signal.Set();
    }

    /// <summary>Sends until <see cref="Finish"/>; faults when the connection is lost.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _signal.WaitAsync();
                while (FillBatch())
                {
                    Volatile.Write(ref _writingSince, time.GetTimestamp());
                    await writer.FlushAsync();
                    Volatile.Write(ref _writingSince, NotWriting);
                    Volatile.Write(ref _lastSent, time.GetTimestamp());
                }
                writer.Release();
                lock (_gate)
                {
                    if (_finishing && _frames.Count == 0)
                        break;
                }
            }
            connection.CompleteWriting();
        }
        finally
        {
            Volatile.Write(ref _writingSince, NotWriting);
            writer.Release();
            _current?.Return();
            _current = null;
            Finish(null); // after a fault: nothing may wait for a loop that has ended
        }
    }

    private bool FillBatch()
    {
        while (AppendFrames() && AppendData())
        {
        }
        return !writer.IsEmpty;
    }

    // False when the batch is full.
    private bool AppendFrames()
    {
        while (true)
        {
            if (_current is not { } frame)
            {
                lock (_gate)
                {
                    if (!_frames.TryDequeue(out frame))
                        return true;
                }
                _current = frame;
                _currentOffset = 0;
            }
            ReadOnlySpan<byte> rest = frame.Bytes[_currentOffset..];
            int count = Math.Min(rest.Length, writer.Room);
            writer.Append(rest[..count]);
            _currentOffset += count;
            if (count < rest.Length)
                return false;
            _current = null;
            frame.Return();
            frame.Answers?.OnAnswerSent();
        }
    }

    // One data frame of the source whose turn it is. False when the batch is full or nobody has data.
    private bool AppendData()
    {
        if (writer.Room < LeastDataRoom)
            return false;
        BulkSource? source;
        lock (_gate)
        {
            if (!_sources.TryDequeue(out source))
                return false;
        }
        if (source.TakeFrame(writer, time.GetTimestamp()))
        {
            bool finishing;
            lock (_gate)
            {
                finishing = _finishing;
                if (!finishing)
                    _sources.Enqueue(source);
            }
            if (finishing)
                source.Stop();
        }
        return true;
    }
}
