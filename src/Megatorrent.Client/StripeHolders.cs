using Megatorrent.Cluster;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>Who says that they hold which blob of a stripe. A hint, never evidence: only the bytes are.</summary>
internal sealed class StripeHolders(StripeDescriptor descriptor)
{
    private readonly List<Member>[] _holders = CreateLists(descriptor.Ids.Length);

    public StripeDescriptor Descriptor { get; } = descriptor;

    /// <summary>The members that hold the blob at <paramref name="index"/> of the ids, the nearest first, then in rank order.</summary>
    public IReadOnlyList<Member> Of(int index) => _holders[index];

    /// <summary>Whether somebody who may hold blobs did not answer, and may later.</summary>
    public bool MayRecover { get; set; }

    public void Add(int index, Member member) => _holders[index].Add(member);

    private static List<Member>[] CreateLists(int count)
    {
        var lists = new List<Member>[count];
        for (int i = 0; i < count; i++)
            lists[i] = [];
        return lists;
    }
}
