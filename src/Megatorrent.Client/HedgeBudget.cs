namespace Megatorrent.Client;

/// <summary>
/// How many requests beyond the first may be made because an answer is late: a share of the requests, with a burst; for reads that have
/// stalled a few more, so that an emptied budget never makes a read wait for a node that will not answer. Thread-safe.
/// </summary>
internal sealed class HedgeBudget
{
    /// <summary>Extra requests per request: 5 % keeps a cluster that is slow as a whole from being asked twice for everything.</summary>
    public const double Share = 0.05;

    /// <summary>The most that is saved up, in requests: what the blobs of a few wide stripes take when a node stalls.</summary>
    public const double MaxSaved = 32;

    /// <summary>Extra requests under way at once that stalled reads may make past the budget: two stripes of 10+4.</summary>
    public const int MaxPastBudget = 20;

    private readonly Lock _gate = new();
    private double _saved = MaxSaved;
    private int _pastBudget;

    /// <summary>A request was made that is no hedge.</summary>
    public void Earn()
    {
        lock (_gate)
            _saved = Math.Min(MaxSaved, _saved + Share);
    }

    /// <summary>Takes leave for some extra requests, all or none.</summary>
    /// <param name="count">How many.</param>
    /// <param name="stalled">Whether the read has stalled and may go past the budget.</param>
    /// <param name="pastBudget">How many of them went past it; to be given to <see cref="Return"/> when they have ended.</param>
    public bool TryTake(int count, bool stalled, out int pastBudget)
    {
        lock (_gate)
        {
            pastBudget = 0;
            if (_saved >= count)
            {
                _saved -= count;
                return true;
            }
            // One stripe may always go on, however wide it is.
            if (!stalled || (_pastBudget > 0 && _pastBudget + count > MaxPastBudget))
                return false;
            pastBudget = count;
            _pastBudget += count;
            return true;
        }
    }

    /// <summary>Requests past the budget have ended.</summary>
    public void Return(int pastBudget)
    {
        lock (_gate)
            _pastBudget -= pastBudget;
    }
}
