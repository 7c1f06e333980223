namespace Megatorrent.Cluster.Audit;

/// <summary>What a scrub does next.</summary>
/// <param name="Segment">The segment to read.</param>
/// <param name="StartsInMs">When, in milliseconds from now; 0 at once.</param>
/// <param name="BytesPerSecond">How fast; 0 for no limit.</param>
internal readonly record struct ScrubStep(uint Segment, long StartsInMs, long BytesPerSecond);
