using Megatorrent.Core;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Carries out one stripe's plan: fetches what it takes, each blob verified by its id; rebuilds what is missing, verified by its id;
/// stores it with the descriptor. A blob that is not what its id says is noticed to its holder and counts as missing there.
/// </summary>
internal sealed class StripeRestorer
{
    private readonly RepairContext _context;
    private readonly CycleView _view;
    private readonly StripeSurvey _survey;
    private readonly StripePlan _plan;
    private readonly StripeDescriptor _descriptor;
    private readonly BlobLease?[] _blobs;
    private readonly HashSet<NodeId> _refused = [];

    /// <summary>Prepares the restoration.</summary>
    public StripeRestorer(RepairContext context, CycleView view, StripeSurvey survey, StripePlan plan)
    {
        _context = context;
        _view = view;
        _survey = survey;
        _plan = plan;
        _descriptor = survey.Descriptor;
        _blobs = new BlobLease?[_descriptor.Ids.Length];
    }

    /// <summary>Whether a member could not give a blob that it had claimed: it is no holder in the survey any more.</summary>
    public bool HasLostSources { get; private set; }

    /// <summary>Bytes that a plan will move over the network, by what the survey found: an estimate for the time that is left.</summary>
    public static long BytesOf(StripeSurvey survey, StripePlan plan, NodeId self)
    {
        StripeDescriptor descriptor = survey.Descriptor;
        long bytes = 0;
        int own = 0;
        for (int i = 0; i < descriptor.Ids.Length; i++)
            own += survey.Holders(i).Exists(holder => holder.Id == self) ? 1 : 0;
        bool rebuilds = false;
        foreach ((int index, Member target) in plan.Work)
        {
            List<Member> holders = survey.Holders(index);
            rebuilds |= holders.Count == 0;
            bool fetches = holders.Count > 0 && !holders.Exists(holder => holder.Id == self);
            bytes += (long)descriptor.LengthOf(index) * ((fetches ? 1 : 0) + (target.Id == self ? 0 : 1));
        }
        return bytes + (rebuilds ? (long)descriptor.ShardLength * Math.Max(0, descriptor.DataShards - own) : 0);
    }

    /// <summary>Does it, and returns how many blobs are where they belong, and how many of these were not before.</summary>
    /// <exception cref="MegatorrentException">
    /// NotEnoughBlobs: fewer than k blobs could be fetched. Integrity: the descriptor contradicts itself.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask<(int Done, int Restored)> RunAsync(CancellationToken cancellationToken)
    {
        int[] missing = [.. _plan.Work.Select(static work => work.Index).Where(index => _survey.Holders(index).Count == 0).Distinct()];
        int[] copies = [.. _plan.Work.Select(static work => work.Index).Where(index => _survey.Holders(index).Count > 0).Distinct()];
        long needed = (long)_descriptor.ShardLength * ((missing.Length > 0 ? _descriptor.DataShards + missing.Length : 0) + copies.Length);
        long taken = await _context.Memory.TakeAsync(needed, cancellationToken);
        try
        {
            foreach (int index in copies)
                _blobs[index] = await FetchAsync(index, cancellationToken);
            if (missing.Length > 0)
            {
                bool[] present = await GatherAsync(cancellationToken);
                foreach (int index in missing)
                    _blobs[index] ??= BlobLease.Rent(_descriptor.LengthOf(index));
                await _context.Executor.RunAsync(static state => state.Restorer.Rebuild(state.Present, state.Missing),
                    (Restorer: this, Present: present, Missing: missing), cancellationToken);
            }
            return await StoreAllAsync(cancellationToken);
        }
        finally
        {
            foreach (BlobLease? blob in _blobs)
                blob?.Dispose();
            _context.Memory.Return(taken);
        }
    }

    // Exactly k blobs, the cheapest to get: as many at once as are still needed, each from the source that is cheapest while the others run.
    private async ValueTask<bool[]> GatherAsync(CancellationToken cancellationToken)
    {
        List<int> candidates =
            [.. Enumerable.Range(0, _blobs.Length).Where(index => _blobs[index] is null && _survey.Holders(index).Count > 0)];
        while (true)
        {
            int have = _blobs.Count(static blob => blob is not null);
            if (have >= _descriptor.DataShards)
                return Array.ConvertAll(_blobs, static blob => blob is not null);
            var fetches = new List<Task>();
            while (fetches.Count < _descriptor.DataShards - have && candidates.Count > 0)
            {
                int index = candidates.MinBy(candidate => _survey.Holders(candidate).Min(_view.CostOf));
                candidates.Remove(index);
                fetches.Add(FetchIntoAsync(index, cancellationToken));
            }
            if (fetches.Count == 0)
            {
                throw new MegatorrentException(
                    ErrorKind.NotEnoughBlobs,
                    $"{have} good blobs could be fetched where {_descriptor.DataShards} are needed; it is tried again later");
            }
            await Task.WhenAll(fetches);
        }
    }

    private async Task FetchIntoAsync(int index, CancellationToken cancellationToken) =>
        _blobs[index] = await FetchAsync(index, cancellationToken);

    // One blob from whoever holds it, verified; null when nobody could give it.
    private async ValueTask<BlobLease?> FetchAsync(int index, CancellationToken cancellationToken)
    {
        foreach (Member holder in _view.SortSources(_survey, index))
        {
            BlobLease? blob = holder.Id == _context.Self
                ? await FetchOwnAsync(index, cancellationToken)
                : await FetchFromAsync(holder, index, cancellationToken);
            if (blob is not null)
                return blob;
            _survey.Holders(index).Remove(holder);
            HasLostSources = true;
        }
        return null;
    }

    private async ValueTask<BlobLease?> FetchOwnAsync(int index, CancellationToken cancellationToken)
    {
        BlobId id = _descriptor.Ids[index];
        try
        {
            BlobLease blob = await _context.Store.GetAsync(id, cancellationToken);
            if (blob.Length == _descriptor.LengthOf(index) && await IsIntactAsync(id, blob, cancellationToken))
                return blob;
            blob.Dispose();
            _context.Log.Error($"own blob {id} is not what its id says; dropped");
            await _context.Store.CheckAsync(id, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _context.Log.Error($"own blob {id} cannot be read: {exception.Message}");
        }
        return null;
    }

    private async ValueTask<BlobLease?> FetchFromAsync(Member holder, int index, CancellationToken cancellationToken)
    {
        BlobId id = _descriptor.Ids[index];
        int length = _descriptor.LengthOf(index);
        BlobLease blob = BlobLease.Rent(length);
        try
        {
            await FetchTimedAsync(holder, id, blob, cancellationToken);
            _context.Progress.Moved(length);
            if (await IsIntactAsync(id, blob, cancellationToken))
                return blob;
            _context.Log.Warn($"member {holder.Id.ToShortString()} sent a damaged blob {id}");
            await _context.Peers.NoticeAsync(holder, id, NoticeKind.Corrupt, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _context.Log.Info($"member {holder.Id.ToShortString()} could not give blob {id}: {exception.Message}");
            if (exception.Kind is ErrorKind.Unreachable or ErrorKind.Timeout)
                _view.MarkUnreachable(holder, exception);
        }
        catch
        {
            blob.Dispose();
            throw;
        }
        blob.Dispose();
        return null;
    }

    // The member counts as busy from now on, also while the rate makes this fetch wait; the time of the fetch alone is measured.
    private async ValueTask FetchTimedAsync(Member holder, BlobId id, BlobLease blob, CancellationToken cancellationToken)
    {
        long started = _context.Sources.Begin(holder.Id);
        int got = 0;
        try
        {
            await _context.Rate.AcquireAsync(blob.Length, cancellationToken);
            started = _context.Time.GetTimestamp();
            await _context.Peers.GetAsync(holder, id, blob.Memory, cancellationToken);
            got = blob.Length;
        }
        finally
        {
            _context.Sources.End(holder.Id, started, got);
        }
    }

    private ValueTask<bool> IsIntactAsync(BlobId id, BlobLease blob, CancellationToken cancellationToken) =>
        _context.Executor.RunAsync(
            static state => BlobId.Of(state.Blob.Memory.Span) == state.Id || PlantedBugs.Has(PlantedBug.RepairNotVerified),
            (Blob: blob, Id: id), cancellationToken);

    private bool Rebuild(bool[] present, int[] missing)
    {
        var shards = new Memory<byte>[_blobs.Length];
        for (int i = 0; i < shards.Length; i++)
            shards[i] = _blobs[i]?.Memory ?? Memory<byte>.Empty;
        ReedSolomon.Get(_descriptor.DataShards, _descriptor.ParityShards).Reconstruct(shards, present, _descriptor.ShardLength);
        foreach (int index in missing)
        {
            if (BlobId.Of(shards[index].Span) != _descriptor.Ids[index] && !PlantedBugs.Has(PlantedBug.RepairNotVerified))
            {
                throw new MegatorrentException(
                    ErrorKind.Integrity,
                    $"the blob rebuilt from {_descriptor.DataShards} good ones is not {_descriptor.Ids[index]}: "
                    + "the descriptor contradicts itself; nothing was stored");
            }
        }
        return true;
    }

    private async ValueTask<(int Done, int Restored)> StoreAllAsync(CancellationToken cancellationToken)
    {
        (int done, int restored) = (0, 0);
        foreach ((int index, Member target) in _plan.Work)
        {
            if (_blobs[index] is not { } blob)
                continue;
            for (Member? taker = target; taker is not null; taker = NextTaker(taker))
            {
                if (await StoreAsync(taker, index, blob, cancellationToken) is not { } isNew)
                    continue;
                done++;
                restored += isNew ? 1 : 0;
                if (!_survey.Holders(index).Exists(holder => holder.Id == taker.Id))
                    _survey.Holders(index).Add(taker);
                break;
            }
        }
        return (done, restored);
    }

    private Member? NextTaker(Member refused)
    {
        if (_plan.IsMove)
            return null;
        _plan.Load.Remove(refused);
        _refused.Add(refused.Id);
        Member? next = _plan.Load.Next(_refused);
        if (next is not null)
            _plan.Load.Add(next);
        return next;
    }

    // Whether the blob is new there; null when the member did not take it.
    private async ValueTask<bool?> StoreAsync(Member taker, int index, BlobLease blob, CancellationToken cancellationToken)
    {
        BlobId id = _descriptor.Ids[index];
        try
        {
            bool isNew;
            if (taker.Id == _context.Self)
            {
                isNew = await _context.Store.PutAsync(id, blob.Memory, _survey.Id, _descriptor.Encoded, cancellationToken);
            }
            else
            {
                await _context.Rate.AcquireAsync(blob.Length, cancellationToken);
                isNew = await _context.Peers.StoreAsync(taker, id, blob.Memory, _descriptor.Encoded, cancellationToken);
                _context.Progress.Moved(blob.Length);
            }
            if (_context.Companions is { } companions)
                await companions.GivenAsync(taker, _survey.Id, cancellationToken);
            _context.Log.Debug($"stripe {_survey.Id}: blob {id} is on member {taker.Id.ToShortString()} again");
            return isNew;
        }
        catch (MegatorrentException exception)
        {
            _context.Log.Warn($"member {taker.Id.ToShortString()} did not take blob {id}: {exception.Message}");
            if (exception.Kind == ErrorKind.StoreFull)
                _context.Full.Add(taker.Id);
            else if (exception.Kind is ErrorKind.Unreachable or ErrorKind.Timeout)
                _view.MarkUnreachable(taker, exception);
            return null;
        }
    }
}
