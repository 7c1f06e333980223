using Megatorrent.Cluster;
using Megatorrent.Cluster.Audit;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>Asks the members for the evidence of every stripe of an object: docs/spec/audit.md, "Evidence".</summary>
internal sealed class HealthCheck(ClusterDirectory directory, ClientOptions options, IProgress<TransferProgress>? progress)
{
    // As when blobs are located: a blob lies among the first members by rank, or where it lay before the layout changed.
    private const int MembersBeyondWidth = 16;

    private readonly HashSet<NodeId> _silent = [];
    private readonly List<StripeEvidence> _worst = [];
    private readonly Dictionary<HealthState, int> _byState = Enum.GetValues<HealthState>().ToDictionary(static state => state, static _ => 0);
    private int _blobs, _fresh, _held, _audited;
    private long? _oldest = 0;
    private long _bytes;

    public async ValueTask<HealthReport> RunAsync(Capability capability, long maxAgeMs, CancellationToken cancellationToken)
    {
        var walker = new StripeWalker(new StripeLocator(directory), new StripeFetcher(directory, options));
        await foreach (StripeDescriptor[] batch in
            walker.WalkAsync(capability.Root, cancellationToken).Chunked(EvidenceQuestion.StripesMax).WithCancellation(cancellationToken))
        {
            EvidenceTally[] tallies = Array.ConvertAll(batch, static descriptor => new EvidenceTally(descriptor));
            await AskAsync(tallies, narrow: true, cancellationToken);
            EvidenceTally[] rest = [.. tallies.Where(static tally => !tally.IsComplete)];
            if (rest.Length > 0)
                await AskAsync(rest, narrow: false, cancellationToken);
            foreach (EvidenceTally tally in tallies)
                Count(tally.Judge(maxAgeMs), tally.Descriptor);
        }
        return new HealthReport
        {
            MaxAgeMs = maxAgeMs,
            State = _byState.Where(static pair => pair.Value > 0).Max(static pair => pair.Key),
            Stripes = _byState.Values.Sum(),
            ByState = _byState,
            Blobs = _blobs,
            FreshBlobs = _fresh,
            HeldBlobs = _held,
            AuditedBlobs = _audited,
            OldestMs = _oldest,
            Silent = _silent.Count,
            Worst = _worst,
        };
    }

    private void Count(StripeEvidence evidence, StripeDescriptor descriptor)
    {
        _byState[evidence.State]++;
        _blobs += evidence.Blobs;
        _fresh += evidence.Fresh;
        _held += evidence.Held;
        _audited += evidence.Audited;
        _oldest = _oldest is { } oldest && evidence.OldestMs is { } age ? Math.Max(oldest, age) : null;
        foreach (int length in descriptor.Lengths)
            _bytes += length;
        progress?.Report(new TransferProgress("health", _bytes, -1));
        if (evidence.State == HealthState.Healthy)
            return;
        _worst.Add(evidence);
        if (_worst.Count <= HealthReport.WorstMax)
            return;
        _worst.Sort(static (left, right) => right.State.CompareTo(left.State));
        _worst.RemoveAt(_worst.Count - 1);
    }

    private async ValueTask AskAsync(EvidenceTally[] tallies, bool narrow, CancellationToken cancellationToken)
    {
        var questions = new Dictionary<NodeId, (Member Member, List<EvidenceTally> Stripes)>();
        foreach (EvidenceTally tally in tallies)
        {
            IReadOnlyList<Member> ranked = directory.Rank(tally.Descriptor.Id);
            int width = tally.Descriptor.TotalBlobs + MembersBeyondWidth;
            foreach (Member member in narrow ? ranked.Take(width) : ranked.Skip(width))
            {
                if (!questions.TryGetValue(member.Id, out (Member Member, List<EvidenceTally> Stripes) question))
                    questions.Add(member.Id, question = (member, []));
                question.Stripes.Add(tally);
            }
        }
        var replies = await Task.WhenAll(questions.Values.Select(question => AskAsync(question.Member, question.Stripes, cancellationToken)));
        if (replies.Length > 0 && Array.TrueForAll(replies, static reply => reply.Failure?.Kind == ErrorKind.Unauthorized))
            throw replies[0].Failure!; // it is the client that is refused, by everyone
        foreach ((Member member, List<EvidenceTally> stripes, EvidenceReply? reply, _) in replies)
        {
            if (reply is null)
                _silent.Add(member.Id);
            else
                Take(member, stripes, reply);
        }
    }

    private static void Take(Member member, List<EvidenceTally> stripes, EvidenceReply reply)
    {
        for (int i = 0; i < stripes.Count; i++)
        {
            for (int index = 0; reply.Stripes[i] is { } ages && index < ages.Length; index++)
            {
                if (ages[index] != EvidenceReply.NotHeld)
                    stripes[i].Held(index, member, ages[index] == EvidenceReply.Unknown ? null : ages[index]);
            }
            foreach (AuditedBlob audited in reply.Audited)
                stripes[i].Audited(member, audited.Holder, audited.Blob, audited.AgeMs);
        }
    }

    private async Task<(Member Member, List<EvidenceTally> Stripes, EvidenceReply? Reply, MegatorrentException? Failure)> AskAsync(
        Member member, List<EvidenceTally> stripes, CancellationToken cancellationToken)
    {
        try
        {
            PeerConnection connection = await directory.ConnectAsync(member, cancellationToken);
            byte[] answer = await connection.StatusAsync(
                EvidenceQuestion.Encode(stripes.ConvertAll(static stripe => stripe.Descriptor.Id)), cancellationToken);
            return (member, stripes, EvidenceReply.Decode(answer, stripes.ConvertAll(static stripe => stripe.Descriptor)), null);
        }
        catch (MegatorrentException exception) when (exception.Kind != ErrorKind.Canceled)
        {
            return (member, stripes, null, exception); // who does not answer gives no evidence
        }
    }
}
