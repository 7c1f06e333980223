using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Audits one member by one blob that it claims to hold: docs/spec/audit.md, "Audit". Not for two audits of the same member at once.
/// </summary>
internal sealed class Auditor
{
    /// <summary>The name of the call that a holder answers challenges by.</summary>
    public const string ProveName = "audit-prove";

    private const int StripesPerChoice = 32; // times 255 ids, one question
    private const int RepeatsMax = 8;        // other blobs tried after a proved wrong answer

    private readonly NodeParts _parts;
    private readonly IRepairPeers _peers;
    private readonly BlobTruth _truth;
    private readonly ByteAllowance _fetches;
    private readonly PreparedChallenges _prepared = new();

    /// <summary>Puts it together.</summary>
    public Auditor(NodeParts parts, IRepairPeers peers, BlobTruth truth, ByteAllowance fetches)
    {
        _parts = parts;
        _peers = peers;
        _truth = truth;
        _fetches = fetches;
    }

    private IRandomSource Random => _parts.Random;

    /// <summary>
    /// Makes one audit. Null: the member claims nothing that this node could ask about, or nothing may be fetched just now.
    /// </summary>
    /// <param name="member">Whom.</param>
    /// <param name="proved">Takes a signed answer that was proved wrong.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<AuditResult?> AuditAsync(Member member, List<(AuditProof Proof, BlobId Stripe)> proved, CancellationToken cancellationToken)
    {
        long start = _parts.Time.GetTimestamp();
        BlobId blob = default;
        AuditKind kind = AuditKind.Fetch;
        AuditOutcome outcome;
        try
        {
            if (await ChooseAsync(member, cancellationToken) is not var (descriptor, index))
                return null;
            blob = descriptor.Ids[index];
            if (await _truth.OwnAsync(blob, cancellationToken) is { } own)
            {
                using (own)
                    (kind, outcome) = (AuditKind.Copy, await ByCopyAsync(member, descriptor, blob, own, proved, cancellationToken));
            }
            else if (_fetches.TryTake(descriptor.LengthOf(index)))
            {
                outcome = await ByFetchAsync(member, descriptor, index, proved, cancellationToken);
            }
            else if (_prepared.TryTake(member.Id, Random) is var (challenge, answer))
            {
                (blob, kind) = (challenge.Blob, AuditKind.Prepared);
                outcome = await ByPreparedAsync(member, challenge, answer, cancellationToken);
            }
            else
            {
                return null;
            }
        }
        catch (MegatorrentException exception)
        {
            outcome = await OutcomeOfAsync(member, blob, exception, cancellationToken);
        }
        return new AuditResult(
            member.Id, blob, kind, outcome, _parts.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            (int)Math.Min(int.MaxValue, _parts.Time.GetElapsedTime(start).TotalMilliseconds));
    }

    /// <summary>
    /// Asks for further blobs until the wrong answers are enough to accuse; each is compared with bytes from elsewhere. True when they are.
    /// </summary>
    public async ValueTask<bool> RepeatAsync(Member member, List<(AuditProof Proof, BlobId Stripe)> proved, CancellationToken cancellationToken)
    {
        for (int i = 0; i < RepeatsMax && !Accusation.IsEnough(proved); i++)
        {
            try
            {
                if (await ChooseAsync(member, cancellationToken) is not var (descriptor, index))
                    return false;
                if (!proved.Exists(item => item.Proof.Challenge.Blob == descriptor.Ids[index]))
                    await ContestAsync(member, descriptor, index, proved, cancellationToken);
            }
            catch (MegatorrentException exception)
            {
                _parts.Log.Info($"audit of member {member.Id.ToShortString()}, again: {exception.Message}");
            }
        }
        return Accusation.IsEnough(proved);
    }

    // A blob of a random stripe that the member claims to hold. It learns of the claim's use only with the audit itself.
    private async ValueTask<(StripeDescriptor Stripe, int Index)?> ChooseAsync(Member member, CancellationToken cancellationToken)
    {
        var stripes = new List<StripeDescriptor>();
        var ids = new List<BlobId>();
        foreach (BlobId stripe in _parts.Store.PickDescriptors(StripesPerChoice, Random))
        {
            if (await LoadAsync(stripe, cancellationToken) is not { } descriptor)
                continue;
            stripes.Add(descriptor);
            ids.AddRange(descriptor.Ids);
        }
        if (ids.Count == 0)
            return null;
        bool[] has = await LimitAsync(token => _peers.WantAsync(member, ids.ToArray(), token), cancellationToken);
        int chosen = Pick(has, Random);
        if (chosen < 0)
            return null;
        foreach (StripeDescriptor descriptor in stripes)
        {
            if (chosen < descriptor.Ids.Length)
                return (descriptor, chosen);
            chosen -= descriptor.Ids.Length;
        }
        return null;
    }

    /// <summary>The place of one of the claims, each equally likely; −1 when there is none.</summary>
    internal static int Pick(ReadOnlySpan<bool> claims, IRandomSource random)
    {
        int count = claims.Count(true);
        if (count == 0)
            return -1;
        int chosen = random.Next(count);
        for (int i = 0; ; i++)
        {
            if (claims[i] && chosen-- == 0)
                return i;
        }
    }

    private async ValueTask<StripeDescriptor?> LoadAsync(BlobId stripe, CancellationToken cancellationToken)
    {
        try
        {
            return await _parts.Store.GetDescriptorAsync(stripe, cancellationToken) is { } encoded
                && StripeDescriptor.Decode(encoded) is var descriptor && descriptor.Id == stripe ? descriptor : null;
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Warn($"descriptor of {stripe} cannot be read: {exception.Message}");
            return null;
        }
    }

    private async ValueTask<AuditOutcome> ByCopyAsync(
        Member member, StripeDescriptor descriptor, BlobId blob, BlobLease own, List<(AuditProof Proof, BlobId Stripe)> proved,
        CancellationToken cancellationToken)
    {
        AuditProof proof = await ProveAsync(member, AuditChallenge.Create(blob, own.Length, Random), cancellationToken);
        if (proof.IsRight(own.Memory.Span))
            return AuditOutcome.Ok;
        proved.Add((proof, descriptor.Id));
        return AuditOutcome.Wrong;
    }

    private async ValueTask<AuditOutcome> ByFetchAsync(
        Member member, StripeDescriptor descriptor, int index, List<(AuditProof Proof, BlobId Stripe)> proved,
        CancellationToken cancellationToken)
    {
        BlobId blob = descriptor.Ids[index];
        using BlobLease lease = BlobLease.Rent(descriptor.LengthOf(index));
        await LimitAsync(
            async token =>
            {
                await _peers.GetAsync(member, blob, lease.Memory, token);
                return true;
            },
            cancellationToken);
        bool right = await _parts.Executor.RunAsync(
            static state => BlobId.Of(state.lease.Memory.Span) == state.blob, (lease, blob), cancellationToken);
        if (right)
        {
            _prepared.Prepare(member.Id, blob, lease.Memory.Span, Random);
            return AuditOutcome.Ok;
        }

        // Bytes on a session prove nothing to others; a signed answer does. An honest member finds the damage now, and says so.
        _parts.Log.Warn($"member {member.Id.ToShortString()} sent a damaged blob {blob} to an audit");
        await LimitAsync(
            async token =>
            {
                await _peers.NoticeAsync(member, blob, NoticeKind.Corrupt, token);
                return true;
            },
            cancellationToken);
        return await ContestAsync(member, descriptor, index, proved, cancellationToken) == AuditOutcome.Missing
            ? AuditOutcome.Missing : AuditOutcome.Wrong;
    }

    private async ValueTask<AuditOutcome> ByPreparedAsync(
        Member member, AuditChallenge challenge, byte[] answer, CancellationToken cancellationToken)
    {
        AuditProof proof = await ProveAsync(member, challenge, cancellationToken);
        return proof.Digest.AsSpan().SequenceEqual(answer) ? AuditOutcome.Ok : AuditOutcome.Wrong;
    }

    // A challenge over a whole blob, compared with the blob from elsewhere.
    private async ValueTask<AuditOutcome> ContestAsync(
        Member member, StripeDescriptor descriptor, int index, List<(AuditProof Proof, BlobId Stripe)> proved,
        CancellationToken cancellationToken)
    {
        BlobId blob = descriptor.Ids[index];
        AuditProof proof;
        try
        {
            proof = await ProveAsync(member, AuditChallenge.Whole(blob, descriptor.LengthOf(index), Random), cancellationToken);
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.NotFound or ErrorKind.Integrity)
        {
            return AuditOutcome.Missing;
        }
        using BlobLease? truth = await _truth.GetAsync(blob, descriptor.Id, member.Id, cancellationToken);
        if (truth is null)
            return AuditOutcome.Unknown;
        if (proof.IsRight(truth.Memory.Span))
            return AuditOutcome.Ok;
        proved.Add((proof, descriptor.Id));
        return AuditOutcome.Wrong;
    }

    /// <summary>Asks a member a challenge.</summary>
    /// <exception cref="MegatorrentException">What it answered instead; ProtocolViolation: an answer to something else.</exception>
    private async ValueTask<AuditProof> ProveAsync(Member member, AuditChallenge challenge, CancellationToken cancellationToken)
    {
        byte[] answer = await LimitAsync(token => _parts.AskAsync(member, ProveName, challenge.Encode(), token), cancellationToken);
        AuditProof proof;
        try
        {
            proof = AuditProof.Open(answer);
        }
        catch (MegatorrentException exception)
        {
            throw new MegatorrentException(ErrorKind.ProtocolViolation, $"no signed answer: {exception.Message}", exception);
        }
        return proof.Answers(member.Id, _parts.Self, challenge)
            ? proof
            : throw new MegatorrentException(ErrorKind.ProtocolViolation, "the answer is to another challenge, or another's");
    }

    private async ValueTask<AuditOutcome> OutcomeOfAsync(
        Member member, BlobId blob, MegatorrentException exception, CancellationToken cancellationToken)
    {
        switch (exception.Kind)
        {
            case ErrorKind.NotFound or ErrorKind.Integrity:
                bool claims = await StillClaimsAsync(member, blob, cancellationToken);
                _parts.Log.Warn($"member {member.Id.ToShortString()} does not have blob {blob}{(claims ? ", but says so" : "")}");
                _parts.Repair.Lost([blob], [], "an audit found a blob missing");
                return claims ? AuditOutcome.Wrong : AuditOutcome.Missing;
            case ErrorKind.ProtocolViolation or ErrorKind.InvalidArgument or ErrorKind.Malformed:
                _parts.Log.Warn($"member {member.Id.ToShortString()} answered an audit by blob {blob} wrongly: {exception.Message}");
                return AuditOutcome.Wrong;
            default:
                _parts.Log.Info($"member {member.Id.ToShortString()} did not answer an audit: {exception.Message}");
                return AuditOutcome.Unknown;
        }
    }

    // It said that it had the blob, then that it had not. Both can be true once: the damage was found in between. Not twice.
    private async ValueTask<bool> StillClaimsAsync(Member member, BlobId blob, CancellationToken cancellationToken)
    {
        try
        {
            if (!(await LimitAsync(token => _peers.WantAsync(member, new[] { blob }, token), cancellationToken))[0])
                return false;
            await LimitAsync(
                async token =>
                {
                    await _peers.GetAsync(member, blob, Memory<byte>.Empty, token); // only whether it can be read
                    return true;
                },
                cancellationToken);
            return false;
        }
        catch (MegatorrentException exception)
        {
            return exception.Kind is ErrorKind.NotFound or ErrorKind.Integrity;
        }
    }

    private async ValueTask<T> LimitAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new Deadline(_parts.Options.Audit.AnswerTimeoutMs, _parts.Time, cancellationToken);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MegatorrentException(ErrorKind.Timeout, "no answer in time", exception);
        }
    }
}
