using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>
/// Bytes of an object, in order; stripes are fetched ahead within the client's budget of memory. One read at a time. Dispose stops what is
/// under way; it must not run beside a read.
/// </summary>
public sealed class ObjectDownload : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ObjectReader _reader;
    private readonly IAsyncEnumerator<PlainStripe> _pieces;
    private PlainStripe? _piece;
    private int _taken;

    internal ObjectDownload(ObjectReader reader, ManifestStream content, long from, long to)
    {
        _reader = reader;
        _pieces = reader.ReadAsync(content, from, to, _stop.Token).GetAsyncEnumerator(_stop.Token);
    }

    /// <summary>Data blobs that had to be rebuilt from parity so far.</summary>
    public int BlobsRebuilt => _reader.Fetcher.BlobsRebuilt;

    /// <summary>Blobs that arrived with the wrong bytes and were refused so far.</summary>
    public int BadBlobs => _reader.Fetcher.Bad.Count;

    /// <summary>Requests made beyond the first because an answer was late so far.</summary>
    public int Hedges => _reader.Fetcher.Hedges;

    /// <summary>Reads the next bytes, as many as are there: at least one, unless the end is reached or the destination is empty.</summary>
    /// <param name="destination">Takes the bytes.</param>
    /// <param name="cancellationToken">Ends the read, and with it the download.</param>
    /// <returns>How many bytes were written; 0 at the end.</returns>
    /// <exception cref="MegatorrentException">As for get. The download cannot be read from after that.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (destination.IsEmpty)
            return 0;
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((ObjectDownload)state!).Cancel(), this);
        _stop.Token.ThrowIfCancellationRequested(); // what is there already is given no more
        while (_piece is null || _taken == _piece.Bytes.Length)
        {
            DropPiece();
            if (!await _pieces.MoveNextAsync())
                return 0;
            _piece = _pieces.Current;
        }

        int count = Math.Min(destination.Length, _piece.Bytes.Length - _taken);
        _piece.Bytes.Slice(_taken, count).CopyTo(destination);
        _taken += count;
        return count;
    }

    /// <summary>Stops what is under way, from any thread and beside a read, which then fails as cancelled.</summary>
    public void Cancel() => _stop.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Cancel();
        DropPiece();
        await _pieces.DisposeAsync();
    }

    private void DropPiece()
    {
        _piece?.Dispose();
        _piece = null;
        _taken = 0;
    }
}
