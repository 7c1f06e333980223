namespace Megatorrent.Cluster.Forecast.Numerics;

/// <summary>How long something lived, or has lived so far.</summary>
/// <param name="Age">Its age at the end or now, in any unit, above 0.</param>
/// <param name="Failed">Whether it failed at that age; false: it was still alive (censored).</param>
/// <param name="Weight">How many such observations it stands for.</param>
internal readonly record struct Lifetime(double Age, bool Failed, double Weight = 1);
