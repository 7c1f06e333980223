using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>Asks the nodes which blobs of some stripes they hold: one question a node for many stripes.</summary>
/// <param name="directory">Who is in the cluster.</param>
/// <param name="hurried">
/// Whether a node that is late is not waited for once enough blobs to read every stripe were found; a check waits for everybody.
/// </param>
internal sealed class StripeLocator(ClusterDirectory directory, bool hurried = false)
{
    // A blob lies among the first members by rank, or where it lay before the layout changed. Asking some more than the stripe is wide
    // finds it nearly always; when too few are found, everyone is asked.
    private const int MembersBeyondWidth = 16;

    public async ValueTask<StripeHolders> LocateAsync(StripeDescriptor descriptor, CancellationToken cancellationToken) =>
        (await LocateAsync([descriptor], cancellationToken))[0];

    public async ValueTask<StripeHolders[]> LocateAsync(IReadOnlyList<StripeDescriptor> stripes, CancellationToken cancellationToken)
    {
        var all = new StripeHolders[stripes.Count];
        for (int i = 0; i < all.Length; i++)
            all[i] = new StripeHolders(stripes[i]);
        await AskAsync(all, narrow: true, cancellationToken);
        StripeHolders[] unfound = [.. all.Where(static holders => !IsComplete(holders))];
        if (unfound.Length > 0 && unfound.Any(holders => directory.Rank(holders.Descriptor.Id).Count > Width(holders.Descriptor)))
            await AskAsync(unfound, narrow: false, cancellationToken);
        return all;
    }

    private static int Width(StripeDescriptor descriptor) => descriptor.TotalBlobs + MembersBeyondWidth;

    private static bool IsComplete(StripeHolders holders)
    {
        for (int i = 0; i < holders.Descriptor.Ids.Length; i++)
        {
            if (holders.Of(i).Count < holders.Descriptor.CopiesPerId)
                return false;
        }

        return true;
    }

    private async ValueTask AskAsync(StripeHolders[] stripes, bool narrow, CancellationToken cancellationToken)
    {
        var questions = new Dictionary<NodeId, (Member Member, List<(StripeHolders Stripe, int Index)> Wanted)>();
        foreach (StripeHolders stripe in stripes)
        {
            IReadOnlyList<Member> ranked = directory.Rank(stripe.Descriptor.Id);
            int width = Width(stripe.Descriptor);
            foreach (Member member in narrow ? ranked.Take(width) : ranked.Skip(width))
            {
                if (!questions.TryGetValue(member.Id, out var question))
                    questions[member.Id] = question = (member, []);
                for (int i = 0; i < stripe.Descriptor.Ids.Length; i++)
                    question.Wanted.Add((stripe, i));
            }
        }

        Answer[] answers = hurried
            ? await AskInHasteAsync(questions.Values, stripes, cancellationToken)
            : await Task.WhenAll(questions.Values.Select(question => AskMemberAsync(question.Member, question.Wanted, cancellationToken)));
        if (answers.Length > 0 && Array.TrueForAll(answers, static answer => answer.Failure?.Kind == ErrorKind.Unauthorized))
            throw answers[0].Failure!; // it is the client that is refused, by everyone
        if (answers.Length < questions.Count || Array.Exists(answers, static answer => answer.Failure?.Kind is ErrorKind.Unreachable or ErrorKind.Timeout))
        {
            foreach (StripeHolders stripe in stripes)
                stripe.MayRecover = true;
        }
        var held = answers.Where(static answer => answer.Failure is null)
            .SelectMany(static answer => answer.Wanted.Where((_, i) => answer.Has[i]).Select(item => (item.Stripe, item.Index, answer.Member)));
        foreach (var group in held.GroupBy(static item => item.Stripe))
        {
            // The nearest first; of those equally near, in rank order, the one that should have it.
            Dictionary<NodeId, int> rank = directory.Rank(group.Key.Descriptor.Id).Select(static (member, i) => (member.Id, i)).ToDictionary();
            foreach (var (stripe, index, member) in group.OrderByDescending(item => directory.Nearness(item.Member))
                .ThenBy(item => rank.GetValueOrDefault(item.Member.Id, int.MaxValue)))
                stripe.Add(index, member);
        }
    }

    private async ValueTask<Answer[]> AskInHasteAsync(
        ICollection<(Member Member, List<(StripeHolders Stripe, int Index)> Wanted)> questions, StripeHolders[] stripes,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long begun = directory.Time.GetTimestamp();
        var asking = new List<(Member Member, TimeSpan Patience, Task<Answer> Answer)>();
        foreach (var (member, wanted) in questions)
            asking.Add((member, HedgePolicy.ForAnswer(directory.HealthOf(member)), AskMemberAsync(member, wanted, stop.Token)));
        Task<Answer[]> all = Task.WhenAll(asking.Select(static one => one.Answer));
        var late = asking;
        while (!all.IsCompleted)
        {
            late = asking.FindAll(static one => !one.Answer.IsCompleted);
            if (late.Count == 0)
                return await all; // it is about to complete
            TimeSpan left = HedgePolicy.Whole(late.Max(static one => one.Patience) - directory.Time.GetElapsedTime(begun));
            bool isReadable = IsReadable(stripes, asking.Where(static one => one.Answer.IsCompletedSuccessfully).Select(static one => one.Answer.Result));
            if (isReadable && left <= TimeSpan.Zero)
                break;
            IEnumerable<Task> next = late.Select(static one => (Task)one.Answer);
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            await Task.WhenAny(isReadable ? next.Append(Task.Delay(left, directory.Time, timer.Token)) : next);
            timer.Cancel();
        }

        if (all.IsCompleted)
            return await all;
        foreach (var (member, _, _) in late)
            directory.HealthOf(member).Overtaken(directory.Time.GetElapsedTime(begun), isGet: false);
        Answer[] answers = [.. asking.Where(static one => one.Answer.IsCompletedSuccessfully).Select(static one => one.Answer.Result)];
        stop.Cancel();
        await Task.WhenAny(all); // ended, one way or the other
        cancellationToken.ThrowIfCancellationRequested();
        return answers;
    }

    // Whether k blobs of every stripe were found, so that all of it can be read.
    private static bool IsReadable(StripeHolders[] stripes, IEnumerable<Answer> answers)
    {
        var found = stripes.ToDictionary(static stripe => stripe, static stripe => new HashSet<int>());
        foreach (Answer answer in answers)
        {
            for (int i = 0; i < answer.Has.Length; i++)
            {
                if (answer.Has[i])
                    found[answer.Wanted[i].Stripe].Add(answer.Wanted[i].Index);
            }
        }
        return found.All(static pair => pair.Value.Count >= pair.Key.Descriptor.DataShards);
    }

    private async Task<Answer> AskMemberAsync(
        Member member, List<(StripeHolders Stripe, int Index)> wanted, CancellationToken cancellationToken)
    {
        try
        {
            PeerConnection connection = await directory.ConnectAsync(member, cancellationToken);
            BlobId[] ids = [.. wanted.Select(static item => item.Stripe.Descriptor.Ids[item.Index])];
            return new Answer(member, wanted, await connection.WantAsync(ids, cancellationToken), null);
        }
        catch (MegatorrentException exception) when (exception.Kind != ErrorKind.Canceled)
        {
            return new Answer(member, wanted, [], exception); // who does not answer holds nothing that can be had now
        }
    }

    private sealed record Answer(Member Member, List<(StripeHolders Stripe, int Index)> Wanted, bool[] Has, MegatorrentException? Failure);
}
