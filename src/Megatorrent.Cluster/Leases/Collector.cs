using Megatorrent.Cluster.Repair;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// Deletes what nobody keeps any more. Every doubt ends a cycle: a member that is dead or does not answer, a clock that disagrees, a
/// descriptor that cannot be read. The argument for its safety: docs/spec/garbage.md. One cycle at a time.
/// </summary>
/// <param name="context">The service's context.</param>
/// <param name="exchange">Leases from and to others.</param>
internal sealed class Collector(LeaseContext context, LeaseExchange exchange)
{
    private const int MaxHealed = 1024; // descriptors fetched back in one cycle

    private readonly LeaseOptions _options = context.Options;
    private int _running;

    /// <summary>A cycle's outcome.</summary>
    /// <param name="Census">How the stripes stood.</param>
    /// <param name="Stripes">Stripes deleted.</param>
    /// <param name="Blobs">Blobs deleted.</param>
    /// <param name="Bytes">Their bytes.</param>
    /// <param name="Kept">Stripes that another member knows a living lease of.</param>
    /// <param name="Halt">Why nothing was deleted, or no more; null where nothing stood in the way.</param>
    public sealed record Outcome(LeaseCensus Census, int Stripes, int Blobs, long Bytes, int Kept, string? Halt)
    {
        /// <summary>Whether the clocks of members disagree.</summary>
        public bool IsFrozen { get; init; }
    }

    /// <summary>Looks at everything and deletes what may be.</summary>
    /// <exception cref="OperationCanceledException">The token fired; what was begun is finished.</exception>
    public async ValueTask<Outcome> RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
            throw new InvalidOperationException("A collection runs already.");
        try
        {
            return await LookAndCollectAsync(cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async ValueTask<Outcome> LookAndCollectAsync(CancellationToken cancellationToken)
    {
        (LeaseCensus census, List<BlobId> due, List<BlobId> undescribed) = context.Table.Look(context.Store.EnumerateDescriptors());
        var outcome = new Outcome(census, 0, 0, 0, 0, null);
        if (undescribed.Count > 0 && await HealAsync(undescribed, cancellationToken) is { } lacking)
            return outcome with { Halt = lacking };
        if (due.Count == 0)
            return outcome;
        if (!_options.Collect)
            return outcome with { Halt = "collection is switched off" };
        due.Sort();
        List<StripeDescriptor> candidates = [];
        foreach (BlobId stripe in due.Take(_options.MaxStripesPerCycle))
        {
            if (await LoadAsync(stripe, cancellationToken) is { } descriptor)
                candidates.Add(descriptor);
        }
        try
        {
            candidates = context.Table.Doom(candidates);
            return await CollectAsync(outcome, candidates, cancellationToken);
        }
        finally
        {
            context.Table.Reprieve();
        }
    }

    private async ValueTask<Outcome> CollectAsync(Outcome outcome, List<StripeDescriptor> candidates, CancellationToken cancellationToken)
    {
        ClusterView view = context.Peers.View;
        var allowed = candidates.Select(static stripe => stripe.Id).ToHashSet();
        int asked = allowed.Count;
        foreach (Member member in view.Members)
        {
            if (member.Id == context.Self || PlantedBugs.Has(PlantedBug.CollectionAsksNobody))
                continue;
            (string? halt, bool isClock) = await AskAsync(member, allowed, cancellationToken);
            if (halt is not null)
                return outcome with { Halt = halt, IsFrozen = isClock };
        }
        outcome = outcome with { Kept = asked - allowed.Count };
        candidates.RemoveAll(stripe => !allowed.Contains(stripe.Id));
        if (candidates.Count == 0)
            return outcome;

        // Blobs that stripes which stay have in common with those that go.
        var needed = new HashSet<BlobId>();
        var going = candidates.SelectMany(static stripe => stripe.Ids.ToArray()).ToHashSet();
        foreach (BlobId stripe in context.Store.EnumerateDescriptors())
        {
            if (allowed.Contains(stripe))
                continue;
            if (await LoadAsync(stripe, cancellationToken) is not { } stays)
                return outcome with { Halt = $"the descriptor of {stripe} cannot be read, so its blobs cannot be told from those to delete" };
            foreach (BlobId id in stays.Ids)
            {
                if (going.Contains(id))
                    needed.Add(id);
            }
        }
        if (context.Table.Look(context.Store.EnumerateDescriptors()).Undescribed.Count > 0)
            return outcome with { Halt = "a descriptor was lost meanwhile" };
        foreach (Member member in context.Peers.View.Members)
        {
            if (view.Find(member.Id) is null)
                return outcome with { Halt = $"member {member.Id.ToShortString()} joined meanwhile and was not asked" };
        }
        Dictionary<BlobId, List<BlobId>> users = UsersOf(candidates);
        var gone = new HashSet<BlobId>();
        foreach (StripeDescriptor stripe in candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sharers = stripe.Ids.ToArray().SelectMany(id => users[id]).Where(user => user != stripe.Id && !gone.Contains(user)).ToHashSet();
            int before = outcome.Stripes;
            outcome = await DeleteAsync(outcome, stripe, needed, sharers);
            if (outcome.Stripes > before)
                gone.Add(stripe.Id);
        }
        return outcome;
    }

    // Which of the stripes to delete have each blob.
    private static Dictionary<BlobId, List<BlobId>> UsersOf(List<StripeDescriptor> stripes)
    {
        var users = new Dictionary<BlobId, List<BlobId>>();
        foreach (StripeDescriptor stripe in stripes)
        {
            foreach (BlobId id in stripe.Ids)
            {
                if (!users.TryGetValue(id, out List<BlobId>? of))
                    users.Add(id, of = []);
                of.Add(stripe.Id);
            }
        }
        return users;
    }

    // Why the member stands in the way of the whole cycle, or null; stripes that it stands in the way of are taken out of allowed.
    private async ValueTask<(string? Halt, bool IsClock)> AskAsync(Member member, HashSet<BlobId> allowed, CancellationToken cancellationToken)
    {
        string name = member.Id.ToShortString();
        if (!member.IsLiving)
            return ($"member {name} is dead and cannot be asked; it is waited for until it is back or forgotten", false);
        try
        {
            BlobId[] stripes = [.. allowed];
            byte[] answer = await context.Peers.AskAsync(
                member, LeaseStates.QuestionName, new LeaseQuery(stripes, [], 0).Encode(), cancellationToken);
            LeaseStates states = LeaseStates.Decode(answer, stripes.Length);
            TimeSpan apart = (context.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(states.ClockUnixMs)).Duration();
            if (apart.TotalMilliseconds > _options.ClockSkewMs)
                return ($"the clocks of member {name} and of this node are {apart.TotalSeconds:0} s apart", true);
            List<BlobId> living = [], untold = [];
            for (int i = 0; i < stripes.Length; i++)
            {
                if (states.States[i] == StripeState.Kept)
                    living.Add(stripes[i]);
                else if (states.States[i] == StripeState.Orphan && context.Table.StateOf(stripes[i], isHere: true) == StripeState.Ended)
                    untold.Add(stripes[i]); // it would repair what this node deletes
            }
            if (living.Count > 0)
                await exchange.PullAsync(member, living, cancellationToken);
            if (untold.Count > 0)
                await exchange.GiveAsync(member, untold, cancellationToken);
            allowed.ExceptWith(living);
            allowed.ExceptWith(untold);
            return default;
        }
        catch (MegatorrentException exception)
        {
            return ($"member {name} could not be asked: {exception.Message}", false);
        }
    }

    // Blobs first, the descriptor last: a crash between leaves a stripe that is collected later.
    private async ValueTask<Outcome> DeleteAsync(
        Outcome outcome, StripeDescriptor stripe, HashSet<BlobId> needed, IReadOnlyCollection<BlobId> sharers)
    {
        BlobId[] going = [.. stripe.Ids.ToArray().Distinct().Where(id => !needed.Contains(id))];
        if (outcome.Halt is not null || !context.Surplus.TryBeginCollect(going))
            return outcome; // another member relies on one of them and deletes its own
        if (!context.Table.TryBeginDelete(stripe, sharers))
        {
            context.Surplus.EndCollect(going);
            return outcome;
        }
        int blobs = 0;
        long bytes = 0;
        bool isGone = false;
        try
        {
            foreach (BlobId id in going)
            {
                if (!context.Store.TryGetLength(id, out int length))
                    continue;
                await context.Store.DeleteAsync(id, CancellationToken.None);
                blobs++;
                bytes += length;
            }
            await context.Store.DeleteDescriptorAsync(stripe.Id, CancellationToken.None);
            isGone = true;
        }
        catch (MegatorrentException exception)
        {
            outcome = outcome with { Halt = $"stripe {stripe.Id} could not be deleted: {exception.Message}" };
        }
        finally
        {
            context.Table.Deleted(stripe.Id, isGone);
            context.Surplus.EndCollect(going);
        }
        if (isGone)
            await RememberAsync(stripe.Id);
        context.Log.Debug($"stripe {stripe.Id}: nobody keeps it; {blobs} blobs of {bytes} bytes deleted here");
        return outcome with
        {
            Stripes = outcome.Stripes + (isGone ? 1 : 0),
            Blobs = outcome.Blobs + blobs,
            Bytes = outcome.Bytes + bytes,
        };
    }

    private async ValueTask RememberAsync(BlobId stripe)
    {
        try
        {
            await context.Memory.AppendAsync(new LeaseRecord { Dropped = [stripe] });
        }
        catch (MegatorrentException exception)
        {
            context.Log.Warn($"the end of stripe {stripe} was not remembered, which costs some memory: {exception.Message}");
        }
    }

    // Kept stripes whose descriptor is not here: until it is back, which blobs they need is not known, and nothing is deleted.
    private async ValueTask<string?> HealAsync(List<BlobId> stripes, CancellationToken cancellationToken)
    {
        HashSet<BlobId> missing = await DescriptorFetch.RunAsync(
            context.Store, stripes.GetRange(0, Math.Min(stripes.Count, MaxHealed)),
            context.Peers.View.Living.Where(member => member.Id != context.Self), context.Peers.FindAsync,
            (member, exception) => context.Log.Debug($"member {member.Id.ToShortString()} could not give descriptors and their leases: {exception.Message}"),
            async (member, taken, token) => await exchange.PullAsync(member, taken, token), cancellationToken);
        return missing.Count > 0 || stripes.Count > MaxHealed
            ? $"{stripes.Count} stripes are kept whose descriptors are not here, and {missing.Count} of them nowhere that was asked"
            : null;
    }

    private async ValueTask<StripeDescriptor?> LoadAsync(BlobId stripe, CancellationToken cancellationToken)
    {
        try
        {
            byte[]? encoded = await context.Store.GetDescriptorAsync(stripe, cancellationToken);
            return encoded is not null && StripeDescriptor.Decode(encoded) is { } descriptor && descriptor.Id == stripe ? descriptor : null;
        }
        catch (MegatorrentException exception)
        {
            context.Log.Warn($"descriptor of {stripe} cannot be read: {exception.Message}");
            return null;
        }
    }
}
