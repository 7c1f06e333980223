namespace Megatorrent.Cluster.Forecast.Numerics;

/// <summary>A step of a survival curve.</summary>
/// <param name="Age">At which age somebody failed.</param>
/// <param name="AtRisk">How many had reached it.</param>
/// <param name="Failed">How many failed at it.</param>
/// <param name="Survival">The probability to live past it.</param>
/// <param name="Deviation">The standard deviation of <paramref name="Survival"/>, by Greenwood.</param>
internal readonly record struct SurvivalStep(double Age, double AtRisk, double Failed, double Survival, double Deviation);
