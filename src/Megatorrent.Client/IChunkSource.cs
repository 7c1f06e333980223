using Megatorrent.Core;

namespace Megatorrent.Client;

/// <summary>Cuts a stream into chunks.</summary>
internal interface IChunkSource : IDisposable
{
    /// <summary>The next chunk, the caller's to dispose; null at the end.</summary>
    ValueTask<BlobLease?> ReadAsync(CancellationToken cancellationToken);
}
