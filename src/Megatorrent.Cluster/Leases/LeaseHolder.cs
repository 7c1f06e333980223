using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>What a node answers about leases, and how a store gets past the collection. Thread-safe.</summary>
/// <param name="context">The service's parts.</param>
/// <param name="exchange">Leases from and to others.</param>
internal sealed class LeaseHolder(LeaseContext context, LeaseExchange exchange)
{
    /// <summary>What others may call.</summary>
    public IReadOnlyList<NodeCall> Calls =>
    [
        new(LeaseRequest.KeepName, Role.Writer, (peer, body, token) => AnswerAsync(peer, body, isKeep: true, token)),
        new(LeaseRequest.ForgetName, Role.Writer, (peer, body, token) => AnswerAsync(peer, body, isKeep: false, token)),
        new(LeaseQuery.Name, Role.Reader, (_, body, _) => ValueTask.FromResult(exchange.Report(LeaseQuery.Decode(body.Span)).Encode())),
        new(LeaseGift.QuestionName, Role.Node, async (_, body, _) =>
        {
            LeaseGift gift = LeaseGift.Decode(body.Span);
            await exchange.TakeAsync(gift.Stripes, gift.Report);
            return [];
        }),
        new(LeaseStates.QuestionName, Role.Node, (_, body, _) => ValueTask.FromResult(AnswerStates(LeaseQuery.Decode(body.Span)))),
    ];

    /// <summary>Stores something of a stripe, with the collection kept away while it does and for the safety period after.</summary>
    /// <param name="stripe">The stripe.</param>
    /// <param name="store">Makes it durable.</param>
    /// <param name="cancellationToken">Ends the wait for a deletion under way.</param>
    public async ValueTask<T> StoreAsync<T>(StripeDescriptor stripe, Func<ValueTask<T>> store, CancellationToken cancellationToken)
    {
        LeaseGuard guard = await EnterAsync(stripe, cancellationToken);
        try
        {
            return await store();
        }
        finally
        {
            guard.Leave(context.Store.ContainsDescriptor(stripe.Id));
        }
    }

    /// <inheritdoc cref="Repair.IStripeCompanions.DismissAsync"/>
    public async ValueTask<bool> DismissAsync(StripeDescriptor stripe, IReadOnlyList<Member> keepers, CancellationToken cancellationToken)
    {
        if (context.Table.DigestOf(stripe.Id) != 0)
        {
            foreach (Member keeper in keepers)
                await exchange.GiveAsync(keeper, [stripe.Id], cancellationToken);
        }
        if (!context.Table.TryBeginDismiss(stripe))
            return false;
        try
        {
            if (stripe.Ids.ToArray().Any(context.Store.Contains))
                return false;
            await context.Store.DeleteDescriptorAsync(stripe.Id, CancellationToken.None);
            context.Table.Dismiss(stripe.Id);
            await context.Memory.AppendAsync(new LeaseRecord { Dismissed = [stripe.Id] });
            return true;
        }
        finally
        {
            context.Table.Dismissed();
        }
    }

    // Waits until nothing of the stripe is being deleted.
    private async ValueTask<LeaseGuard> EnterAsync(StripeDescriptor stripe, CancellationToken cancellationToken)
    {
        LeaseGuard guard = context.Table.Enter(stripe);
        try
        {
            await guard.Clear.WaitAsync(cancellationToken);
            return guard;
        }
        catch
        {
            guard.Leave(context.Store.ContainsDescriptor(stripe.Id));
            throw;
        }
    }

    private byte[] AnswerStates(LeaseQuery query) => new LeaseStates(
        [.. query.Stripes.Select(stripe => context.Table.StateOf(stripe, context.Store.ContainsDescriptor(stripe)))],
        context.NowUnixMs).Encode();

    // The lease is durable, and what is held is looked up, while nothing of these stripes can be deleted; from then on the lease protects them.
    private async ValueTask<byte[]> AnswerAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, bool isKeep, CancellationToken cancellationToken)
    {
        LeaseRequest request = LeaseRequest.Decode(body.Span);
        Check(peer, request, isKeep);
        var guards = new LeaseGuard?[request.Stripes.Count];
        try
        {
            for (int i = 0; i < guards.Length; i++)
            {
                byte[]? encoded = await context.Store.GetDescriptorAsync(request.Stripes[i], cancellationToken);
                if (encoded is not null)
                    guards[i] = await EnterAsync(StripeDescriptor.Decode(encoded), cancellationToken);
            }
            foreach (LeaseGuard guard in guards.OfType<LeaseGuard>())
            {
                foreach (ref readonly BlobId id in guard.Stripe.Ids)
                    context.Surplus.Touch(in id); // the owner relies on what it is told
            }
            BlobId[] here = [.. guards.Where(IsHere).Select(static guard => guard!.Stripe.Id)];
            if (here.Length == 0 && !context.Table.Knows(request.Statement.Owner, request.Statement.Object))
                return new LeaseAnswer(new bool[]?[guards.Length], request.Statement.Sequence).Encode(); // nothing of it is here
            (Lease lease, _) = context.Table.Apply(request.Statement, request.Certificate.Encoded, here);

            // Also where nothing is new: what is known already may be on its way to the disk still, or may have failed to get there.
            ValueTask flushed = context.Memory.AppendAsync(LeaseExchange.RecordOf(lease, here));
            if (!PlantedBugs.Has(PlantedBug.LeaseNotFlushed))
                await flushed;
            LeaseStatement holds = lease.Statement;
            bool isAsked = holds.Sequence != request.Statement.Sequence || holds.Signature.SequenceEqual(request.Statement.Signature);
            return new LeaseAnswer(Array.ConvertAll(guards, Held), holds.Sequence + (isAsked ? 0 : 1)).Encode();
        }
        finally
        {
            foreach (LeaseGuard? guard in guards)
                guard?.Leave(context.Store.ContainsDescriptor(guard.Stripe.Id));
        }
    }

    private bool IsHere(LeaseGuard? guard) => guard is not null && context.Store.ContainsDescriptor(guard.Stripe.Id);

    private bool[]? Held(LeaseGuard? guard) =>
        IsHere(guard) ? Array.ConvertAll(guard!.Stripe.Ids.ToArray(), context.Store.Contains) : null;

    private void Check(PeerIdentity peer, LeaseRequest request, bool isKeep)
    {
        LeaseStatement statement = request.Statement;
        statement.Validate(request.Certificate, context.ClusterKey);
        if (peer.Role?.MayServe() != true && peer.Id != statement.Owner)
            throw new MegatorrentException(ErrorKind.Unauthorized, "A lease is made and ended by its owner, not by another.");
        DateTimeOffset now = context.Time.GetUtcNow();
        if (isKeep && !statement.IsLivingAt(now.ToUnixTimeSeconds()))
            throw new MegatorrentException(ErrorKind.InvalidArgument, "The lease to make has ended already; are the clocks right?");
        if (!isKeep && statement.IsLivingAt(now.AddMilliseconds(context.Options.ClockSkewMs).ToUnixTimeSeconds()))
            throw new MegatorrentException(ErrorKind.InvalidArgument, "The lease to end has not ended; are the clocks right?");
    }
}
