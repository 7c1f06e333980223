using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>Asks the nodes which blobs of some stripes they hold: one question a node for many stripes.</summary>
internal sealed class StripeLocator(ClusterDirectory directory)
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

        var answers = await Task.WhenAll(questions.Values.Select(question => AskMemberAsync(question.Member, question.Wanted, cancellationToken)));
        if (answers.Length > 0 && Array.TrueForAll(answers, static answer => answer.Failure?.Kind == ErrorKind.Unauthorized))
            throw answers[0].Failure!; // it is the client that is refused, by everyone
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
