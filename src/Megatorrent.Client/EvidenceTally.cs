using Megatorrent.Cluster;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client;

/// <summary>
/// Collects what members say of one stripe and judges it: a pure function of the answers. A suspended member's word on its own blobs, and
/// on others', is no evidence.
/// </summary>
internal sealed class EvidenceTally(StripeDescriptor descriptor)
{
    private readonly Dictionary<(int Index, NodeId Holder), (long? AgeMs, bool IsSuspended)> _held = [];
    private readonly Dictionary<(int Index, NodeId Holder), long> _audited = [];

    public StripeDescriptor Descriptor { get; } = descriptor;

    /// <summary>Whether every blob has as many holders as it should.</summary>
    public bool IsComplete
    {
        get
        {
            for (int i = 0; i < Descriptor.Ids.Length; i++)
            {
                if (_held.Keys.Count(key => key.Index == i) < Descriptor.CopiesPerId)
                    return false;
            }
            return true;
        }
    }

    /// <summary>A member holds the blob at an index, and says how long ago it was known to be good; null: it does not know.</summary>
    public void Held(int index, Member holder, long? ageMs) => _held[(index, holder.Id)] = (ageMs, holder.IsSuspended);

    /// <summary>A member audited a blob at another and found it right.</summary>
    public void Audited(Member auditor, NodeId holder, BlobId blob, long ageMs)
    {
        int index = Descriptor.Ids.IndexOf(blob);
        if (index < 0 || auditor.IsSuspended || auditor.Id == holder)
            return;
        (int, NodeId) key = (index, holder);
        _audited[key] = _audited.TryGetValue(key, out long before) ? Math.Min(before, ageMs) : ageMs;
    }

    /// <summary>What that comes to.</summary>
    public StripeEvidence Judge(long maxAgeMs)
    {
        var newest = new List<(long? AgeMs, bool IsAudited)>(); // of each blob, or copy, that is held: the best first
        for (int i = 0; i < Descriptor.Ids.Length; i++)
        {
            newest.AddRange(_held.Where(item => item.Key.Index == i)
                .Select(item => Newest(item.Key, item.Value.IsSuspended ? null : item.Value.AgeMs, maxAgeMs))
                .OrderBy(static item => item.AgeMs ?? long.MaxValue)
                .Take(Descriptor.CopiesPerId));
        }
        int total = Descriptor.TotalBlobs, held = newest.Count;
        int fresh = newest.Count(item => item.AgeMs <= maxAgeMs);
        HealthState state = held < Descriptor.DataShards ? HealthState.Unreadable
            : held < total ? HealthState.Degraded
            : fresh < total ? HealthState.Unknown
            : HealthState.Healthy;
        long? oldest = held < total || newest.Exists(static item => item.AgeMs is null) ? null : newest.Max(static item => item.AgeMs);
        return new StripeEvidence(
            Descriptor.Id, state, total, fresh, held, newest.Count(item => item.AgeMs <= maxAgeMs && item.IsAudited), oldest);
    }

    private (long? AgeMs, bool IsAudited) Newest((int Index, NodeId Holder) key, long? own, long maxAgeMs)
    {
        long? audited = _audited.TryGetValue(key, out long age) ? age : null;
        long? best = own is null ? audited : audited is null ? own : Math.Min(own.Value, audited.Value);
        return (best, audited <= maxAgeMs);
    }
}
