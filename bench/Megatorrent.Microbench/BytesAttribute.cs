namespace Megatorrent.Microbench;

/// <summary>How many bytes one call of a benchmark works on.</summary>
/// <param name="count">Bytes.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BytesAttribute(long count) : Attribute
{
    /// <summary>Bytes.</summary>
    public long Count { get; } = count;
}
