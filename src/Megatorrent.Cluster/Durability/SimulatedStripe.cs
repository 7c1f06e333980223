using Megatorrent.Core;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Durability;

/// <summary>One stripe of a <see cref="DurabilitySimulation"/>: where its blobs are, and which are missing or rotten. Not thread-safe.</summary>
internal sealed class SimulatedStripe
{
    private readonly int _parity;
    private readonly StripeLoad _load;
    private readonly Member?[] _holders;
    private readonly bool[] _rotten;
    private readonly int[] _versions; // of each blob's story: an event for an earlier version comes too late
    private int _missing;

    /// <summary>Places a stripe under a random id.</summary>
    public SimulatedStripe(DurabilityOptions options, Member[] members, IRandomSource random)
    {
        Span<byte> seed = stackalloc byte[BlobId.Length];
        random.Fill(seed);
        var id = BlobId.Of(seed);
        int total = options.Scheme.TotalShards;
        _parity = options.Scheme.ParityShards;
        _load = new StripeLoad(Placement.Rank(id, members), Placement.QuotaPerDomain(total, options.DomainCount), oneEach: false);
        _holders = new Member?[total];
        _rotten = new bool[total];
        _versions = new int[total];
        for (int blob = 0; blob < total; blob++)
            TryReturn(blob);
        _missing = _holders.Count(static holder => holder is null);
    }

    /// <summary>Whether fewer than k good blobs were left at any time; then nothing brings it back.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Who holds a blob, good or rotten.</summary>
    public Member? HolderOf(int blob) => IsLost ? null : _holders[blob];

    /// <summary>Whether a blob's story has not gone on since.</summary>
    public bool IsAt(int blob, int version) => !IsLost && _versions[blob] == version;

    /// <summary>A blob is damaged where it lies; false if there is none, or it is damaged already.</summary>
    public bool TryRot(int blob, out int version)
    {
        version = _versions[blob];
        if (IsLost || _holders[blob] is null || _rotten[blob])
            return false;
        _rotten[blob] = true;
        version = ++_versions[blob];
        CountMissing();
        return true;
    }

    /// <summary>A blob is gone, or found damaged and dropped; false if it was gone already.</summary>
    public bool TryLose(int blob, out int version)
    {
        version = _versions[blob];
        if (IsLost || _holders[blob] is not { } holder)
            return false;
        _load.Remove(holder);
        _holders[blob] = null;
        version = ++_versions[blob];
        if (!_rotten[blob])
            CountMissing();
        _rotten[blob] = false;
        return true;
    }

    /// <summary>A blob is rebuilt on the next target; false when there is none.</summary>
    public bool TryReturn(int blob)
    {
        if (_load.Next() is not { } target)
            return false;
        _load.Add(target);
        _holders[blob] = target;
        _versions[blob]++;
        _missing--;
        return true;
    }

    private void CountMissing() => IsLost |= ++_missing > _parity;
}
