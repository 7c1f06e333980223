namespace Megatorrent.Bench.Growth;

/// <summary>How a figure grows with something.</summary>
/// <param name="Name">What the line is: "put".</param>
/// <param name="Points">Where, and how much.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);
