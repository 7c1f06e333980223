namespace Megatorrent.Cluster;

/// <summary>
/// How repair stands at one node. The stripe counts are those of the last complete cycle and only of the stripes that this node is
/// responsible for: summed over the living nodes, every stripe is counted once.
/// </summary>
public sealed record RepairStatus
{
    /// <summary>Stripes whose descriptor this node holds.</summary>
    public long StripesKnown { get; init; }

    /// <summary>Stripes that this node was responsible for: it is the first living holder in rank order.</summary>
    public long StripesResponsible { get; init; }

    /// <summary>Of these, stripes found with every blob on a living node.</summary>
    public long StripesHealthy { get; init; }

    /// <summary>Stripes with a blob missing that can be restored now.</summary>
    public long StripesEndangered { get; init; }

    /// <summary>
    /// Stripes with a blob missing that waits: for a node within its grace time, or for a node with room in another failure domain.
    /// </summary>
    public long StripesWaiting { get; init; }

    /// <summary>Stripes with fewer blobs on living nodes than it takes to read them; tried again each cycle.</summary>
    public long StripesUnrecoverable { get; init; }

    /// <summary>Stripes being restored at this moment.</summary>
    public long StripesUnderRepair { get; init; }

    /// <summary>Stripes restored since the node started.</summary>
    public long StripesRepairedTotal { get; init; }

    /// <summary>Blobs restored (rebuilt or copied, then stored durably) since the node started.</summary>
    public long BlobsRestoredTotal { get; init; }

    /// <summary>Bytes fetched and stored for repair since the node started.</summary>
    public long BytesMovedTotal { get; init; }

    /// <summary>
    /// Bytes that the restoration which runs has still to move, by what its survey found; 0 when none runs. Each node counts its own.
    /// </summary>
    public long BytesToMove { get; init; }

    /// <summary>Bytes that the restoration which runs has moved.</summary>
    public long BytesDone { get; init; }

    /// <summary>How fast it goes, bytes a second; before anything was moved, as the last one went.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Seconds until it is done at that rate; 0 when none runs, -1 when nothing is known yet.</summary>
    public long SecondsLeft { get; init; }

    /// <summary>Bytes a second that repair may move now, 0 for no limit.</summary>
    public long LimitBytesPerSecond { get; init; }

    /// <summary>Whole stripes that this node was responsible for, of which some blob has more holders than it needs.</summary>
    public long StripesSurplus { get; init; }

    /// <summary>Blobs of this node deleted since it started because others hold them where they belong.</summary>
    public long SurplusRemovedTotal { get; init; }

    /// <summary>Complete cycles since the node started.</summary>
    public long Cycles { get; init; }

    /// <summary>How long the last complete cycle took, in milliseconds.</summary>
    public long CycleMs { get; init; }

    /// <summary>When the last complete cycle began, milliseconds of Unix time; 0 when there was none.</summary>
    public long CycleStartedUnixMs { get; init; }

    /// <summary>Living members that the last complete cycle asked, this node included.</summary>
    public long CycleMembers { get; init; }

    /// <summary>Whether a cycle is running.</summary>
    public bool Running { get; init; }

    /// <summary>
    /// Whether the last complete cycle found every stripe it was responsible for at full strength, and nothing has happened since that
    /// would start another. The evidence is as old as <see cref="CycleStartedUnixMs"/>.
    /// </summary>
    public bool Settled { get; init; }

    internal StatusNumbers ToNumbers() => new()
    {
        ["blobs-restored"] = BlobsRestoredTotal,
        ["bytes-done"] = BytesDone,
        ["bytes-moved"] = BytesMovedTotal,
        ["bytes-to-move"] = BytesToMove,
        ["cycle-members"] = CycleMembers,
        ["cycle-ms"] = CycleMs,
        ["cycle-started"] = CycleStartedUnixMs,
        ["cycles"] = Cycles,
        ["endangered"] = StripesEndangered,
        ["healthy"] = StripesHealthy,
        ["known"] = StripesKnown,
        ["rate"] = BytesPerSecond,
        ["rate-limit"] = LimitBytesPerSecond,
        ["repaired"] = StripesRepairedTotal,
        ["responsible"] = StripesResponsible,
        ["running"] = Running ? 1 : 0,
        ["seconds-left"] = SecondsLeft,
        ["settled"] = Settled ? 1 : 0,
        ["surplus"] = StripesSurplus,
        ["surplus-removed"] = SurplusRemovedTotal,
        ["under-repair"] = StripesUnderRepair,
        ["unrecoverable"] = StripesUnrecoverable,
        ["waiting"] = StripesWaiting,
    };

    internal static RepairStatus FromNumbers(StatusNumbers numbers) => new()
    {
        BlobsRestoredTotal = numbers["blobs-restored"],
        BytesMovedTotal = numbers["bytes-moved"],
        BytesToMove = numbers["bytes-to-move"],
        BytesDone = numbers["bytes-done"],
        BytesPerSecond = numbers["rate"],
        SecondsLeft = numbers["seconds-left"],
        LimitBytesPerSecond = numbers["rate-limit"],
        StripesSurplus = numbers["surplus"],
        SurplusRemovedTotal = numbers["surplus-removed"],
        CycleMembers = numbers["cycle-members"],
        CycleMs = numbers["cycle-ms"],
        CycleStartedUnixMs = numbers["cycle-started"],
        Cycles = numbers["cycles"],
        StripesEndangered = numbers["endangered"],
        StripesHealthy = numbers["healthy"],
        StripesKnown = numbers["known"],
        StripesRepairedTotal = numbers["repaired"],
        StripesResponsible = numbers["responsible"],
        Running = numbers["running"] != 0,
        Settled = numbers["settled"] != 0,
        StripesUnderRepair = numbers["under-repair"],
        StripesUnrecoverable = numbers["unrecoverable"],
        StripesWaiting = numbers["waiting"],
    };
}
