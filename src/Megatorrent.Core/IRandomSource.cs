namespace Megatorrent.Core;

/// <summary>Where random bytes come from. The product uses <see cref="SystemRandomSource"/>; a simulation, a seeded one.</summary>
public interface IRandomSource
{
    /// <summary>Fills <paramref name="destination"/> with random bytes. Safe to call from many threads.</summary>
    void Fill(Span<byte> destination);
}
