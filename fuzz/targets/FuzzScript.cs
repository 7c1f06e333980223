namespace Megatorrent.Fuzz.Targets;

/// <summary>An input that is read as a sequence of steps; behind its end there are zeros.</summary>
internal sealed class FuzzScript(byte[] input)
{
    private int _at;

    /// <summary>Whether everything was read.</summary>
    public bool IsAtEnd => _at >= input.Length;

    /// <summary>The next byte.</summary>
    public byte Byte() => IsAtEnd ? (byte)0 : input[_at++];

    /// <summary>The next two bytes as a number.</summary>
    public int Short() => Byte() << 8 | Byte();

    /// <summary>The next bytes, at most so many.</summary>
    public byte[] Bytes(int count)
    {
        byte[] bytes = input.AsSpan(Math.Min(_at, input.Length), Math.Min(count, Math.Max(0, input.Length - _at))).ToArray();
        _at += bytes.Length;
        return bytes;
    }
}
