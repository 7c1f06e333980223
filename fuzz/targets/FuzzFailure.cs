namespace Megatorrent.Fuzz.Targets;

/// <summary>A property that an input breaks.</summary>
internal sealed class FuzzFailure(string message) : Exception(message)
{
    /// <summary>Throws unless the property holds.</summary>
    public static void Unless(bool holds, string fault)
    {
        if (!holds)
            throw new FuzzFailure(fault);
    }

    /// <summary>Throws unless both are the same bytes.</summary>
    public static void UnlessSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found, string what)
    {
        if (!expected.SequenceEqual(found))
        {
            int at = expected.CommonPrefixLength(found);
            throw new FuzzFailure($"{what}: {expected.Length} bytes became {found.Length}, different at {at}");
        }
    }
}
