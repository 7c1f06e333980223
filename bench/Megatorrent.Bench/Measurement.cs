namespace Megatorrent.Bench;

/// <summary>One run of a program.</summary>
/// <param name="Wall">By the clock on the wall.</param>
/// <param name="Processor">Processor time, user and system.</param>
/// <param name="Output">What it printed.</param>
internal readonly record struct Measurement(TimeSpan Wall, TimeSpan Processor, string Output);
