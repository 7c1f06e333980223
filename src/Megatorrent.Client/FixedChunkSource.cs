using Megatorrent.Core;

namespace Megatorrent.Client;

/// <summary>Chunks of one length; the last may be shorter.</summary>
internal sealed class FixedChunkSource(Stream source, int chunkLength) : IChunkSource
{
    public async ValueTask<BlobLease?> ReadAsync(CancellationToken cancellationToken)
    {
        BlobLease chunk = BlobLease.Rent(chunkLength);
        try
        {
            int read = await source.ReadAtLeastAsync(chunk.Memory, chunkLength, throwOnEndOfStream: false, cancellationToken);
            if (read > 0)
                return chunk.Shorten(read);
        }
        catch
        {
            chunk.Dispose();
            throw;
        }

        chunk.Dispose();
        return null;
    }

    public void Dispose()
    {
    }
}
