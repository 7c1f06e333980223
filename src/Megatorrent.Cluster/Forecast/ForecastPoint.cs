namespace Megatorrent.Cluster.Forecast;

/// <summary>A forecast of one hour with its 95 % prediction interval.</summary>
/// <param name="Hours">How far ahead.</param>
/// <param name="Mean">What is expected.</param>
/// <param name="Low">The lower end, at least 0.</param>
/// <param name="High">The upper end.</param>
public readonly record struct ForecastPoint(int Hours, long Mean, long Low, long High);
