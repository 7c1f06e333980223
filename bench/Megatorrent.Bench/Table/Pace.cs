namespace Megatorrent.Bench.Table;

/// <summary>How thoroughly the table is measured.</summary>
internal enum Pace
{
    /// <summary>The sizes that the table promises.</summary>
    Full,

    /// <summary>Small sizes and few rounds: about two minutes in all.</summary>
    Quick,

    /// <summary>The least that runs every path and checks its results; the figures mean nothing.</summary>
    Check,
}
