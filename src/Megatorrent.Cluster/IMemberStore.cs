namespace Megatorrent.Cluster;

/// <summary>Where a node remembers the members over a restart: one small document, replaced as a whole.</summary>
internal interface IMemberStore
{
    /// <summary>The document, or null when there is none.</summary>
    ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the document: after a crash at any moment the old one or the new one is there.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> document, CancellationToken cancellationToken);
}
