namespace Megatorrent.Bench.Growth;

/// <summary>A diagram.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="XName">What it grows with, and its unit; the axis is logarithmic.</param>
/// <param name="YName">The figure's unit; the axis begins at 0.</param>
/// <param name="Lines">The lines.</param>
internal sealed record Panel(string Title, string XName, string YName, IReadOnlyList<Series> Lines);
