using Megatorrent.Core;

namespace Megatorrent.Cluster.Durability;

/// <summary>
/// Plays failures and repairs of nodes, domains and blobs event by event, and counts the stripes that are lost: the measured figure beside
/// <see cref="DurabilityModel"/>. Blobs are placed by <see cref="Placement"/> and put back by <see cref="StripeLoad"/> under the same
/// quotas as in a cluster. Deterministic by seed. Not thread-safe.
/// </summary>
/// <remarks>
/// A failed node is back at once, empty, as if replaced; its blobs return one by one after times with the mean of the options. Damage
/// is found at the next scrub of the blob, whose phase is random.
/// </remarks>
internal sealed class DurabilitySimulation
{
    /// <summary>Standard deviations on each side of the interval: 99 %.</summary>
    public const double Deviations = 2.5758;

    private readonly DurabilityOptions _options;
    private readonly Member[] _members;
    private readonly IRandomSource _random;
    private readonly PriorityQueue<Event, (double Time, long Order)> _events = new();
    private long _order;
    private long _played;

    /// <summary>Prepares.</summary>
    /// <param name="options">What is simulated; rates may be as high as one likes.</param>
    /// <param name="members">The nodes, with the domains that <paramref name="options"/> speak of.</param>
    /// <param name="random">Chance.</param>
    public DurabilitySimulation(DurabilityOptions options, Member[] members, IRandomSource random)
    {
        options.Validate();
        if (members.Length != options.Nodes || members.Select(static member => member.Domain).Distinct().Count() != options.DomainCount)
            throw new ArgumentException("The members are others than the options say.", nameof(members));
        _options = options;
        _members = members;
        _random = random;
    }

    private enum Kind
    {
        NodeFails,
        DomainFails,
        Rots,
        Found,
        Returns,
    }

    /// <summary>Plays a number of independent trials.</summary>
    /// <param name="trials">How many; the interval is of the variance between them.</param>
    /// <param name="stripes">Stripes in each, all at their full strength (or what the options say) at its beginning.</param>
    public DurabilityEstimate Run(int trials, int stripes)
    {
        double sum = 0, squares = 0;
        long lost = 0;
        for (int i = 0; i < trials; i++)
        {
            int lostNow = Play(stripes);
            double share = (double)lostNow / stripes;
            lost += lostNow;
            sum += share;
            squares += share * share;
        }
        double mean = sum / trials;
        double variance = Math.Max(0, squares / trials - mean * mean) / Math.Max(1, trials - 1);
        double margin = Deviations * Math.Sqrt(variance);
        return new DurabilityEstimate((long)trials * stripes, lost, mean, Math.Max(0, mean - margin), Math.Min(1, mean + margin), _played);
    }

    private int Play(int count)
    {
        _events.Clear();
        var stripes = new SimulatedStripe[count];
        string[] domains = [.. _members.Select(static member => member.Domain).Distinct()];
        for (int i = 0; i < _members.Length; i++)
            Schedule(Kind.NodeFails, Draw(1 / _options.FailuresPerNodeYear), i);
        for (int i = 0; i < domains.Length && _options.FailuresPerDomainYear > 0; i++)
            Schedule(Kind.DomainFails, Draw(1 / _options.FailuresPerDomainYear), i);
        for (int i = 0; i < count; i++)
        {
            stripes[i] = new SimulatedStripe(_options, _members, _random);
            for (int blob = 0; blob < _options.MissingAtStart; blob++)
                Lose(stripes, i, blob, 0);
            for (int blob = 0; blob < _options.Scheme.TotalShards && _options.RotPerBlobYear > 0; blob++)
                Schedule(Kind.Rots, Draw(1 / _options.RotPerBlobYear), i, blob);
        }
        while (_events.TryDequeue(out Event happened, out (double Time, long Order) at) && at.Time <= _options.Years)
        {
            _played++;
            Apply(happened, at.Time, stripes, domains);
        }
        return stripes.Count(static stripe => stripe.IsLost);
    }

    private void Apply(Event happened, double now, SimulatedStripe[] stripes, string[] domains)
    {
        switch (happened.Kind)
        {
            case Kind.NodeFails:
                LoseAll(stripes, member => ReferenceEquals(member, _members[happened.Index]), now);
                Schedule(Kind.NodeFails, now + Draw(1 / _options.FailuresPerNodeYear), happened.Index);
                break;
            case Kind.DomainFails:
                LoseAll(stripes, member => member.Domain == domains[happened.Index], now);
                Schedule(Kind.DomainFails, now + Draw(1 / _options.FailuresPerDomainYear), happened.Index);
                break;
            case Kind.Rots:
                double phase = _random.NextDouble() * _options.ScrubHours / DurabilityModel.HoursPerYear;
                if (stripes[happened.Index].TryRot(happened.Blob, out int version))
                    Schedule(Kind.Found, now + phase, happened.Index, happened.Blob, version);
                Schedule(Kind.Rots, now + Draw(1 / _options.RotPerBlobYear), happened.Index, happened.Blob);
                break;
            case Kind.Found:
                if (stripes[happened.Index].IsAt(happened.Blob, happened.Version))
                    Lose(stripes, happened.Index, happened.Blob, now);
                break;
            default:
                if (stripes[happened.Index].IsAt(happened.Blob, happened.Version) && !stripes[happened.Index].TryReturn(happened.Blob))
                    Schedule(Kind.Returns, now + Repair(), happened.Index, happened.Blob, happened.Version); // no place: again later
                break;
        }
    }

    private void LoseAll(SimulatedStripe[] stripes, Func<Member, bool> isHit, double now)
    {
        for (int i = 0; i < stripes.Length; i++)
        {
            for (int blob = 0; blob < _options.Scheme.TotalShards; blob++)
            {
                if (stripes[i].HolderOf(blob) is { } holder && isHit(holder))
                    Lose(stripes, i, blob, now);
            }
        }
    }

    private void Lose(SimulatedStripe[] stripes, int index, int blob, double now)
    {
        if (stripes[index].TryLose(blob, out int version))
            Schedule(Kind.Returns, now + Repair(), index, blob, version);
    }

    private double Repair() => Draw(_options.RepairHours / DurabilityModel.HoursPerYear);

    // Exponential, by the mean.
    private double Draw(double mean) => -mean * Math.Log(1 - _random.NextDouble());

    private void Schedule(Kind kind, double time, int index, int blob = 0, int version = 0)
    {
        if (time <= _options.Years)
            _events.Enqueue(new Event(kind, index, blob, version), (time, _order++));
    }

    private readonly record struct Event(Kind Kind, int Index, int Blob, int Version);
}
