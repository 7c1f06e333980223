using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Repair;

/// <summary>Brings descriptors that should be here from whoever has them.</summary>
internal static class DescriptorFetch
{
    /// <summary>Asks members, one after the other, until none is missing; what one gives must hash to its name.</summary>
    /// <param name="store">Where they are put.</param>
    /// <param name="stripes">Which.</param>
    /// <param name="members">Whom to ask, in this order.</param>
    /// <param name="findAsync">Asks one; null for those that it does not have.</param>
    /// <param name="failed">Told of one that did not answer as it should.</param>
    /// <param name="takenAsync">
    /// Told which came from one, to ask it for their leases: a stripe that others are collecting would else be one that nobody ever leased, and be
    /// kept for ever.
    /// </param>
    /// <param name="cancellationToken">Stops between two.</param>
    /// <returns>Those that nobody had.</returns>
    public static async ValueTask<HashSet<BlobId>> RunAsync(
        BlobStore store, IReadOnlyCollection<BlobId> stripes, IEnumerable<Member> members,
        Func<Member, ReadOnlyMemory<BlobId>, CancellationToken, ValueTask<byte[]?[]>> findAsync, Action<Member, MegatorrentException> failed,
        Func<Member, IReadOnlyList<BlobId>, CancellationToken, ValueTask> takenAsync, CancellationToken cancellationToken)
    {
        var missing = new HashSet<BlobId>(stripes);
        foreach (Member member in members)
        {
            if (missing.Count == 0)
                break;
            try
            {
                BlobId[] ids = [.. missing];
                byte[]?[] found = await findAsync(member, ids, cancellationToken);
                var taken = new List<BlobId>();
                for (int i = 0; i < ids.Length; i++)
                {
                    if (found[i] is not { } encoded || StripeDescriptor.Decode(encoded).Id != ids[i])
                        continue;
                    await store.PutDescriptorAsync(ids[i], encoded, cancellationToken);
                    missing.Remove(ids[i]);
                    taken.Add(ids[i]);
                }
                if (taken.Count > 0)
                    await takenAsync(member, taken, cancellationToken);
            }
            catch (MegatorrentException exception)
            {
                failed(member, exception);
            }
        }
        return missing;
    }
}
