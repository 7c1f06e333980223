namespace Megatorrent.Core.Erasure;

/// <summary>A set of shard indices below 256, compared by value.</summary>
internal record struct ShardSet
{
    private ulong _bits0, _bits1, _bits2, _bits3;

    /// <summary>Whether <paramref name="index"/> is in the set.</summary>
    internal readonly bool Contains(int index)
    {
        ulong bits = (index >> 6) switch { 0 => _bits0, 1 => _bits1, 2 => _bits2, _ => _bits3 };
        return (bits >> (index & 63) & 1) != 0;
    }

    /// <summary>Puts <paramref name="index"/> into the set.</summary>
    internal void Add(int index)
    {
        ulong bit = 1ul << (index & 63);
        switch (index >> 6)
        {
            case 0:
                _bits0 |= bit;
                break;
            case 1:
                _bits1 |= bit;
                break;
            case 2:
                _bits2 |= bit;
                break;
            default:
                _bits3 |= bit;
                break;
        }
    }
}
