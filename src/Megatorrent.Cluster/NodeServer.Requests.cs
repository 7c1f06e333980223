using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster;

/// <summary>What a node answers to others.</summary>
public sealed partial class NodeServer : IPeerHandler
{
    private const int MaxChecksUnderWay = 4; // re-hashing on notice; more notices at once are dropped, the scrub finds what they meant

    private int _checks;
    private long _foregroundBytes; // that clients read and wrote

    ValueTask IPeerHandler.AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken)
    {
        RoleRules.Require(peer, type);
        if (peer.Certificate is { } certificate && certificate.Expires <= _options.Time.GetUtcNow())
        {
            throw new MegatorrentException(
                ErrorKind.Unauthorized,
                $"The certificate expired on {certificate.Expires.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; "
                + "ask an admin of the cluster for a new one.");
        }
        // Gossip and questions stay open: it is how a removed node learns what became of it.
        if (type is MessageType.Get or MessageType.Want or MessageType.Find or MessageType.Store or MessageType.Notice
            && _membership?.ModeOf(peer.Id) == NodeMode.Removed)
        {
            throw new MegatorrentException(
                ErrorKind.Unauthorized,
                $"Node {peer.Id.ToShortString()} was removed from the cluster; `megatorrent cluster undrain` takes it in again.");
        }
        return ValueTask.CompletedTask;
    }

    ValueTask<bool[]> IPeerHandler.WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        var has = new bool[ids.Length];
        for (int i = 0; i < has.Length; i++)
            has[i] = _store.Contains(ids.Span[i]);
        if (peer.Role?.MayServe() != true)
            _repair?.Touched(ids.Span); // a client may rely on what it finds here and not store it again
        return ValueTask.FromResult(has);
    }

    async ValueTask<BlobLease> IPeerHandler.GetAsync(
        PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        if (!_store.TryGetLength(id, out int total))
            throw new MegatorrentException(ErrorKind.NotFound, $"Blob {id} is not here.");
        if (offset < 0 || length < 0 || offset > total || length > total - offset)
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"Bytes {offset} to {offset + length} are past the end of blob {id}, which has {total}.");
        try
        {
            CountForeground(peer, length);
            return offset == 0 && length == total
                ? await _store.GetAsync(id, cancellationToken)
                : await _store.GetAsync(id, offset, length, cancellationToken);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Integrity)
        {
            _log.Error($"blob {id} is damaged on disk: {exception.Message}");
            _repair?.Lost([id], [], "a damaged blob was found");
            throw;
        }
    }

    async ValueTask<bool> IPeerHandler.StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        if (descriptor.IsEmpty)
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"Blob {id} came without its stripe's descriptor; nobody could repair it.");
        StripeDescriptor stripe = StripeDescriptor.Decode(descriptor.Span);
        _repair?.Touched(peer.Role?.MayServe() == true ? [id] : stripe.Ids);
        return await Leases.StoreAsync(
            stripe, () => StoreAsync(peer, id, blob, stripe, descriptor, cancellationToken), cancellationToken);
    }

    private async ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, StripeDescriptor stripe, ReadOnlyMemory<byte> descriptor,
        CancellationToken cancellationToken)
    {
        if (blob.IsEmpty)
        {
            await _store.PutDescriptorAsync(stripe.Id, descriptor, cancellationToken);
            _repair?.Stored(stripe.Id, byNode: peer.Role?.MayServe() == true);
            return stripe.Ids.IndexOf(id) < 0 || !_store.Contains(id); // "it was there" about the blob, for a put that deduplicates onto it
        }
        CountForeground(peer, blob.Length);
        int index = stripe.Ids.IndexOf(id);
        if (index < 0)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"Blob {id} is not one of the stripe whose descriptor came with it.");
        if (blob.Length != stripe.LengthOf(index))
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"Blob {id} has {blob.Length} bytes; its stripe says {stripe.LengthOf(index)}.");
        if (_membership is { Mode: not NodeMode.Active } membership && !_store.Contains(id))
        {
            throw new MegatorrentException(
                ErrorKind.StoreFull, $"Node {Id.ToShortString()} is {membership.Mode.ToText()} and takes no new blobs; another one does.");
        }
        bool isNew = PlantedBugs.Has(PlantedBug.DescriptorNotStored)
            ? await _store.PutAsync(id, blob, cancellationToken)
            : await _store.PutAsync(id, blob, stripe.Id, descriptor, cancellationToken);
        if (isNew)
            _repair?.Stored(stripe.Id, byNode: peer.Role?.MayServe() == true);
        return isNew;
    }

    private void CountForeground(PeerIdentity peer, int bytes)
    {
        if (peer.Role?.MayServe() != true)
            Interlocked.Add(ref _foregroundBytes, bytes);
    }

    async ValueTask<byte[]?[]> IPeerHandler.FindAsync(
        PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken)
    {
        var found = new byte[]?[stripeIds.Length];
        for (int i = 0; i < found.Length; i++)
            found[i] = await _store.GetDescriptorAsync(stripeIds.Span[i], cancellationToken);
        return found;
    }

    async ValueTask IPeerHandler.NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken)
    {
        if (_store.Contains(id))
        {
            if (Interlocked.Increment(ref _checks) > MaxChecksUnderWay)
            {
                Interlocked.Decrement(ref _checks);
                return;
            }
            try
            {
                if (await _store.CheckAsync(id, cancellationToken))
                    return; // the fault was on the way, or in who says so
            }
            finally
            {
                Interlocked.Decrement(ref _checks);
            }
            _log.Error($"blob {id} is damaged, as {peer} noticed; dropped");
        }
        _repair?.Lost([id], [], kind == NoticeKind.Corrupt ? "a damaged blob was noticed" : "a missing blob was noticed");
    }

    ValueTask<byte[]> IPeerHandler.StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        NodeQuestion question = NodeQuestion.Decode(query.Span);
        if (!(_calls ?? throw Starting()).TryGetValue(question.Name, out NodeCall? call))
            throw new MegatorrentException(ErrorKind.Unsupported, "This node does not know this status query.");
        if (peer.Role is not { } role || role < call.Least)
            throw new MegatorrentException(
                ErrorKind.Unauthorized, $"The question '{call.Name}' needs the certificate of a {call.Least.ToText()} or a higher one.");
        return call.AnswerAsync(peer, question.Body, cancellationToken);
    }

    // What the node answers itself.
    private NodeCall[] OwnCalls() =>
    [
        new(StatusQuery.MembersName, Role.Reader, (_, _, _) => ValueTask.FromResult((_audit?.ForClients(Known()) ?? Known()).Encode())),
        new(StatusQuery.NodeName, Role.Reader, (_, _, _) => ValueTask.FromResult(Status.Encode())),
        new(StatusQuery.RepairNowName, Role.Writer, (peer, _, _) =>
        {
            _log.Info($"repair asked for by {peer}");
            Repair.RepairNow();
            return ValueTask.FromResult(Array.Empty<byte>());
        }),
    ];

    // A node that is to join others and has not reached any knows only itself: whoever took that for the cluster would put all copies here.
    private ClusterView Known()
    {
        ClusterView view = Membership.View;
        return view.Members.Count > 1 || _options.Join.Count == 0 || Membership.IsInTouch ? view : throw Starting();
    }

    ValueTask<byte[]> IPeerHandler.GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Membership.AnswerGossip(peer, body.Span));

    ValueTask<byte[]> IPeerHandler.ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        Membership.AnswerProbeAsync(body.ToArray(), cancellationToken);

    ValueTask<byte[]> IPeerHandler.JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        Invitation invitation = JoinRequest.Decode(body.Span).Invitation;
        try
        {
            DateTimeOffset now = _options.Time.GetUtcNow();
            invitation.Validate(_options.ClusterKey, now);

            // Issued first, so that an invitation is spent only on a certificate that exists.
            Certificate certificate = Certificate.IssueByNode(_options.Identity.Key, _options.Certificate, invitation, peer.PublicKey, now);
            Membership.Spend(new SpentInvitation(SpentInvitation.NonceOf(invitation), invitation.Expires, peer.Id));
            _log.Info(
                $"{peer.Id.ToShortString()} admitted as {certificate.Role.ToText()} by an invitation, "
                + $"until {certificate.Expires.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
            return ValueTask.FromResult(new JoinReply(certificate, Membership.View).Encode());
        }
        catch (MegatorrentException exception)
        {
            _log.Warn($"{peer.Id.ToShortString()} not admitted: {exception.Message}");
            throw;
        }
    }
}
