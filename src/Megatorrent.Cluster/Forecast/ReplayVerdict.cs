namespace Megatorrent.Cluster.Forecast;

/// <summary>What came of making a logged decision again.</summary>
public enum ReplayVerdict
{
    /// <summary>The same forecast, the same decision.</summary>
    Equal,

    /// <summary>The same inputs and history, but another forecast or decision: the program has changed, or the log was.</summary>
    Different,

    /// <summary>The history that it was made of is no longer there as it was.</summary>
    HistoryGone,
}
