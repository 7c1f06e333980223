using Megatorrent.Core;

namespace Megatorrent.Client;

/// <summary>
/// A stream without a buffer: what one side hands over the other side reads straight out of the giver's memory. One giver and one reader.
/// <code>
///   giver   HandOverAsync(data) ──────── waits until all of it was read ──────►  true
///   reader        ReadAsync ► copy    ReadAsync ► copy    ...
/// </code>
/// The giver's memory is touched only under the lock and only while the giver waits, so it is free as soon as HandOverAsync completes.
/// </summary>
internal sealed class HandoverStream : Stream
{
    private readonly Lock _gate = new();
    private ReadOnlyMemory<byte> _offered;
    private TaskCompletionSource<bool>? _giver;
    private TaskCompletionSource? _reader;
    private bool _ended;
    private bool _abandoned;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Offers bytes and completes when they were read: true. False: nobody reads any more.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: the end was given before.</exception>
    public Task<bool> HandOverAsync(ReadOnlyMemory<byte> data)
    {
        lock (_gate)
        {
            if (_ended)
                throw new MegatorrentException(ErrorKind.InvalidArgument, "The upload was finished; it takes no more bytes.");
            if (_abandoned)
                return Task.FromResult(false);
            if (data.IsEmpty)
                return Task.FromResult(true);
            _offered = data;
            _giver = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            WakeReader();
            return _giver.Task;
        }
    }

    /// <summary>No more bytes will follow.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _ended = true;
            WakeReader();
        }
    }

    /// <summary>Nobody reads any more: what was offered is let go of. A reader that waits sees the end; it is stopped by other means.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _abandoned = true;
            _offered = default;
            _giver?.TrySetResult(false);
            _giver = null;
            WakeReader();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task more;
            lock (_gate)
            {
                if (!_offered.IsEmpty)
                    return Take(buffer);
                if (_abandoned)
                    throw new OperationCanceledException("The upload was given up.");
                if (_ended)
                    return 0;
                _reader ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                more = _reader.Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    private int Take(Memory<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _offered.Length);
        _offered.Span[..count].CopyTo(buffer.Span);
        _offered = _offered[count..];
        if (_offered.IsEmpty)
        {
            _giver?.TrySetResult(true);
            _giver = null;
        }

        return count;
    }

    private void WakeReader()
    {
        _reader?.TrySetResult();
        _reader = null;
    }
}
