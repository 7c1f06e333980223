namespace Megatorrent.Bench.Files;

/// <summary>How long a program took.</summary>
/// <param name="Seconds">By the clock on the wall.</param>
/// <param name="Processor">Processor seconds, those of the nodes that it worked with included.</param>
internal readonly record struct RunTime(double Seconds, double Processor);
