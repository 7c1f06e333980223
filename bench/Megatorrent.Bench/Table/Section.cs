namespace Megatorrent.Bench.Table;

/// <summary>A part of the table that can be run alone.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Summary">What it measures, in one line.</param>
/// <param name="Measure">
/// Measures, and gives a row at a time. Before it measures a path it checks that the path's results are right, and throws
/// <see cref="InvalidOperationException"/>, with a text for people, when they are not or when something that it needs is missing.
/// </param>
internal sealed record Section(string Name, string Summary, Func<BenchContext, IEnumerable<Row>> Measure);
