using Megatorrent.Cluster;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>Verifies and repairs one object: reads and hashes every blob and every copy, and stores anew what is not there.</summary>
internal sealed class ObjectDoctor(ClusterDirectory directory, ClientOptions options, IProgress<TransferProgress>? progress)
{
    private const int StripesPerQuestion = 32;

    private readonly StripeLocator _locator = new(directory);
    private readonly StripeFetcher _fetcher = new(directory, options);
    private long _bytesDone;

    public async ValueTask<VerifyReport> VerifyAsync(Capability capability, CancellationToken cancellationToken)
    {
        await directory.RefreshAsync(cancellationToken); // a member that an old list lacks would count as a loss
        int stripes = 0, healthy = 0, blobs = 0, good = 0, margin = int.MaxValue;
        await ForEachAsync(
            new StripeWalker(_locator, _fetcher).WalkAsync(capability.Root, cancellationToken),
            "verify",
            static (health, set) => ValueTask.FromResult(health),
            health =>
            {
                stripes++;
                healthy += health.Missing == 0 ? 1 : 0;
                blobs += health.Descriptor.TotalBlobs;
                good += health.Present;
                margin = Math.Min(margin, health.Margin);
            },
            cancellationToken);
        return new VerifyReport
        {
            Stripes = stripes,
            HealthyStripes = healthy,
            Blobs = blobs,
            GoodBlobs = good,
            MissingBlobs = blobs - good,
            BadBlobs = [.. _fetcher.Bad.OrderBy(static bad => bad.Blob).ThenBy(static bad => bad.Endpoint, StringComparer.Ordinal)],
            LowestMargin = margin,
        };
    }

    public ValueTask<RepairReport> RepairAsync(Capability capability, CancellationToken cancellationToken) =>
        RepairAsync(new StripeWalker(_locator, _fetcher).WalkAsync(capability.Root, cancellationToken), cancellationToken);

    /// <summary>Verifies and repairs some stripes.</summary>
    public ValueTask<RepairReport> RepairAsync(IReadOnlyList<StripeDescriptor> stripes, CancellationToken cancellationToken) =>
        RepairAsync(stripes.AsAsync(), cancellationToken);

    private async ValueTask<RepairReport> RepairAsync(IAsyncEnumerable<StripeDescriptor> which, CancellationToken cancellationToken)
    {
        await directory.RefreshAsync(cancellationToken); // a member that an old list lacks would be given copies of what it has
        int stripes = 0, repaired = 0, restored = 0, stillMissing = 0, lost = 0;
        var store = new StripeStore(directory);
        await ForEachAsync(
            which,
            "repair",
            async (health, set) =>
            {
                if (health.Missing == 0)
                    return new RepairOutcome(0, 0, IsLost: false);
                if (health.Margin < 0)
                    return new RepairOutcome(0, health.Missing, IsLost: true);
                List<int> missing = health.MissingPositions();
                if (!health.Descriptor.IsReplication)
                    await _fetcher.RebuildAsync(set, [.. missing]);
                var blobs = new ReadOnlyMemory<byte>[health.Descriptor.Ids.Length];
                for (int i = 0; i < blobs.Length; i++)
                    blobs[i] = set.Has(i) ? set[i] : default;
                StoreOutcome outcome = await store.StoreMissingAsync(health.Descriptor, blobs, missing, health.Holders, cancellationToken);
                return new RepairOutcome(outcome.Stored, outcome.Missing, IsLost: false);
            },
            result =>
            {
                stripes++;
                repaired += result.Restored > 0 ? 1 : 0;
                restored += result.Restored;
                stillMissing += result.Missing;
                lost += result.IsLost ? 1 : 0;
            },
            cancellationToken);
        return new RepairReport(stripes, repaired, restored, stillMissing, lost, store.Problems);
    }

    // Checks every stripe, several at once within the budget of memory, and passes each to treat while its blobs are in memory.
    private async ValueTask ForEachAsync<TResult>(
        IAsyncEnumerable<StripeDescriptor> which,
        string phase,
        Func<StripeHealth, BlobSet, ValueTask<TResult>> treat,
        Action<TResult> count,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = new Queue<(Task<TResult> Stripe, long Bytes)>();
        long bytesUnderWay = 0;
        try
        {
            await foreach (StripeDescriptor[] batch in which.Chunked(StripesPerQuestion))
            {
                foreach (StripeHolders holders in await _locator.LocateAsync(batch, stop.Token))
                {
                    long bytes = holders.Descriptor.TotalBlobs * (long)holders.Descriptor.ShardLength;
                    while (underWay.Count > 0 && bytesUnderWay + bytes > options.BytesUnderWayMax)
                    {
                        bytesUnderWay -= underWay.Peek().Bytes;
                        count(await underWay.Dequeue().Stripe);
                    }

                    underWay.Enqueue((TreatAsync(holders, phase, treat, stop.Token), bytes));
                    bytesUnderWay += bytes;
                }
            }

            while (underWay.Count > 0)
                count(await underWay.Dequeue().Stripe);
        }
        finally
        {
            stop.Cancel();
            foreach (var (stripe, _) in underWay)
                await Task.WhenAny(stripe); // the failure that ended the walk is the one that counts
        }
    }

    private async Task<TResult> TreatAsync<TResult>(
        StripeHolders holders, string phase, Func<StripeHealth, BlobSet, ValueTask<TResult>> treat, CancellationToken cancellationToken)
    {
        using var set = new BlobSet(holders.Descriptor);
        var good = new List<Member>[holders.Descriptor.Ids.Length];
        await Task.WhenAll(Enumerable.Range(0, good.Length).Select(index => CheckBlobAsync(holders, set, index, good, cancellationToken)));
        TResult result = await treat(new StripeHealth(holders.Descriptor, good), set);
        long bytes = 0;
        foreach (int length in holders.Descriptor.Lengths)
            bytes += length;
        progress?.Report(new TransferProgress(phase, Interlocked.Add(ref _bytesDone, bytes), -1));
        return result;
    }

    private async Task CheckBlobAsync(StripeHolders holders, BlobSet set, int index, List<Member>[] good, CancellationToken cancellationToken)
    {
        good[index] = [];
        foreach (Member member in holders.Of(index))
        {
            if (await _fetcher.FetchFromAsync(holders.Descriptor, index, member, cancellationToken) is not { } blob)
                continue;
            good[index].Add(member);
            set.Add(index, blob);
        }
    }

    private readonly record struct RepairOutcome(int Restored, int Missing, bool IsLost);
}
