namespace Megatorrent.Cluster;

/// <summary>The last scrub of a node's store.</summary>
public sealed record ScrubStatus
{
    /// <summary>When it ended, milliseconds of Unix time; 0 when there was none.</summary>
    public long EndedUnixMs { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public long DurationMs { get; init; }

    /// <summary>Blobs re-hashed, and descriptors.</summary>
    public long Checked { get; init; }

    /// <summary>Of these, found damaged and dropped, for repair to bring back.</summary>
    public long Bad { get; init; }

    /// <summary>Bytes read.</summary>
    public long BytesChecked { get; init; }

    /// <summary>Whether one is running.</summary>
    public bool Running { get; init; }

    internal StatusNumbers ToNumbers() => new()
    {
        ["bad"] = Bad,
        ["bytes"] = BytesChecked,
        ["checked"] = Checked,
        ["duration"] = DurationMs,
        ["ended"] = EndedUnixMs,
        ["running"] = Running ? 1 : 0,
    };

    internal static ScrubStatus FromNumbers(StatusNumbers numbers) => new()
    {
        Bad = numbers["bad"],
        BytesChecked = numbers["bytes"],
        Checked = numbers["checked"],
        DurationMs = numbers["duration"],
        EndedUnixMs = numbers["ended"],
        Running = numbers["running"] != 0,
    };
}
