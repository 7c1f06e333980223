using Megatorrent.Fuzz.Planted;

namespace Megatorrent.Fuzz.Targets;

/// <summary>The planted bug. It must be found within a minute, or the instrumentation is broken.</summary>
internal sealed class PlantedTarget() : FuzzTarget("planted")
{
    public override bool IsLeftOut => true;

    protected override void Run(ReadOnlySpan<byte> input) => PlantedParser.Parse(input);
}
