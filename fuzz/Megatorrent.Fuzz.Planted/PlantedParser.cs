using System.Buffers.Binary;

namespace Megatorrent.Fuzz.Planted;

/// <summary>Stands for a parser with a magic value and a mark, and a bug behind both.</summary>
public static class PlantedParser
{
    private const uint Magic = 0x9c3a_51e7;

    private static ReadOnlySpan<byte> Mark => "stripe"u8;

    /// <summary>Reads four bytes that nobody writes by chance (one input in four thousand million), then six more.</summary>
    /// <exception cref="NullReferenceException">The bug.</exception>
    public static int Parse(ReadOnlySpan<byte> input)
    {
        if (input.Length < 10 || BinaryPrimitives.ReadUInt32LittleEndian(input) != Magic)
            return 0;
        string? text = input.Slice(4, 6).SequenceEqual(Mark) ? null : "none";
        return text!.Length;
    }
}
