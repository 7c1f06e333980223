using Megatorrent.Cluster.Repair;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// Leases between nodes: what a member tells is validated like what an owner says, so a lying member can withhold leases but not make
/// or end any. Thread-safe.
/// </summary>
/// <param name="context">The service's context.</param>
internal sealed class LeaseExchange(LeaseContext context)
{
    private const int ReportBytes = 160 * 1024; // leaves room for the ids of a gift
    private const int LeaseOverhead = 16;
    private const int MembersPerStripe = 64; // the best ranked, among whom its blobs are; others are asked before a deletion only
    private const int StripesPerQuestion = 1024; // of the 4,096 that one may have: arrays that stay out of the large object heap
    private const int BytesPerStripe = BlobId.Length + sizeof(ulong);

    private readonly RateLimiter _rate = new(context.Options.ExchangeBytesPerSecond, context.Time);

    /// <summary>Tells leases of stripes, as many as fit.</summary>
    /// <param name="query">Which, and what the asker knows.</param>
    public LeaseReport Report(LeaseQuery query)
    {
        var leases = new Dictionary<Lease, (LeaseReport.Entry Entry, List<int> Stripes)>();
        var certificates = new HashSet<byte[]>(BytesComparer.Instance);
        int bytes = 0;
        for (int i = 0; i < query.Stripes.Count; i++)
        {
            if (query.Digests.Count > 0 && query.Digests[i] == context.Table.DigestOf(query.Stripes[i]))
                continue;
            var all = context.Table.LeasesOf(query.Stripes[i]);
            for (int told = i == 0 ? query.Skip : 0; told < all.Count; told++)
            {
                (Lease lease, LeaseStatement statement, byte[] certificate) = all[told];
                int more = sizeof(ushort);
                if (!leases.ContainsKey(lease))
                    more += LeaseOverhead + LeaseStatement.MaxEncodedLength + (certificates.Contains(certificate) ? 0 : certificate.Length);
                if (bytes + more > ReportBytes)
                    return new LeaseReport([.. leases.Values.Select(static one => one.Entry)], i, told);
                bytes += more;
                certificates.Add(certificate);
                if (!leases.TryGetValue(lease, out var entry))
                {
                    List<int> stripes = [];
                    leases.Add(lease, entry = (new LeaseReport.Entry(statement, certificate, stripes), stripes));
                }
                entry.Stripes.Add(i);
            }
        }
        return new LeaseReport([.. leases.Values.Select(static one => one.Entry)], query.Stripes.Count, 0);
    }

    /// <summary>Takes leases in that another told, for the stripes whose descriptors are here.</summary>
    /// <param name="stripes">The stripes that the report's indexes mean.</param>
    /// <param name="report">The leases.</param>
    /// <returns>How many were new.</returns>
    /// <exception cref="MegatorrentException">Unauthorized: one is not signed as it must be. StoreFull, InputOutput: not remembered.</exception>
    public async ValueTask<int> TakeAsync(IReadOnlyList<BlobId> stripes, LeaseReport report)
    {
        var appends = new List<Task>();
        foreach (LeaseReport.Entry told in report.Leases)
        {
            told.Statement.Validate(Certificate.Decode(told.Certificate), context.ClusterKey);
            BlobId[] here = [.. told.Stripes.Select(index => stripes[index]).Where(context.Store.ContainsDescriptor)];
            if (here.Length == 0)
                continue;
            (Lease lease, bool isNew) = context.Table.Apply(told.Statement, told.Certificate, here);
            if (isNew)
                appends.Add(context.Memory.AppendAsync(RecordOf(lease, here)).AsTask());
        }
        await Task.WhenAll(appends);
        return appends.Count;
    }

    /// <summary>The record of a lease with some of its stripes.</summary>
    public static LeaseRecord RecordOf(Lease lease, IReadOnlyList<BlobId> stripes) => new()
    {
        Statement = lease.Statement,
        Certificate = lease.Certificate,
        LearnedUnixMs = lease.LearnedUnixMs,
        Stripes = stripes,
    };

    /// <summary>Asks a member for the leases that it knows of stripes held here and this node does not.</summary>
    /// <returns>How many were new.</returns>
    /// <exception cref="MegatorrentException">The member's answer, or Unreachable or Timeout.</exception>
    public async ValueTask<int> PullAsync(Member member, IEnumerable<BlobId> stripes, CancellationToken cancellationToken)
    {
        int added = 0;
        foreach (BlobId[] part in stripes.Chunk(StripesPerQuestion))
        {
            BlobId[] left = part;
            int skip = 0;
            while (left.Length > 0)
            {
                await _rate.AcquireAsync((long)left.Length * BytesPerStripe, cancellationToken);
                var query = new LeaseQuery(left, Array.ConvertAll(left, context.Table.DigestOf), skip);
                byte[] answer = await context.Peers.AskAsync(member, LeaseQuery.Name, query.Encode(), cancellationToken);
                LeaseReport report = LeaseReport.Decode(answer, left.Length);
                added += await TakeAsync(left, report);
                if (report.Complete == 0 && report.Skip <= skip && left.Length > 0)
                    break; // it does not get on: a member that tells nothing of what differs
                left = left[report.Complete..];
                skip = report.Skip;
            }
        }
        return added;
    }

    /// <summary>Asks a member about all stripes held here that it may hold too.</summary>
    /// <inheritdoc cref="PullAsync" path="/returns|/exception"/>
    public ValueTask<int> PullAllAsync(Member member, ClusterView view, CancellationToken cancellationToken)
    {
        IEnumerable<BlobId> here = context.Store.EnumerateDescriptors();
        if (view.Living.Count > MembersPerStripe)
            here = here.Where(stripe => Placement.Rank(stripe, view.Living).Take(MembersPerStripe).Any(one => one.Id == member.Id));
        return PullAsync(member, here, cancellationToken);
    }

    /// <summary>Tells a member what is known of stripes that it was given a blob or descriptor of.</summary>
    /// <exception cref="MegatorrentException">The member's answer, or Unreachable or Timeout.</exception>
    public async ValueTask GiveAsync(Member member, IReadOnlyList<BlobId> stripes, CancellationToken cancellationToken)
    {
        foreach (BlobId[] part in stripes.Chunk(LeaseGift.MaxStripes))
        {
            BlobId[] left = part;
            int skip = 0;
            while (left.Length > 0)
            {
                LeaseReport report = Report(new LeaseQuery(left, [], skip));
                if (report.Leases.Count > 0)
                    await context.Peers.AskAsync(member, LeaseGift.QuestionName, new LeaseGift(left, report).Encode(), cancellationToken);
                left = left[report.Complete..];
                skip = report.Skip;
            }
        }
    }
}
