namespace Megatorrent.Cluster.Forecast;

/// <summary>What was measured in one stretch of time.</summary>
/// <param name="StartMs">When it began, milliseconds of Unix time, a multiple of the stretch.</param>
/// <param name="UsedBytes">Bytes that the store took at its end.</param>
/// <param name="ForegroundBytes">Bytes that clients read and wrote in it.</param>
/// <param name="Damage">Records found damaged in it.</param>
internal readonly record struct ForecastSample(long StartMs, long UsedBytes, long ForegroundBytes, long Damage);
