using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>The blobs of one stripe that are here, each verified by its id. Dispose gives all back.</summary>
internal sealed class BlobSet(StripeDescriptor descriptor) : IDisposable
{
    private readonly BlobLease?[] _blobs = new BlobLease?[descriptor.Ids.Length];

    /// <summary>The stripe.</summary>
    public StripeDescriptor Descriptor { get; } = descriptor;

    /// <summary>How many blobs are here.</summary>
    public int Count => _blobs.Count(static blob => blob is not null);

    public bool Has(int index) => Volatile.Read(ref _blobs[index]) is not null;

    public ReadOnlyMemory<byte> this[int index] =>
        (_blobs[index] ?? throw new InvalidOperationException("The blob is not here.")).Memory;

    /// <summary>Adds a verified blob; the set owns the lease then.</summary>
    public void Add(int index, BlobLease verified)
    {
        if (Interlocked.CompareExchange(ref _blobs[index], verified, null) is not null)
            verified.Dispose();
    }

    public void Dispose()
    {
        for (int i = 0; i < _blobs.Length; i++)
            Interlocked.Exchange(ref _blobs[i], null)?.Dispose();
    }
}
