using Megatorrent.Core;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Chance that is always the same, so that an input does the same every time.</summary>
internal sealed class ConstantRandom : IRandomSource
{
    /// <summary>The one instance.</summary>
    public static ConstantRandom Instance { get; } = new();

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => destination.Fill(0x5a);
}
