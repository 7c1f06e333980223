using System.Runtime.InteropServices;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Which blobs a client or another node has stored or asked for lately: two Bloom filters of 1 MiB, of which the older is emptied each time
/// that the window has passed. It may say yes for a blob that was not touched (about one in 70 with a million touched), never no for one
/// that was; it remembers for one to two windows. Thread-safe.
/// </summary>
/// <param name="window">How long a blob is remembered at least.</param>
/// <param name="time">The clock.</param>
internal sealed class RecentBlobs(TimeSpan window, TimeProvider time)
{
    private const int Bits = 1 << 23;

    private readonly Lock _gate = new();
    private ulong[] _young = new ulong[Bits / 64];
    private ulong[] _old = new ulong[Bits / 64];
    private long _turned = time.GetTimestamp();

    /// <summary>The blob was touched now.</summary>
    public void Add(in BlobId id)
    {
        lock (_gate)
        {
            Turn();
            foreach (uint probe in Probes(in id))
                _young[(probe % Bits) / 64] |= 1UL << (int)(probe % 64);
        }
    }

    /// <summary>Whether the blob was touched lately, or may have been.</summary>
    public bool Contains(in BlobId id)
    {
        lock (_gate)
        {
            Turn();
            return IsIn(_young, in id) || IsIn(_old, in id);
        }
    }

    private static bool IsIn(ulong[] filter, in BlobId id)
    {
        foreach (uint probe in Probes(in id))
        {
            if ((filter[(probe % Bits) / 64] & (1UL << (int)(probe % 64))) == 0)
                return false;
        }
        return true;
    }

    // An id is a hash already; its middle is four independent ones. Its beginning decides more than this.
    private static ReadOnlySpan<uint> Probes(in BlobId id) => MemoryMarshal.Cast<byte, uint>(BlobId.AsSpan(in id).Slice(8, 16));

    private void Turn()
    {
        TimeSpan passed = time.GetElapsedTime(_turned);
        if (passed < window)
            return;
        (_old, _young) = (_young, _old);
        Array.Clear(_young);
        if (passed >= window + window)
            Array.Clear(_old);
        _turned = time.GetTimestamp();
    }
}
