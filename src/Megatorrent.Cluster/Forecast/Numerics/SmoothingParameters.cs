namespace Megatorrent.Cluster.Forecast.Numerics;

/// <summary>
/// How fast each part of a <see cref="HoltWinters"/> model follows its errors, in the error-correction form: each part moves by its
/// parameter times the one-step error.
/// </summary>
/// <param name="Alpha">Of the level, 0 to 1.</param>
/// <param name="Beta">Of the trend, 0 to <paramref name="Alpha"/>; αβ* of the book's component form.</param>
/// <param name="Gamma">Of the first season, 0 to 1−α.</param>
/// <param name="Delta">Of the second season, 0 to 1−α.</param>
internal readonly record struct SmoothingParameters(double Alpha, double Beta, double Gamma, double Delta = 0);
