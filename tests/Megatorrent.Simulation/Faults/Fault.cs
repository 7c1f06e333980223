using System.Globalization;

namespace Megatorrent.Simulation.Faults;

/// <summary>One fault of a plan. Its numbers are turned into machines when it happens, so that a plan may lose any of its faults.</summary>
internal sealed record Fault(int Number, TimeSpan At, FaultKind Kind, int First, int Second, TimeSpan For)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"#{Number} at {At.TotalSeconds:0.000} s: {Kind} ({First}, {Second}) for {For.TotalSeconds:0.0} s");
}
