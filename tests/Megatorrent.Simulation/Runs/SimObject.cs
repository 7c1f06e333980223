using Megatorrent.Core.Manifests;

namespace Megatorrent.Simulation.Runs;

/// <summary>An object that was acknowledged: what it must read back as, and where its parts should be.</summary>
internal sealed class SimObject(int number, Capability capability, byte[] content)
{
    public int Number { get; } = number;

    public Capability Capability { get; } = capability;

    public byte[] Content { get; } = content;

    /// <summary>Its stripes, the manifest's first; null until a node gave the manifest.</summary>
    public StripeDescriptor[]? Stripes { get; set; }
}
