namespace Megatorrent.Fuzz.Targets;

/// <summary>A format that is only read here: who writes it has more at hand than what was read.</summary>
/// <param name="decode">Reads it.</param>
internal sealed class ReadFormat<T>(Decoder<T> decode) : Format
{
    /// <inheritdoc/>
    public override void Check(ReadOnlySpan<byte> input) => decode(input);
}
