using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Deletes blobs of this node that others hold where they belong, one a stripe, each only after the keepers have proved in this cycle that
/// they have it and promised to keep it meanwhile. Whatever is in doubt stays.
/// </summary>
internal sealed class SurplusRemover(RepairContext context, CycleView view)
{
    /// <summary>Blobs deleted.</summary>
    public int Removed { get; private set; }

    /// <summary>Stripes that still have something to be deleted here, now or by another node first.</summary>
    public List<BlobId> Left { get; } = [];

    /// <summary>Deletes what may go of stripes of which everybody was asked in this cycle.</summary>
    /// <param name="surveys">The stripes.</param>
    /// <param name="cancellationToken">Stops between two deletions.</param>
    public async ValueTask RunAsync(IReadOnlyList<StripeSurvey> surveys, CancellationToken cancellationToken)
    {
        var chosen = new List<(StripeSurvey Survey, int Index, IReadOnlyList<Member> Keepers)>();
        foreach (StripeSurvey survey in surveys)
        {
            if (!view.IsCalm || context.Young.Contains(survey.Id))
            {
                Left.Add(survey.Id);
                continue;
            }
            if (survey.AllHolders().Any(holder => context.IsLikelyToFail(holder.Id)))
                continue; // a copy ahead of a failure is none too many
            var rule = new SurplusRule(survey, view.SpreadOf(survey));
            if (!rule.Holders().Exists(holder => holder.Id == context.Self))
                continue;
            Left.Add(survey.Id);
            if (rule.Choose(context.Self) is { } choice)
                chosen.Add((survey, choice.Index, choice.Keepers));
        }
        if (chosen.Count == 0)
            return;
        HashSet<BlobId> shared;
        try
        {
            shared = await FindSharedAsync(
                chosen.ConvertAll(static one => (one.Survey.Id, one.Survey.Descriptor.Ids[one.Index])), cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            context.Log.Warn($"surplus blobs stay, as not every descriptor can be read: {exception.Message}");
            return;
        }
        foreach ((StripeSurvey survey, int index, IReadOnlyList<Member> keepers) in chosen)
        {
            BlobId blob = survey.Descriptor.Ids[index];
            if (!shared.Contains(blob) && context.Surplus.TryBeginDelete(blob))
                await DeleteAsync(survey.Descriptor, index, keepers, cancellationToken);
        }
    }

    private async ValueTask DeleteAsync(
        StripeDescriptor stripe, int index, IReadOnlyList<Member> keepers, CancellationToken cancellationToken)
    {
        BlobId blob = stripe.Ids[index];
        long started = context.Time.GetTimestamp();
        long? deleted = null;
        try
        {
            foreach (Member keeper in keepers)
            {
                if (!await IsConfirmedAsync(keeper, stripe.Id, blob, cancellationToken))
                    return;
            }
            if (context.Time.GetElapsedTime(started) >= SurplusLedger.ConfirmTimeout || !view.IsCalm || !context.Surplus.MayDelete(blob))
                return;
            await context.Store.DeleteAsync(blob, cancellationToken);
            deleted = stripe.LengthOf(index);
            Removed++;
            string kept = string.Join(", ", keepers.Select(static keeper => keeper.Id.ToShortString()));
            context.Log.Info($"stripe {stripe.Id}: blob {blob} was one too many here; kept by {kept}");
            if (HoldsAny(stripe))
                return;
            if (context.Companions is { } companions)
                await companions.DismissAsync(stripe, keepers, cancellationToken);
            else
                await context.Store.DeleteDescriptorAsync(stripe.Id, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            context.Log.Warn(deleted is null
                ? $"surplus blob {blob} stays: {exception.Message}"
                : $"the descriptor of {stripe.Id} stays, though no blob of it is here: {exception.Message}");
        }
        finally
        {
            context.Surplus.EndDelete(blob, deleted);
        }
    }

    // The keeper must have the bytes, not only say so: it hashes them with a nonce, and this node does the same with its own.
    private async ValueTask<bool> IsConfirmedAsync(Member keeper, BlobId stripe, BlobId blob, CancellationToken cancellationToken)
    {
        var nonce = new byte[SurplusMessages.NonceLength];
        context.Random.Fill(nonce);
        byte[] reply;
        using (var deadline = new Deadline((int)SurplusLedger.ConfirmTimeout.TotalMilliseconds, context.Time, cancellationToken))
        {
            try
            {
                reply = await context.Peers.AskAsync(
                    keeper, SurplusMessages.ConfirmName, SurplusMessages.EncodeConfirm(stripe, blob, nonce), deadline.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new MegatorrentException(ErrorKind.Timeout, $"member {keeper.Id.ToShortString()} did not confirm in time");
            }
        }
        if (SurplusMessages.DecodeProof(reply) is not { } proof)
            return false;
        using BlobLease own = await context.Store.GetAsync(blob, cancellationToken);
        bool holds = await context.Executor.RunAsync(
            static check => BlobId.Of(check.Own.Memory.Span) == check.Blob
                && SurplusMessages.Prove(check.Nonce, check.Own.Memory.Span).AsSpan().SequenceEqual(check.Proof),
            (Own: own, Blob: blob, Nonce: nonce, Proof: proof), cancellationToken);
        if (!holds)
            context.Log.Error($"member {keeper.Id.ToShortString()} says that it holds blob {blob} and cannot prove it; the copy here stays");
        return holds;
    }

    // A blob may be of several stripes, with deduplication: then it stays, as only one of them was looked at.
    private async ValueTask<HashSet<BlobId>> FindSharedAsync(
        List<(BlobId Stripe, BlobId Blob)> chosen, CancellationToken cancellationToken)
    {
        var stripeOf = new Dictionary<BlobId, BlobId>();
        var shared = new HashSet<BlobId>();
        foreach ((BlobId stripe, BlobId blob) in chosen)
        {
            if (!stripeOf.TryAdd(blob, stripe))
                shared.Add(blob);
        }
        foreach (BlobId other in context.Store.EnumerateDescriptors())
        {
            if (await context.Store.GetDescriptorAsync(other, cancellationToken) is not { } encoded)
                continue;
            foreach (BlobId id in StripeDescriptor.Decode(encoded).Ids)
            {
                if (stripeOf.TryGetValue(id, out BlobId stripe) && stripe != other)
                    shared.Add(id);
            }
        }
        return shared;
    }

    private bool HoldsAny(StripeDescriptor stripe)
    {
        foreach (BlobId id in stripe.Ids)
        {
            if (context.Store.Contains(id))
                return true;
        }
        return false;
    }
}
