namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Picks for as many blobs of a stripe as possible one of their holders, so that no failure domain is picked more often than its quota.
/// A blob left without a place sits only where too many others do. (Augmenting paths: Kuhn's method for bipartite matching.)
/// </summary>
internal sealed class HolderMatching
{
    private readonly StripeSurvey _survey;
    private readonly Spread _spread;
    private readonly Dictionary<string, List<int>> _byDomain = new(StringComparer.Ordinal);

    /// <summary>Computes the matching.</summary>
    /// <param name="survey">Who holds what.</param>
    /// <param name="spread">How the blobs are kept apart.</param>
    public HolderMatching(StripeSurvey survey, Spread spread)
    {
        _survey = survey;
        _spread = spread;
        Places = new Member?[survey.Descriptor.Ids.Length];
        for (int i = 0; i < Places.Length; i++)
            TryPlace(i, new HashSet<string>(StringComparer.Ordinal));
    }

    /// <summary>For each index of the stripe the holder that it counts for, or null.</summary>
    public Member?[] Places { get; }

    // Recursion goes at most once through each domain that holds a blob of the stripe.
    private bool TryPlace(int index, HashSet<string> visited)
    {
        foreach (Member holder in _survey.Holders(index))
        {
            string domain = holder.DomainAt(_spread.Level);
            if (!holder.TakesBlobs || !visited.Add(domain)) // one that drains is no place
                continue;
            if (!_byDomain.TryGetValue(domain, out List<int>? placed))
                _byDomain.Add(domain, placed = []);
            if (placed.Count < _spread.Quota)
            {
                placed.Add(index);
                Places[index] = holder;
                return true;
            }
            for (int i = 0; i < placed.Count; i++)
            {
                if (!TryPlace(placed[i], visited))
                    continue;
                placed[i] = index;
                Places[index] = holder;
                return true;
            }
        }
        return false;
    }
}
