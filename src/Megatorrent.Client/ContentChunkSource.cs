using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>Content-defined chunks, see <see cref="ContentChunker"/>.</summary>
internal sealed class ContentChunkSource(Stream source) : IChunkSource
{
    private readonly BlobLease _window = BlobLease.Rent(2 * ContentChunker.LengthMax);
    private int _start;
    private int _end;

    public async ValueTask<BlobLease?> ReadAsync(CancellationToken cancellationToken)
    {
        Memory<byte> window = _window.Memory;
        if (_end - _start < ContentChunker.LengthMax)
        {
            window[_start.._end].CopyTo(window);
            (_start, _end) = (0, _end - _start);
            _end += await source.ReadAtLeastAsync(window[_end..], window.Length - _end, throwOnEndOfStream: false, cancellationToken);
        }

        if (_start == _end)
            return null;
        int length = ContentChunker.NextLength(window.Span[_start..Math.Min(_end, _start + ContentChunker.LengthMax)]);
        BlobLease chunk = BlobLease.Rent(length);
        window.Slice(_start, length).CopyTo(chunk.Memory);
        _start += length;
        return chunk;
    }

    public void Dispose() => _window.Dispose();
}
