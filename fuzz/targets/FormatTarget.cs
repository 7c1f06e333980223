namespace Megatorrent.Fuzz.Targets;

/// <summary>A target of one format.</summary>
internal abstract class FormatTarget(string name, Format format) : FuzzTarget(name)
{
    /// <inheritdoc/>
    protected override void Run(ReadOnlySpan<byte> input) => format.Check(input);
}
