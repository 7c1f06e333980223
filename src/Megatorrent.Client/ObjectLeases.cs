using Megatorrent.Cluster;
using Megatorrent.Cluster.Leases;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>Keeps and forgets whole objects: walks the tree of manifests, from their public parts alone, and tells the holders of each stripe.</summary>
internal sealed class ObjectLeases(ClusterDirectory directory, ClientOptions options, IProgress<TransferProgress>? progress)
{
    private const int StripesPerBatch = 512;

    private readonly StripeLocator _locator = new(directory);
    private readonly StripeFetcher _fetcher = new(directory, options);

    /// <summary>
    /// Keeps an object that was just put, whose root manifest is at hand. A stripe that too few confirm is repaired and told again: then nodes
    /// died since it was stored.
    /// </summary>
    /// <exception cref="MegatorrentException">NotEnoughBlobs: a stripe is not held by enough nodes; nothing is acknowledged.</exception>
    public async ValueTask KeepNewAsync(StripeDescriptor root, Manifest manifest, TimeSpan? keepFor, CancellationToken cancellationToken)
    {
        long expires = await LongerOfMineAsync(root, ExpiryOf(keepFor), cancellationToken);
        using var keeper = new LeaseKeeper(directory, options, root.Id, expires, isKeep: true);
        var walker = new StripeWalker(_locator, _fetcher);
        await foreach (StripeDescriptor[] batch in walker.WalkAsync(root, manifest, cancellationToken).Chunked(StripesPerBatch))
        {
            List<StripeDescriptor> lacking = await keeper.TellAsync(batch, cancellationToken);
            var patience = new ShortagePatience(directory);
            bool isRepaired = false;
            while (lacking.Count > 0)
            {
                directory.RetryLiving();
                lacking = await keeper.TellAsync(lacking, cancellationToken);
                if (lacking.Count == 0 || (isRepaired && !(keeper.MayRecover && await patience.WaitAsync(cancellationToken))))
                    break;
                if (!isRepaired)
                    await new ObjectDoctor(directory, options, null).RepairAsync(lacking, cancellationToken);
                isRepaired = true;
            }
            if (lacking.Count == 0)
                continue;
            string why = keeper.Problems.Count > 0 ? $" ({string.Join("; ", keeper.Problems)})" : "";
            throw new MegatorrentException(
                ErrorKind.NotEnoughBlobs,
                $"Nothing is acknowledged: {lacking.Count} stripes were stored, but too few nodes confirm that they hold and keep them{why}. "
                + "Bring nodes back or add some, and put again.");
        }
    }

    /// <summary>Keeps an object.</summary>
    /// <exception cref="MegatorrentException">NotEnoughBlobs: a manifest cannot be read, so that not every stripe could be told.</exception>
    public ValueTask<LeaseResult> KeepAsync(Capability capability, TimeSpan? keepFor, CancellationToken cancellationToken) =>
        TellAllAsync(capability, ExpiryOf(keepFor), isKeep: true, cancellationToken);

    /// <summary>Ends the lease on an object.</summary>
    /// <inheritdoc cref="KeepAsync" path="/exception"/>
    public ValueTask<LeaseResult> ForgetAsync(Capability capability, CancellationToken cancellationToken) =>
        TellAllAsync(capability, Now, isKeep: false, cancellationToken);

    /// <summary>The leases on an object, as the holders of its root know them.</summary>
    /// <exception cref="MegatorrentException">Unreachable: nobody answers.</exception>
    public async ValueTask<IReadOnlyList<LeaseInfo>> LeasesAsync(StripeDescriptor root, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<NodeId, (LeaseStatement Statement, int Holders)>();
        Task<LeaseReport.Entry[]?>[] asked =
            [.. directory.Rank(root.Id).Select(member => AskAsync(member, root.Id, cancellationToken))];
        LeaseReport.Entry[]?[] answers = await Task.WhenAll(asked);
        if (Array.TrueForAll(answers, static answer => answer is null))
            throw new MegatorrentException(ErrorKind.Unreachable, "No node answered the question for leases.");
        foreach (LeaseReport.Entry told in answers.SelectMany(static answer => answer ?? []).Where(told => told.Statement.Object == root.Id))
        {
            LeaseStatement statement = told.Statement;
            try
            {
                statement.Validate(Certificate.Decode(told.Certificate), options.Credential.ClusterKey);
            }
            catch (MegatorrentException)
            {
                continue; // whoever told it may lie
            }
            if (!newest.TryGetValue(statement.Owner, out var known) || statement.Supersedes(known.Statement))
                newest[statement.Owner] = (statement, 1);
            else if (statement.Sequence == known.Statement.Sequence)
                newest[statement.Owner] = (known.Statement, known.Holders + 1);
        }
        NodeId mine = options.Credential.Certificate.Subject;
        long now = Now;
        return [.. newest.Values.OrderBy(static one => one.Statement.Owner).Select(one => new LeaseInfo(
            one.Statement.Owner,
            one.Statement.Owner == mine,
            one.Statement.ExpiresUnixS == LeaseStatement.Never ? null : DateTimeOffset.FromUnixTimeSeconds(one.Statement.ExpiresUnixS),
            one.Statement.IsLivingAt(now),
            one.Holders))];
    }

    private long Now => options.Time.GetUtcNow().ToUnixTimeSeconds();

    private long ExpiryOf(TimeSpan? keepFor)
    {
        if (keepFor is not { } span)
            return LeaseStatement.Never;
        if (span < TimeSpan.FromSeconds(1) || span.TotalSeconds > LeaseStatement.MaxUnixSeconds - Now)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"An object cannot be kept for {span}; say a second or more, or nothing for ever.");
        return Now + (long)span.TotalSeconds;
    }

    private async ValueTask<LeaseResult> TellAllAsync(Capability capability, long expires, bool isKeep, CancellationToken cancellationToken)
    {
        using var keeper = new LeaseKeeper(directory, options, capability.Root.Id, expires, isKeep);
        var walker = new StripeWalker(_locator, _fetcher) { IsStrict = true };
        int stripes = 0, confirmed = 0;
        await foreach (StripeDescriptor[] batch in walker.WalkAsync(capability.Root, cancellationToken).Chunked(StripesPerBatch))
        {
            List<StripeDescriptor> lacking = await keeper.TellAsync(batch, cancellationToken);
            stripes += batch.Length;
            confirmed += batch.Length - lacking.Count;
            progress?.Report(new TransferProgress(isKeep ? "keep" : "forget", stripes, -1));
        }
        return new LeaseResult(stripes, confirmed, keeper.Expires, keeper.Problems);
    }

    // A put of what the owner keeps already, by deduplication, must not shorten the earlier lease.
    private async ValueTask<long> LongerOfMineAsync(StripeDescriptor root, long expires, CancellationToken cancellationToken)
    {
        if (expires == LeaseStatement.Never)
            return expires;
        foreach (LeaseInfo lease in await LeasesAsync(root, cancellationToken))
        {
            if (lease is { IsMine: true, IsLiving: true })
                return lease.Expires is { } until ? Math.Max(expires, until.ToUnixTimeSeconds()) : LeaseStatement.Never;
        }
        return expires;
    }

    // Null: no answer. A node from before leases knows none.
    private async Task<LeaseReport.Entry[]?> AskAsync(Member member, BlobId stripe, CancellationToken cancellationToken)
    {
        try
        {
            PeerConnection connection = await directory.ConnectAsync(member, cancellationToken);
            var leases = new List<LeaseReport.Entry>();
            for (int skip = 0; ;)
            {
                var question = new NodeQuestion(LeaseQuery.Name, new LeaseQuery([stripe], [], skip).Encode());
                LeaseReport report = LeaseReport.Decode(await connection.StatusAsync(question.Encode(), cancellationToken), 1);
                leases.AddRange(report.Leases);
                if (report.Complete == 1 || report.Skip <= skip)
                    return [.. leases];
                skip = report.Skip;
            }
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Unsupported)
        {
            return [];
        }
        catch (MegatorrentException exception) when (exception.Kind != ErrorKind.Canceled)
        {
            return null;
        }
    }
}
