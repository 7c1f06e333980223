namespace Megatorrent.Simulation.Clusters;

/// <summary>How a node lies.</summary>
[Flags]
internal enum Lies
{
    None = 0,

    /// <summary>Answers gets with wrong bytes.</summary>
    WrongBytes = 1,

    /// <summary>Says that it holds blobs which it lacks.</summary>
    Claims = 2,

    /// <summary>Acknowledges stores and drops them.</summary>
    Drops = 4,
}
