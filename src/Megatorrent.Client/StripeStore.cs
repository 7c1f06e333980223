using System.Collections.Concurrent;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>Brings the blobs of a stripe to the nodes where they belong, and says what could not be stored and why.</summary>
internal sealed class StripeStore(ClusterDirectory directory)
{
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>Why nodes did not take blobs, a line a node.</summary>
    public IReadOnlyList<string> Problems => [.. _problems.Select(static pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal)];

    /// <summary>
    /// Stores a whole stripe and returns when at least j+⌈m/2⌉ blobs are durable and every node that could take one has answered. Where
    /// fewer could be stored because nodes do not answer, it is tried again for the time that the client's options give.
    /// </summary>
    /// <param name="descriptor">The stripe.</param>
    /// <param name="blobs">The blobs in the order of its ids.</param>
    /// <param name="mayExist">Whether some may be there already (deduplicating mode): then nodes are asked first.</param>
    /// <param name="cancellationToken">Ends the wait; what was stored stays.</param>
    /// <exception cref="MegatorrentException">
    /// NotEnoughBlobs: fewer could be stored; StoreFull or Unauthorized where that is the reason.
    /// </exception>
    public async ValueTask<StoreOutcome> StoreAsync(
        StripeDescriptor descriptor, ReadOnlyMemory<ReadOnlyMemory<byte>> blobs, bool mayExist, CancellationToken cancellationToken)
    {
        var target = new StripeTargets(directory, descriptor);
        var pending = new List<int>();
        int reused = 0;
        long bytes = 0;
        if (mayExist)
        {
            StripeHolders holders = await new StripeLocator(directory).LocateAsync(descriptor, cancellationToken);
            for (int i = 0; i < descriptor.TotalBlobs; i++)
            {
                Member? holder = descriptor.IsReplication
                    ? holders.Of(0).ElementAtOrDefault(i)
                    : holders.Of(i).FirstOrDefault(target.HasRoom);
                if (holder is null || !await TryAddDescriptorAsync(holder, descriptor, i, cancellationToken))
                {
                    pending.Add(i);
                    continue;
                }

                target.Keep(holder);
                reused++;
                bytes += descriptor.LengthOf(IdIndex(descriptor, i));
            }
        }
        else
        {
            pending.AddRange(Enumerable.Range(0, descriptor.TotalBlobs));
        }

        int required = descriptor.DataShards + (PlantedBugs.Has(PlantedBug.AcknowledgeAtK) ? 0 : (descriptor.ParityShards + 1) / 2);
        int stored = 0;
        var patience = new ShortagePatience(directory);
        while (true)
        {
            int[] states = await StorePendingAsync(descriptor, blobs, pending, target, cancellationToken);
            for (int p = pending.Count - 1; p >= 0; p--)
            {
                if (states[p] == 0)
                    continue;
                bytes += descriptor.LengthOf(IdIndex(descriptor, pending[p]));
                if (states[p] == 1)
                    stored++;
                else
                    reused++;
                pending.RemoveAt(p);
            }

            if (stored + reused >= required)
                break;
            if (!(target.MayRecover || await directory.HasMoreLivingAsync(cancellationToken)) || !await patience.WaitAsync(cancellationToken))
                throw target.Shortage(stored + reused, required);
            target = target.Renew();
        }

        return new StoreOutcome(stored, reused, descriptor.TotalBlobs - stored - reused, bytes);
    }

    /// <summary>
    /// Stores the given blobs of a stripe, of which <paramref name="present"/> already hold others.
    /// </summary>
    /// <returns>What was stored; never throws for a shortage.</returns>
    public async ValueTask<StoreOutcome> StoreMissingAsync(
        StripeDescriptor descriptor,
        ReadOnlyMemory<ReadOnlyMemory<byte>> blobs,
        List<int> missing,
        IEnumerable<Member> present,
        CancellationToken cancellationToken)
    {
        var target = new StripeTargets(directory, descriptor);
        foreach (Member member in present)
            target.Keep(member);
        int[] states = await StorePendingAsync(descriptor, blobs, missing, target, cancellationToken);
        long bytes = 0;
        for (int i = 0; i < states.Length; i++)
            bytes += states[i] == 0 ? 0 : descriptor.LengthOf(IdIndex(descriptor, missing[i]));
        int durable = states.Count(static state => state != 0);
        return new StoreOutcome(durable, 0, missing.Count - durable, bytes);
    }

    /// <summary>Which id the blob at a position of the stripe has: under replication every copy has the only one.</summary>
    public static int IdIndex(StripeDescriptor descriptor, int position) => descriptor.IsReplication ? 0 : position;

    // A state a pending blob: 0 no node took it, 1 stored, 2 it was there.
    private async ValueTask<int[]> StorePendingAsync(
        StripeDescriptor descriptor,
        ReadOnlyMemory<ReadOnlyMemory<byte>> blobs,
        List<int> pending,
        StripeTargets target,
        CancellationToken cancellationToken)
    {
        var tasks = new Task<int>[pending.Count];
        var first = new Member?[pending.Count];
        for (int p = 0; p < pending.Count; p++)
            first[p] = target.Take(); // in order, before any answer: placement does not depend on who is fast
        for (int p = 0; p < pending.Count; p++)
            tasks[p] = StoreOneAsync(descriptor, pending[p], blobs.Span[IdIndex(descriptor, pending[p])], first[p], target, cancellationToken);
        return await Task.WhenAll(tasks);
    }

    private async Task<int> StoreOneAsync(
        StripeDescriptor descriptor,
        int position,
        ReadOnlyMemory<byte> blob,
        Member? member,
        StripeTargets target,
        CancellationToken cancellationToken)
    {
        BlobId id = descriptor.Ids[IdIndex(descriptor, position)];
        for (; member is not null; member = target.Take())
        {
            try
            {
                PeerConnection connection = await directory.ConnectAsync(member, cancellationToken);
                return await connection.StoreAsync(id, blob, descriptor.Encoded, cancellationToken) ? 1 : 2;
            }
            catch (MegatorrentException exception) when (exception.Kind != ErrorKind.Canceled)
            {
                target.Fail(member, exception);
                _problems[member.Endpoint] = exception.Message;
                await directory.RefreshAsync(cancellationToken);
            }
        }

        return 0;
    }

    private async ValueTask<bool> TryAddDescriptorAsync(
        Member holder, StripeDescriptor descriptor, int position, CancellationToken cancellationToken)
    {
        try
        {
            PeerConnection connection = await directory.ConnectAsync(holder, cancellationToken);
            BlobId id = descriptor.Ids[IdIndex(descriptor, position)];
            return !await connection.StoreAsync(id, default, descriptor.Encoded, cancellationToken);
        }
        catch (MegatorrentException exception) when (exception.Kind is not (ErrorKind.Canceled or ErrorKind.Unauthorized))
        {
            return false; // it is stored like any other then
        }
    }
}
