namespace Megatorrent.Abi.Suite.Checks;

/// <summary>The one generator of all vector files, which every language has in a few lines; tests/vectors/erasure.json describes it.</summary>
internal sealed class Pattern(uint seed)
{
    private uint _state = seed;

    /// <summary>The first <paramref name="length"/> bytes of a pattern.</summary>
    public static byte[] Of(uint seed, int length)
    {
        var bytes = new byte[length];
        new Pattern(seed).Fill(bytes);
        return bytes;
    }

    /// <summary>Bytes that shrink: byte i is i mod <paramref name="period"/>.</summary>
    public static byte[] Periodic(int period, int length)
    {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)(i % period);
        return bytes;
    }

    /// <summary>The next byte.</summary>
    public byte Next()
    {
        _state = unchecked((_state * 1664525) + 1013904223);
        return (byte)(_state >> 24);
    }

    /// <summary>The next bytes.</summary>
    public void Fill(Span<byte> destination)
    {
        foreach (ref byte value in destination)
            value = Next();
    }

    /// <summary>A number from 0 to <paramref name="limit"/> - 1, of the next four bytes, first byte highest.</summary>
    public int Below(int limit)
    {
        uint value = 0;
        for (int i = 0; i < 4; i++)
            value = (value << 8) | Next();
        return (int)(value % (uint)limit);
    }
}
