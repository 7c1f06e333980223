using Megatorrent.Core;

namespace Megatorrent.Bench;

/// <summary>Draws from distributions, the same for the same seed.</summary>
internal sealed class Chance(ulong seed)
{
    private readonly SeededRandomSource _source = new(seed);

    public SeededRandomSource Source => _source;

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + (high - low) * _source.NextDouble();

    public bool Happens(double probability) => _source.NextDouble() < probability;

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - _source.NextDouble())) * Math.Cos(2 * Math.PI * _source.NextDouble());

    /// <summary>Weibull by its quantile function.</summary>
    public double Weibull(double shape, double scale) => scale * Math.Pow(-Math.Log(1 - _source.NextDouble()), 1 / shape);
}
