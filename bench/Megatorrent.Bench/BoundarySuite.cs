namespace Megatorrent.Bench;

/// <summary>A suite that measures: the program of <c>tests/abi/README.md</c> in one language.</summary>
/// <param name="Name">The language.</param>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its first arguments.</param>
/// <param name="Environment">What it needs in its environment beside the variables of the cluster.</param>
internal sealed record BoundarySuite(string Name, string Program, string[] Arguments, Dictionary<string, string> Environment);
