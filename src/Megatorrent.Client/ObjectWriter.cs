using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>Puts streams and manifests: chunks, seals, encodes and stores stripes, several on their way at once, within a budget of memory.</summary>
internal sealed class ObjectWriter(
    ClusterDirectory directory, ClientOptions options, PutOptions put, IProgress<TransferProgress>? progress, long bytesTotal)
{
    private readonly StripeStore _store = new(directory);
    private readonly byte[] _tenantSecret = put.Deduplicate ? options.Credential.TenantSecret.ToArray() : [];
    private long _bytesDone;
    private long _storedBytes;
    private int _stripes;
    private int _incompleteStripes;
    private int _missingBlobs;
    private int _blobsStored;
    private int _blobsReused;

    /// <summary>Puts a stream's bytes and the inner nodes of its manifest tree; what is left fits a root manifest.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="length">How many there will be, or -1: it decides the length of the chunks.</param>
    /// <param name="cancellationToken">Stops the put; stripes that were stored stay, unreferenced.</param>
    public async ValueTask<ManifestStream> PutStreamAsync(Stream source, long length, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        IChunkSource chunks = put.Deduplicate
            ? new ContentChunkSource(source)
            : new FixedChunkSource(source, length < 0 ? Scheme.ChunkLengthDefault : put.Scheme.ChunkLengthFor(length));
        var levels = new List<ManifestStreamBuilder> { new(0) };
        var underWay = new Queue<(Task<StripeRef> Stripe, long Bytes)>();
        long bytesUnderWay = 0;
        try
        {
            while (true)
            {
                BlobLease[] group = await ReadGroupAsync(chunks, stop.Token);
                if (group.Length == 0)
                    break;
                long bytes = StripeBytes(group);
                while (underWay.Count > 0 && bytesUnderWay + bytes > options.BytesUnderWayMax)
                {
                    bytesUnderWay -= underWay.Peek().Bytes;
                    Task<StripeRef> oldest = underWay.Dequeue().Stripe;
                    try
                    {
                        await AddAsync(levels, 0, await oldest, stop.Token);
                    }
                    catch
                    {
                        Release(group);
                        throw;
                    }
                }

                underWay.Enqueue((PutStripeAsync(group, stop.Token), bytes));
                bytesUnderWay += bytes;
            }

            while (underWay.Count > 0)
                await AddAsync(levels, 0, await underWay.Dequeue().Stripe, stop.Token);
            return await CloseAsync(levels, stop.Token);
        }
        finally
        {
            stop.Cancel();
            foreach (var (stripe, _) in underWay)
                await Task.WhenAny(stripe); // its buffers are its own; the failure that ended the put is the one that counts
            chunks.Dispose();
        }
    }

    /// <summary>Seals and stores a manifest as a replicated blob.</summary>
    /// <returns>Its stripe and the key that opens it.</returns>
    public async ValueTask<(StripeDescriptor Descriptor, byte[] Key)> PutManifestAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        var key = new byte[AeadCipher.KeyLength];
        byte[] blob = await options.Executor.RunAsync(
            static state => state.manifest.Seal(state.Suite, state._tenantSecret, state.Random, state.key),
            (manifest, put.Suite, _tenantSecret, options.Random, key), cancellationToken);
        var descriptor = new StripeDescriptor(CopiesBeyondFirst(), [Core.Hashing.BlobId.Of(blob)], [blob.Length]);
        Count(await _store.StoreAsync(descriptor, new ReadOnlyMemory<byte>[] { blob }, put.Deduplicate, cancellationToken));
        return (descriptor, key);
    }

    /// <summary>What was done so far.</summary>
    public PutResult Result(Capability capability, IReadOnlyList<string> skipped) => new()
    {
        Capability = capability,
        Bytes = _bytesDone,
        StoredBytes = _storedBytes,
        Stripes = _stripes,
        IncompleteStripes = _incompleteStripes,
        MissingBlobs = _missingBlobs,
        BlobsStored = _blobsStored,
        BlobsReused = _blobsReused,
        Problems = _store.Problems,
        Skipped = skipped,
    };

    private async ValueTask<BlobLease[]> ReadGroupAsync(IChunkSource chunks, CancellationToken cancellationToken)
    {
        var group = new List<BlobLease>(put.Scheme.DataShards);
        try
        {
            while (group.Count < put.Scheme.DataShards && await chunks.ReadAsync(cancellationToken) is { } chunk)
                group.Add(chunk);
            return [.. group];
        }
        catch
        {
            Release(group);
            throw;
        }
    }

    private async Task<StripeRef> PutStripeAsync(BlobLease[] chunks, CancellationToken cancellationToken)
    {
        SealedStripe stripe;
        try
        {
            stripe = await options.Executor.RunAsync(
                static state => SealedStripe.Build(
                    state.chunks, state.parityShards, state.put.Suite, state.put.Compression, state._tenantSecret, state.Random),
                (chunks, parityShards: chunks.Length == 1 ? CopiesBeyondFirst() : put.Scheme.ParityShards, put, _tenantSecret, options.Random),
                cancellationToken);
        }
        finally
        {
            Release(chunks);
        }

        using (stripe)
        {
            Count(await _store.StoreAsync(stripe.Descriptor, stripe.Blobs.ToArray(), put.Deduplicate, cancellationToken));
            var reference = new StripeRef(0, stripe.Descriptor, stripe.Keys, stripe.PlaintextLengths);
            long done = Interlocked.Add(ref _bytesDone, reference.Length);
            progress?.Report(new TransferProgress("put", done, bytesTotal));
            return reference;
        }
    }

    // Stripes become leaf manifests, leaves become inner ones, up to a root that fits.
    private async ValueTask AddAsync(List<ManifestStreamBuilder> levels, int level, StripeRef node, CancellationToken cancellationToken)
    {
        if (level == levels.Count)
            levels.Add(new ManifestStreamBuilder(level));
        levels[level].Add(node);
        if (levels[level].EncodedLength < options.ManifestLengthTarget)
            return;
        await RaiseAsync(levels, level, cancellationToken);
    }

    private async ValueTask RaiseAsync(List<ManifestStreamBuilder> levels, int level, CancellationToken cancellationToken)
    {
        if (level == Manifest.DepthMax)
            throw new MegatorrentException(ErrorKind.LimitExceeded, "The object is too large: its manifest tree would be deeper than readers accept.");
        ManifestStream stream = levels[level].Build();
        levels[level] = new ManifestStreamBuilder(level);
        var (descriptor, key) = await PutManifestAsync(new Manifest { Kind = ManifestKind.Node, Streams = [stream] }, cancellationToken);
        await AddAsync(levels, level + 1, new StripeRef(0, descriptor, key, [stream.Length]), cancellationToken);
    }

    private async ValueTask<ManifestStream> CloseAsync(List<ManifestStreamBuilder> levels, CancellationToken cancellationToken)
    {
        for (int level = 0; ; level++)
        {
            bool isTop = level == levels.Count - 1;
            if (isTop)
                return levels[level].Build();
            if (!levels[level].IsEmpty)
                await RaiseAsync(levels, level, cancellationToken);
        }
    }

    // A copy for every failure domain survives more deaths than any stripe of the scheme; more would have nowhere to go.
    private int CopiesBeyondFirst() => Math.Min(put.Scheme.ParityShards, Math.Max(0, directory.View.DomainCount - 1));

    private long StripeBytes(BlobLease[] group)
    {
        long bytes = 0, longest = 0;
        foreach (BlobLease chunk in group)
        {
            bytes += 2L * chunk.Length; // the chunk and its blob
            longest = Math.Max(longest, chunk.Length);
        }

        return bytes + (longest * put.Scheme.ParityShards);
    }

    private void Count(StoreOutcome outcome)
    {
        Interlocked.Add(ref _storedBytes, outcome.Bytes);
        Interlocked.Increment(ref _stripes);
        Interlocked.Add(ref _incompleteStripes, outcome.Missing > 0 ? 1 : 0);
        Interlocked.Add(ref _missingBlobs, outcome.Missing);
        Interlocked.Add(ref _blobsStored, outcome.Stored);
        Interlocked.Add(ref _blobsReused, outcome.Reused);
    }

    private static void Release(IEnumerable<BlobLease> chunks)
    {
        foreach (BlobLease chunk in chunks)
            chunk.Dispose();
    }
}
