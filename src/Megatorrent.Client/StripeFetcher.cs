using System.Collections.Concurrent;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>
/// Brings blobs of a stripe here, each verified by its id, and rebuilds from any k of the stripe what is lost or wrong.
/// </summary>
internal sealed class StripeFetcher(ClusterDirectory directory, ClientOptions options)
{
    // How often the nodes are asked at once who holds what before nothing but waiting helps: nodes die and repair moves blobs meanwhile.
    private const int RoundsMax = 3;

    private readonly StripeLocator _locator = new(directory, hurried: true);
    private readonly ConcurrentDictionary<(BlobId Blob, string Endpoint), BadBlob> _bad = new();
    private readonly BlobVerifier _verifier = new(options.Executor);
    private int _rebuilt;
    private int _hedges;
    private int _overtaken;
    private bool _isSlowed; // a node turned a request away because there were too many

    /// <summary>Data blobs that were rebuilt.</summary>
    public int BlobsRebuilt => _rebuilt;

    /// <summary>Requests made beyond the first because an answer was late.</summary>
    public int Hedges => _hedges;

    /// <summary>Data blobs that were rebuilt from others because these came first: late, not lost.</summary>
    public int BlobsOvertaken => _overtaken;

    /// <summary>Copies that turned out wrong.</summary>
    public ICollection<BadBlob> Bad => _bad.Values;

    /// <summary>Fetches data blobs <paramref name="first"/> to <paramref name="first"/>+<paramref name="count"/>-1, rebuilding where needed.</summary>
    /// <exception cref="MegatorrentException">NotEnoughBlobs: fewer than k blobs of the stripe can be had.</exception>
    public async ValueTask<BlobSet> FetchDataAsync(StripeHolders holders, int first, int count, CancellationToken cancellationToken)
    {
        StripeDescriptor descriptor = holders.Descriptor;
        var set = new BlobSet(descriptor);
        var patience = new ShortagePatience(directory);
        try
        {
            for (int round = 0; ; round++)
            {
                var read = new StripeRead(this, directory, options, set, holders, first, count);
                try
                {
                    await read.RunAsync(cancellationToken);
                }
                finally
                {
                    Interlocked.Add(ref _hedges, read.Hedges);
                }

                if (read.IsDone)
                    return set;
                if (read.IsRebuildable)
                {
                    int rebuilt = await RebuildAsync(set, [.. Enumerable.Range(first, count)]);
                    Interlocked.Add(ref _overtaken, read.Overtaken);
                    Interlocked.Add(ref _rebuilt, rebuilt - read.Overtaken);
                    return set;
                }

                if (round + 1 < RoundsMax)
                    await directory.RefreshAsync(cancellationToken);
                else if (!holders.MayRecover && !directory.HasRecentDeath && !Volatile.Read(ref _isSlowed) || !await patience.WaitAsync(cancellationToken))
                    throw NotEnough(set);
                directory.RetryLiving();
                holders = await _locator.LocateAsync(descriptor, cancellationToken);
            }
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>Rebuilds into the set, from the k or more blobs in it, those at <paramref name="wanted"/> that are not there.</summary>
    /// <returns>How many were rebuilt.</returns>
    /// <exception cref="MegatorrentException">Integrity: the rebuilt bytes do not have the descriptor's ids, so the descriptor lies.</exception>
    public ValueTask<int> RebuildAsync(BlobSet set, int[] wanted) =>
        options.Executor.RunAsync(static state => Rebuild(state.set, state.wanted), (set, wanted));

    /// <summary>
    /// Fetches the blob at <paramref name="index"/> from one member into a lease, verified; null when that member cannot give it.
    /// </summary>
    public async ValueTask<BlobLease?> FetchFromAsync(StripeDescriptor descriptor, int index, Member member, CancellationToken cancellationToken)
    {
        BlobId id = descriptor.Ids[index];
        BlobLease lease = BlobLease.Rent(descriptor.LengthOf(index));
        try
        {
            PeerConnection connection = await directory.ConnectAsync(member, cancellationToken);
            await connection.GetAsync(id, 0, lease.Memory, cancellationToken);
            if (PlantedBugs.Has(PlantedBug.FetchNotVerified)
                || await _verifier.IsGenuineAsync(lease.Memory, id))
                return lease;
            await NoteBadAsync(descriptor, id, member, connection, "the bytes are not those of its id", cancellationToken);
        }
        catch (MegatorrentException exception) when (exception.Kind != ErrorKind.Canceled)
        {
            if (exception.Kind == ErrorKind.LimitExceeded)
                Volatile.Write(ref _isSlowed, true);
            if (exception.Kind is ErrorKind.Integrity or ErrorKind.InvalidArgument)
                Note(descriptor, id, member, exception.Message);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        lease.Dispose();
        return null;
    }

    private async ValueTask NoteBadAsync(
        StripeDescriptor descriptor, BlobId id, Member member, PeerConnection connection, string problem, CancellationToken cancellationToken)
    {
        Note(descriptor, id, member, problem);
        await connection.NoticeAsync(id, NoticeKind.Corrupt, cancellationToken);
    }

    private void Note(StripeDescriptor descriptor, BlobId id, Member member, string problem) =>
        _bad.TryAdd((id, member.Endpoint), new BadBlob(id, member.Id, member.Endpoint, descriptor.Id, problem));

    private static int Rebuild(BlobSet set, int[] wanted)
    {
        StripeDescriptor descriptor = set.Descriptor;
        int total = descriptor.Ids.Length;
        var shards = new Memory<byte>[total];
        var present = new bool[total];
        var rebuilt = new BlobLease?[total];
        try
        {
            for (int i = 0; i < total; i++)
            {
                if (set.Has(i))
                {
                    present[i] = true;
                    shards[i] = System.Runtime.InteropServices.MemoryMarshal.AsMemory(set[i]);
                }
                else if (wanted.Contains(i))
                {
                    rebuilt[i] = BlobLease.Rent(descriptor.LengthOf(i));
                    shards[i] = rebuilt[i]!.Memory;
                }
            }

            ReedSolomon.Get(descriptor.DataShards, descriptor.ParityShards).Reconstruct(shards, present, descriptor.ShardLength);
            int count = 0;
            for (int i = 0; i < total; i++)
            {
                if (rebuilt[i] is not { } blob)
                    continue;
                if (BlobId.Of(blob.Memory.Span) != descriptor.Ids[i])
                    throw new MegatorrentException(ErrorKind.Integrity, $"Stripe {descriptor.Id} rebuilds to bytes that are not its own: whoever put it wrote wrong parity.");
                set.Add(i, blob);
                rebuilt[i] = null;
                count++;
            }

            return count;
        }
        finally
        {
            foreach (BlobLease? blob in rebuilt)
                blob?.Dispose();
        }
    }

    private MegatorrentException NotEnough(BlobSet set)
    {
        StripeDescriptor descriptor = set.Descriptor;
        int living = directory.View.Living.Count;
        return new MegatorrentException(
            ErrorKind.NotEnoughBlobs,
            $"Of stripe {descriptor.Id} only {set.Count} of the {descriptor.DataShards} blobs that reading needs can be had; "
            + $"{living} of {directory.View.Members.Count} nodes are alive. Bring nodes back and try again.");
    }
}
