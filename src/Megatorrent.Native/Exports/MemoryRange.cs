namespace Megatorrent.Native.Exports;

/// <summary>Memory of the caller under the name that the header gives it, for <see cref="Guard.Apart"/>.</summary>
/// <param name="name">The parameter.</param>
/// <param name="start">The first byte; anything, NULL too, where the length is 0.</param>
/// <param name="length">Bytes.</param>
internal readonly unsafe struct MemoryRange(string name, void* start, nuint length)
{
    /// <summary>The parameter.</summary>
    public string Name { get; } = name;

    /// <summary>Whether both have a byte in common.</summary>
    public bool Overlaps(MemoryRange other) => Guard.Overlap(start, length, other.Start, other.Length);

    private void* Start => start;

    private nuint Length => length;
}
