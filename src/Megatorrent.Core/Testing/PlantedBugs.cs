using System.Diagnostics.CodeAnalysis;

namespace Megatorrent.Core.Testing;

/// <summary>
/// The switch behind which defects are planted, so that a test can show that it would find them. Off unless the program's configuration
/// sets <c>Megatorrent.PlantedBugs</c>, which only the simulator's does; where it is off the compilers remove the planted code. Set before
/// anything else runs; not to be changed while simulations run.
/// </summary>
public static class PlantedBugs
{
    /// <summary>Whether this program may have planted defects at all.</summary>
    [FeatureSwitchDefinition("Megatorrent.PlantedBugs")]
    public static bool AreAllowed { get; } = AppContext.TryGetSwitch("Megatorrent.PlantedBugs", out bool on) && on;

    /// <summary>The one that is active.</summary>
    public static PlantedBug Active { get; set; }

    /// <summary>Whether a defect is to show itself.</summary>
    /// <param name="bug">Which.</param>
    public static bool Has(PlantedBug bug) => AreAllowed && Active == bug;
}
