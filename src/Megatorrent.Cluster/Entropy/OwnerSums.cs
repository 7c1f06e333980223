using System.Runtime.InteropServices;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Entropy;

/// <summary>
/// What this node holds of the stripes that one member compares: sorted keys with running totals, 24 bytes a stripe, so that any range is
/// two searches; and what changed since, stripe by stripe. Not thread-safe.
/// </summary>
internal sealed class OwnerSums
{
    private readonly List<ulong> _building = [];
    private readonly List<UInt128> _buildingTotals = [];
    private readonly Dictionary<BlobId, RangeSum> _changed = []; // the stripe's change against the sorted part
    private ulong[] _keys = [];
    private UInt128[] _before = [0]; // the total of all keys before an index

    /// <summary>Stripes that changed since <see cref="Seal"/>.</summary>
    public int ChangedCount => _changed.Count;

    /// <summary>Adds a stripe while the table is built, in any order.</summary>
    public void Add(ulong key, UInt128 total)
    {
        _building.Add(key);
        _buildingTotals.Add(total);
    }

    /// <summary>Sorts what was added; from now on stripes <see cref="Change"/>.</summary>
    public void Seal()
    {
        Span<ulong> keys = CollectionsMarshal.AsSpan(_building);
        Span<UInt128> totals = CollectionsMarshal.AsSpan(_buildingTotals);
        keys.Sort(totals);
        _keys = keys.ToArray();
        _before = new UInt128[totals.Length + 1];
        for (int i = 0; i < totals.Length; i++)
            _before[i + 1] = unchecked(_before[i] + totals[i]);
        _building.Clear();
        _building.TrimExcess();
        _buildingTotals.Clear();
        _buildingTotals.TrimExcess();
    }

    /// <summary>What is held of a stripe now.</summary>
    /// <param name="stripe">The stripe.</param>
    /// <param name="total">The sum of what is held; null when its descriptor is not here.</param>
    public void Change(BlobId stripe, UInt128? total)
    {
        ulong key = StripeRange.KeyOf(in stripe);
        int at = Array.BinarySearch(_keys, key);
        RangeSum sorted = at < 0 ? default : new RangeSum(unchecked(_before[at + 1] - _before[at]), 1);
        _changed[stripe] = new RangeSum(unchecked((total ?? 0) - sorted.Total), (total is null ? 0 : 1) - sorted.Stripes);
    }

    /// <summary>The sum of a range.</summary>
    public RangeSum SumOf(StripeRange range)
    {
        int first = LowerBound(range.Prefix);
        int end = range.Last == ulong.MaxValue ? _keys.Length : LowerBound(range.Last + 1);
        var sum = new RangeSum(unchecked(_before[end] - _before[first]), end - first);
        foreach ((BlobId stripe, RangeSum change) in _changed)
        {
            ulong key = StripeRange.KeyOf(in stripe);
            if (key >= range.Prefix && key <= range.Last)
                sum += change;
        }
        return sum;
    }

    private int LowerBound(ulong key)
    {
        int low = 0;
        int high = _keys.Length;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) / 2);
            if (_keys[middle] < key)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
