using System.Numerics;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// Content-defined chunk boundaries for deduplicating puts: a gear rolling hash with normalised chunking, as in Xia and others,
/// "FastCDC: a fast and efficient content-defined chunking approach for data deduplication", USENIX ATC 2016.
/// An insertion moves the boundaries near it and no others.
/// </summary>
public static class ContentChunker
{
    /// <summary>No chunk but the last is shorter, in bytes.</summary>
    public const int LengthMin = 256 * 1024;

    /// <summary>Where the chance of a boundary rises, in bytes: near the mean length.</summary>
    public const int LengthTarget = 1024 * 1024;

    /// <summary>No chunk is longer, in bytes.</summary>
    public const int LengthMax = 4 * 1024 * 1024;

    // 20 bits make a boundary every 1 MiB on the mean. Two bits more before the target and two fewer after it pull the lengths together.
    // The gear hash moves a byte's influence upwards, so the high bits depend on the last 64 bytes and the low ones on fewer.
    private const ulong MaskBeforeTarget = ((1ul << 22) - 1) << 42;
    private const ulong MaskAfterTarget = ((1ul << 18) - 1) << 46;

    private static readonly ulong[] Gear = CreateGear();

    /// <summary>
    /// The length of the chunk at the start of <paramref name="window"/>, which holds the next <see cref="LengthMax"/> bytes of the stream, or all
    /// that are left.
    /// </summary>
    public static int NextLength(ReadOnlySpan<byte> window)
    {
        if (window.Length <= LengthMin)
            return window.Length;
        int end = Math.Min(window.Length, LengthMax);
        int target = Math.Min(end, LengthTarget);
        ulong hash = 0;
        int i = LengthMin - 64; // the hash forgets what is older than 64 bytes
        for (; i < LengthMin; i++)
            hash = (hash << 1) + Gear[window[i]];
        for (; i < target; i++)
        {
            hash = (hash << 1) + Gear[window[i]];
            if ((hash & MaskBeforeTarget) == 0)
                return i + 1;
        }

        for (; i < end; i++)
        {
            hash = (hash << 1) + Gear[window[i]];
            if ((hash & MaskAfterTarget) == 0)
                return i + 1;
        }

        return end;
    }

    // Any table of well-mixed words serves; it must never change, or old and new puts stop sharing chunks. SplitMix64 from a fixed state.
    private static ulong[] CreateGear()
    {
        var table = new ulong[256];
        ulong state = 0x6D65676174727274; // "megatrrt"
        for (int i = 0; i < table.Length; i++)
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            table[i] = BitOperations.RotateLeft(z ^ (z >> 31), 7);
        }

        return table;
    }
}
