using System.Diagnostics.CodeAnalysis;

namespace Megatorrent.Core.Erasure;

/// <summary>
/// A thread-safe map that never holds more than a set weight, save that the newest entry always stays. The oldest go first: what is
/// looked up here comes in phases (one failure, many stripes), so recency of use would tell little more and cost a write on every hit.
/// A hit allocates nothing.
/// </summary>
internal sealed class BoundedCache<TKey, TValue>(long weightMax)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, TValue> _values = [];
    private readonly Queue<(TKey Key, long Weight)> _oldestFirst = new();
    private long _weight;

    /// <summary>Entries held now.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _values.Count;
        }
    }

    internal bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
            return _values.TryGetValue(key, out value);
    }

    /// <summary>Adds a value and gives it back, or gives back the one that another thread added first.</summary>
    internal TValue GetOrAdd(TKey key, TValue value, long weight)
    {
        lock (_gate)
        {
            if (_values.TryGetValue(key, out TValue? first))
                return first;
            while (_weight + weight > weightMax && _oldestFirst.TryDequeue(out (TKey Key, long Weight) oldest))
            {
                _values.Remove(oldest.Key);
                _weight -= oldest.Weight;
            }

            _values.Add(key, value);
            _oldestFirst.Enqueue((key, weight));
            _weight += weight;
            return value;
        }
    }
}
