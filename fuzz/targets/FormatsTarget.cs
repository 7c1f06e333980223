namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// A target of several formats: the first byte of an input says which, counted from the letter <c>A</c>. New formats go to the end, so that
/// the corpus stays what it was.
/// </summary>
internal abstract class FormatsTarget(string name, params Format[] formats) : FuzzTarget(name)
{
    /// <inheritdoc/>
    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length > 0 && input[0] - 'A' is var index && index >= 0 && index < formats.Length)
            formats[index].Check(input[1..]);
    }
}
