using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Members whose store was full: another is chosen for some minutes, rather than being refused again for every blob. Thread-safe.
/// </summary>
internal sealed class FullMembers(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, long> _since = [];

    /// <summary>The member said that it is full.</summary>
    public void Add(NodeId id)
    {
        lock (_gate)
            _since[id] = time.GetTimestamp();
    }

    /// <summary>Whether the member said so lately.</summary>
    public bool Contains(NodeId id)
    {
        lock (_gate)
            return _since.TryGetValue(id, out long since) && time.GetElapsedTime(since) < Pause;
    }

    /// <summary>How long until the first of them may be asked again; null when nobody is full.</summary>
    public TimeSpan? UntilNext()
    {
        lock (_gate)
        {
            TimeSpan? first = null;
            foreach (long since in _since.Values)
            {
                TimeSpan left = Pause - time.GetElapsedTime(since);
                if (left > TimeSpan.Zero && !(first <= left))
                    first = left;
            }
            return first;
        }
    }

    /// <summary>Forgets what was said, when it is time to ask again.</summary>
    public void Clear()
    {
        lock (_gate)
            _since.Clear();
    }
}
