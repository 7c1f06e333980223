using Megatorrent.Core.Manifests;

namespace Megatorrent.Simulation.Faults;

/// <summary>
/// How much may be lost for good without the promise being broken: damage in m failure domains when everything acknowledged was seen at full
/// strength since the last damage, in ⌈m/2⌉ while something acknowledged, or being put, was not. By domains, not by what a stripe really
/// has left: whether the code makes of that what it promises is the question.
/// </summary>
internal sealed class DamageBudget(Scheme scheme)
{
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);
    private readonly HashSet<string> _liars = new(StringComparer.Ordinal);

    /// <summary>Puts under way.</summary>
    public int Putting { get; set; }

    /// <summary>Objects acknowledged and not yet seen at full strength.</summary>
    public int Unconfirmed { get; set; }

    /// <summary>Counts damage, so that a survey can see whether there was any meanwhile.</summary>
    public int Version { get; private set; }

    public int Damaged => _damaged.Count;

    private int Least => (scheme.ParityShards + 1) / 2;

    private int Allowed => Putting > 0 || Unconfirmed > 0 ? Least : scheme.ParityShards;

    public bool TryDamage(string domain)
    {
        if (!_damaged.Contains(domain) && _damaged.Count >= Allowed)
            return false;
        _damaged.Add(domain);
        Version++;
        return true;
    }

    public bool TryLie(string domain)
    {
        if (_liars.Count >= Least || !TryDamage(domain))
            return false;
        _liars.Add(domain);
        return true;
    }

    public void Reform(string domain) => _liars.Remove(domain);

    /// <summary>Everything acknowledged was seen at full strength.</summary>
    public void Confirm(IEnumerable<string> stillDirty)
    {
        _damaged.Clear();
        _damaged.UnionWith(_liars);
        _damaged.UnionWith(stillDirty);
    }
}
