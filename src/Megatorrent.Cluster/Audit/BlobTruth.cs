using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Gets the bytes of a blob from anybody but the member in question: this node's own, another's copy, or rebuilt from k others of the
/// stripe. What it gives has the id, so it is the truth whoever it came from. Thread-safe.
/// </summary>
/// <param name="parts">The node.</param>
/// <param name="peers">The other members.</param>
/// <param name="allowance">What may be fetched for this.</param>
internal sealed class BlobTruth(NodeParts parts, IRepairPeers peers, ByteAllowance allowance)
{
    private const long MemoryMax = 256L << 20; // of one stripe in memory; wider ones are not rebuilt for an audit
    private const int FetchTimeoutMs = 60_000;

    /// <summary>The blob; null when it cannot be had now.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="stripe">The stripe that it is of.</param>
    /// <param name="accused">Who is not asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<BlobLease?> GetAsync(BlobId id, BlobId stripe, NodeId accused, CancellationToken cancellationToken)
    {
        if (await OwnAsync(id, cancellationToken) is { } own)
            return own;
        Member[] others = [.. parts.Membership.View.Living.Where(member => member.Id != parts.Self && member.Id != accused)];
        if (await DescriptorAsync(stripe, others, cancellationToken) is not { } descriptor)
            return null;
        int wanted = descriptor.Ids.IndexOf(id);
        if (wanted < 0)
            return null;
        List<Member>[] holders = await HoldersAsync(descriptor, others, cancellationToken);
        foreach (Member holder in holders[wanted])
        {
            if (await FetchAsync(descriptor, wanted, holder, cancellationToken) is { } copy)
                return copy;
        }
        return descriptor.IsReplication || (descriptor.DataShards + 1L) * descriptor.ShardLength > MemoryMax
            ? null
            : await RebuildAsync(descriptor, wanted, holders, cancellationToken);
    }

    /// <summary>This node's own copy, re-hashed; null when it has none, or a damaged one.</summary>
    public async ValueTask<BlobLease?> OwnAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (!parts.Store.Contains(id))
            return null;
        BlobLease? lease = null;
        try
        {
            lease = await parts.Store.GetAsync(id, cancellationToken);
            if (await IsAsync(lease, id, cancellationToken))
                return lease;
            await parts.Store.CheckAsync(id, cancellationToken); // drops it
            parts.Repair.Lost([id], [], "a damaged blob was found");
        }
        catch (MegatorrentException exception)
        {
            if (exception.Kind == ErrorKind.Integrity)
                parts.Repair.Lost([id], [], "a damaged blob was found");
            parts.Log.Warn($"own copy of blob {id} cannot be read: {exception.Message}");
        }
        lease?.Dispose();
        return null;
    }

    private async ValueTask<StripeDescriptor?> DescriptorAsync(BlobId stripe, Member[] others, CancellationToken cancellationToken)
    {
        try
        {
            if (await parts.Store.GetDescriptorAsync(stripe, cancellationToken) is { } own)
                return StripeDescriptor.Decode(own);
        }
        catch (MegatorrentException exception)
        {
            parts.Log.Warn($"descriptor of {stripe} cannot be read: {exception.Message}");
        }
        foreach (Member member in others)
        {
            byte[]?[]? found = await AskAsync(token => peers.FindAsync(member, new[] { stripe }, token), cancellationToken);
            try
            {
                if (found?[0] is { } encoded && StripeDescriptor.Decode(encoded) is var descriptor && descriptor.Id == stripe)
                    return descriptor;
            }
            catch (MegatorrentException exception)
            {
                parts.Log.Info($"member {member.Id.ToShortString()} sent no descriptor of {stripe}: {exception.Message}");
            }
        }
        return null;
    }

    private async ValueTask<List<Member>[]> HoldersAsync(StripeDescriptor descriptor, Member[] others, CancellationToken cancellationToken)
    {
        var holders = new List<Member>[descriptor.Ids.Length];
        for (int i = 0; i < holders.Length; i++)
            holders[i] = [];
        BlobId[] ids = descriptor.Ids.ToArray();
        foreach (Member member in others)
        {
            bool[]? has = await AskAsync(token => peers.WantAsync(member, ids, token), cancellationToken);
            for (int i = 0; has is not null && i < ids.Length; i++)
            {
                if (has[i])
                    holders[i].Add(member);
            }
        }
        return holders;
    }

    private async ValueTask<BlobLease?> RebuildAsync(
        StripeDescriptor descriptor, int wanted, List<Member>[] holders, CancellationToken cancellationToken)
    {
        var blobs = new BlobLease?[holders.Length];
        try
        {
            int have = 0;
            for (int i = 0; i < blobs.Length && have < descriptor.DataShards; i++)
            {
                if (i == wanted)
                    continue;
                blobs[i] = await OwnAsync(descriptor.Ids[i], cancellationToken);
                for (int h = 0; blobs[i] is null && h < holders[i].Count; h++)
                    blobs[i] = await FetchAsync(descriptor, i, holders[i][h], cancellationToken);
                have += blobs[i] is null ? 0 : 1;
            }
            if (have < descriptor.DataShards)
                return null;
            bool[] present = Array.ConvertAll(blobs, static blob => blob is not null);
            blobs[wanted] = BlobLease.Rent(descriptor.LengthOf(wanted));
            var shards = Array.ConvertAll(blobs, static blob => blob?.Memory ?? Memory<byte>.Empty);
            bool right = await parts.Executor.RunAsync(
                static state =>
                {
                    ReedSolomon.Get(state.descriptor.DataShards, state.descriptor.ParityShards)
                        .Reconstruct(state.shards, state.present, state.descriptor.ShardLength);
                    return BlobId.Of(state.shards[state.wanted].Span) == state.descriptor.Ids[state.wanted];
                },
                (descriptor, shards, present, wanted), cancellationToken);
            if (!right)
                return null; // the descriptor contradicts itself
            BlobLease rebuilt = blobs[wanted]!;
            blobs[wanted] = null;
            return rebuilt;
        }
        finally
        {
            foreach (BlobLease? blob in blobs)
                blob?.Dispose();
        }
    }

    private async ValueTask<BlobLease?> FetchAsync(StripeDescriptor descriptor, int index, Member holder, CancellationToken cancellationToken)
    {
        if (!allowance.TryTake(descriptor.LengthOf(index)))
            return null;
        BlobLease blob = BlobLease.Rent(descriptor.LengthOf(index));
        BlobLease? good = null;
        try
        {
            bool got = await AskAsync(
                async token =>
                {
                    await peers.GetAsync(holder, descriptor.Ids[index], blob.Memory, token);
                    return true;
                },
                cancellationToken);
            if (got && await IsAsync(blob, descriptor.Ids[index], cancellationToken))
                good = blob;
            return good;
        }
        finally
        {
            if (good is null)
                blob.Dispose();
        }
    }

    private ValueTask<bool> IsAsync(BlobLease blob, BlobId id, CancellationToken cancellationToken) =>
        parts.Executor.RunAsync(static state => BlobId.Of(state.blob.Memory.Span) == state.id, (blob, id), cancellationToken);

    // Whoever does not answer is passed over.
    private async ValueTask<T?> AskAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new Deadline(FetchTimeoutMs, parts.Time, cancellationToken);
        try
        {
            return await ask(limit.Token);
        }
        catch (MegatorrentException)
        {
            return default;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }
}
