using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Native.Exports;

/// <summary>What a handle of a manifest stands for: one that was opened, or one that is being made. Whoever uses it holds its lock.</summary>
internal sealed class ManifestObject : IDisposable
{
    private readonly Manifest? _opened;
    private readonly List<int>[] _firstBlobs = [[], []]; // of each stream: for each stripe, the data blobs before it

    /// <summary>Shows a manifest that was opened.</summary>
    public ManifestObject(Manifest opened, bool hasKeys)
    {
        _opened = opened;
        HasKeys = hasKeys;
    }

    /// <summary>Makes a manifest.</summary>
    public ManifestObject(ManifestBuilder builder)
    {
        Builder = builder;
        HasKeys = true;
    }

    /// <summary>What makes it; null if it was opened.</summary>
    public ManifestBuilder? Builder { get; }

    /// <summary>Whether its keys and lengths are there.</summary>
    public bool HasKeys { get; }

    /// <summary>Whether the handle was destroyed while a call waited for the lock.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>What it describes.</summary>
    public ManifestKind Kind => _opened?.Kind ?? Builder!.Kind;

    /// <summary>The object's own name.</summary>
    public string Name => _opened?.Name ?? Builder!.Name;

    /// <summary>Unix permission bits.</summary>
    public int Mode => _opened?.Mode ?? Builder!.Mode;

    /// <summary>Time of the last change.</summary>
    public long ModifiedUnixNs => _opened?.ModifiedUnixNs ?? Builder!.ModifiedUnixNs;

    /// <summary>Streams.</summary>
    public int StreamCount => _opened?.Streams.Count ?? Builder!.StreamCount;

    /// <summary>The whole manifest, to be sealed; null while it is not whole, or without keys.</summary>
    public Manifest? Whole => _opened is null ? (Builder!.IsComplete ? Builder.Build() : null) : HasKeys ? _opened : null;

    /// <summary>A stream; null if there is none of this number.</summary>
    public ManifestStream? FindStream(uint index)
    {
        if (index >= (uint)StreamCount)
            return null;
        return _opened is null ? Builder!.GetStream((int)index) : _opened.Streams[(int)index];
    }

    /// <summary>How many data blobs a stream has before a stripe that is there. Remembered, so that a walk over all is linear.</summary>
    public int CountBlobsBefore(uint streamIndex, ManifestStream stream, uint stripeIndex)
    {
        List<int> known = _firstBlobs[streamIndex];
        for (int i = known.Count; i <= stripeIndex; i++)
            known.Add(i == 0 ? 0 : known[i - 1] + stream.Nodes[i - 1].DataShards);
        return known[(int)stripeIndex];
    }

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        IsDisposed = true;
        Builder?.Dispose();
        foreach (ManifestStream stream in _opened?.Streams ?? [])
        {
            if (MemoryMarshal.TryGetArray(stream.Keys, out ArraySegment<byte> keys))
                CryptographicOperations.ZeroMemory(keys);
        }
    }
}
