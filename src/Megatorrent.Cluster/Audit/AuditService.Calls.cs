using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

// What a node answers to others about audits, and what it tells them.
internal sealed partial class AuditService
{
    private const string AccuseName = "audit-accuse";
    private const string AccusationsName = "audit-accusations";
    private const string HistoryName = "audit-history";
    private const int ProofsUnderWayMax = 4; // each reads and hashes a blob of up to 16 MiB
    private const int TellTimeoutMs = 10_000;

    private readonly List<Accusation> _telling = [];
    private int _proofsUnderWay;

    /// <inheritdoc/>
    public IReadOnlyList<NodeCall> Calls =>
    [
        new(Auditor.ProveName, Role.Node, ProveAsync),
        new(AccuseName, Role.Node, (peer, body, _) => ValueTask.FromResult(TakeAccusation(peer, body.Span))),
        new(AccusationsName, Role.Node, (_, _, _) => ValueTask.FromResult(_tribunal.EncodeList(NodeQuestion.MaxBodyLength))),
        new(HistoryName, Role.Reader, (_, body, _) => ValueTask.FromResult(AnswerHistory(body.Span))),
        new(EvidenceQuestion.Name, Role.Reader, (_, body, cancellationToken) => AnswerEvidenceAsync(body, cancellationToken)),
    ];

    // Signs only what was re-hashed a moment ago: an honest node never signs a wrong answer, whatever its disk does.
    private async ValueTask<byte[]> ProveAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        AuditChallenge challenge = AuditChallenge.Decode(body.Span);
        if (Interlocked.Increment(ref _proofsUnderWay) > ProofsUnderWayMax)
        {
            Interlocked.Decrement(ref _proofsUnderWay);
            throw new MegatorrentException(ErrorKind.LimitExceeded, "Other audits are under way; ask again later.");
        }
        try
        {
            using BlobLease blob = await _parts.Store.GetAsync(challenge.Blob, cancellationToken);
            NodeId self = _parts.Self;
            (bool intact, byte[]? digest) = await _parts.Executor.RunAsync(
                static state => BlobId.Of(state.blob.Memory.Span) == state.challenge.Blob
                    ? (true, state.challenge.Answer(state.self, state.blob.Memory.Span)) : (false, null),
                (blob, challenge, self), cancellationToken);
            if (!intact)
                throw new MegatorrentException(ErrorKind.Integrity, $"Blob {challenge.Blob} is damaged.");
            return digest is not null
                ? AuditProof.Sign(_parts.Options.Identity.Key, peer.Id, challenge, digest).Encoded
                : throw new MegatorrentException(ErrorKind.InvalidArgument, $"The range is not within blob {challenge.Blob}.");
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Integrity)
        {
            _parts.Log.Error($"blob {challenge.Blob} was found damaged by an audit: {exception.Message}");
            if (_parts.Store.Contains(challenge.Blob))
                await _parts.Store.CheckAsync(challenge.Blob, cancellationToken); // drops it
            _parts.Repair.Lost([challenge.Blob], [], "an audit found damage");
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _proofsUnderWay);
        }
    }

    private byte[] TakeAccusation(PeerIdentity peer, ReadOnlySpan<byte> body)
    {
        if (_tribunal.TryTake(Accusation.Open(body), peer.Id))
            _judge.Set();
        return [];
    }

    private byte[] AnswerHistory(ReadOnlySpan<byte> body)
    {
        NodeId? member = null;
        var reader = new BencodeReader(body, subject: "history question");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("n"u8))
                member = new NodeId(reader.ReadBytesExact(NodeId.Length));
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        NodeId id = member ?? throw reader.Malformed("the member is missing");
        return _history.EncodeOne(id)
            ?? throw new MegatorrentException(ErrorKind.NotFound, $"Member {id.ToShortString()} was never audited by this node.");
    }

    private async ValueTask<byte[]> AnswerEvidenceAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        BlobId[] stripes = EvidenceQuestion.DecodeBody(body.Span);
        var ages = new long[]?[stripes.Length];
        var blobs = new HashSet<BlobId>();
        for (int i = 0; i < stripes.Length; i++)
        {
            if (await _parts.Store.GetDescriptorAsync(stripes[i], cancellationToken) is not { } encoded)
                continue;
            StripeDescriptor descriptor = StripeDescriptor.Decode(encoded);
            blobs.UnionWith(descriptor.Ids.ToArray());
            ages[i] = Array.ConvertAll(descriptor.Ids.ToArray(), AgeOf);
        }
        long now = Now;
        return new EvidenceReply(
            ages,
            [
                .. _history.Right(blobs, EvidenceReply.AuditedMax)
                    .Select(result => new AuditedBlob(result.Member, result.Blob, Math.Max(0, now - result.UnixMs))),
            ]).Encode();
    }

    private long AgeOf(BlobId blob) =>
        !_parts.Store.Contains(blob) ? EvidenceReply.NotHeld : Scrubber.AgeMs(blob) ?? EvidenceReply.Unknown;

    // Everybody who lives is told; who does not hear it asks later.
    private async ValueTask TellAllAsync(CancellationToken cancellationToken)
    {
        Accusation[] all;
        lock (_gate)
        {
            all = [.. _telling];
            _telling.Clear();
        }
        foreach (Accusation accusation in all)
        {
            foreach (Member member in Others().Where(member => member.Id != accusation.Accuser))
                await AskAsync(member, AccuseName, accusation.Encoded, cancellationToken);
        }
    }

    private async ValueTask PullAsync(CancellationToken cancellationToken)
    {
        Member[] others = Others();
        if (others.Length == 0)
            return;
        Member member = others[_parts.Random.Next(others.Length)];
        if (await AskAsync(member, AccusationsName, default, cancellationToken) is not { } answer)
            return;
        try
        {
            foreach (Accusation accusation in Tribunal.DecodeList(answer))
                _tribunal.TryTake(accusation, member.Id);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Warn($"member {member.Id.ToShortString()} tells accusations that cannot be read: {exception.Message}");
        }
    }

    private async ValueTask<byte[]?> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var limit = new Deadline(TellTimeoutMs, _parts.Time, cancellationToken);
        try
        {
            return await _parts.AskAsync(member, name, body, limit.Token);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Info($"member {member.Id.ToShortString()} did not answer {name}: {exception.Message}");
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
