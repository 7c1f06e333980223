namespace Megatorrent.Cli.Json;

// What scripts read. Names are frozen by a test; new members may be added, none may change its meaning. Sizes are bytes, times seconds.

/// <summary>Any command that failed.</summary>
internal sealed record ErrorDocument(ErrorDetail Error);

/// <summary>Why: the kind as the library names it, the line that standard error got, the exit code.</summary>
internal sealed record ErrorDetail(string Kind, string Message, int ExitCode);

/// <summary><c>put</c>.</summary>
internal sealed record PutDocument(
    string Capability, string VerifyCapability, long Bytes, long StoredBytes, int Stripes, int IncompleteStripes, int MissingBlobs,
    int BlobsStored, int BlobsReused, double Seconds);

/// <summary><c>get</c>.</summary>
internal sealed record GetDocument(string Path, long Bytes, long BytesResumed, int BlobsRebuilt, int BadBlobs, double Seconds);

/// <summary><c>cat</c>; goes to standard error, since standard output is the file.</summary>
internal sealed record CatDocument(long Bytes, double Seconds);

/// <summary><c>ls</c>.</summary>
internal sealed record ListDocument(string Kind, string? Name, long Bytes, IReadOnlyList<ListEntry> Entries);

/// <summary>One entry of a directory; <paramref name="Mode"/> in octal digits as in <c>chmod</c>.</summary>
internal sealed record ListEntry(string Path, string Kind, long Bytes, string? Mode, DateTimeOffset? Modified, string? Target);

/// <summary><c>verify</c>.</summary>
internal sealed record VerifyDocument(
    bool Healthy, bool Recoverable, int Stripes, int HealthyStripes, int Blobs, int GoodBlobs, int MissingBlobs, int LowestMargin,
    IReadOnlyList<BadBlobEntry> BadBlobs, double Seconds);

/// <summary>A blob that a node answered wrongly.</summary>
internal sealed record BadBlobEntry(string Cid, string Node, string Endpoint, string Stripe, string Problem);

/// <summary>
/// <c>health</c>; <paramref name="OldestSeconds"/> and <paramref name="WholeAt"/> are absent where some blob has no evidence at all.
/// </summary>
internal sealed record HealthDocument(
    string State, int Stripes, int HealthyStripes, int UnknownStripes, int DegradedStripes, int UnreadableStripes, int Blobs, int FreshBlobs,
    int HeldBlobs, int AuditedBlobs, double? OldestSeconds, DateTimeOffset? WholeAt, int SilentNodes, IReadOnlyList<StripeHealthEntry> Worst,
    double Seconds);

/// <summary>A stripe that is not healthy.</summary>
internal sealed record StripeHealthEntry(
    string Stripe, string State, int Blobs, int FreshBlobs, int HeldBlobs, int AuditedBlobs, double? OldestSeconds);

/// <summary><c>repair</c>.</summary>
internal sealed record RepairDocument(
    int Stripes, int StripesRepaired, int BlobsRestored, int StillMissing, int Unrecoverable, double Seconds);

/// <summary><c>keep</c> and <c>forget</c>; <paramref name="Expires"/> is absent where the object is kept for ever.</summary>
internal sealed record KeepDocument(bool Kept, DateTimeOffset? Expires, int Stripes, int Confirmed, double Seconds);

/// <summary><c>leases</c>; <paramref name="Kept"/> where one of them lives.</summary>
internal sealed record LeasesDocument(bool Kept, IReadOnlyList<LeaseEntry> Leases);

/// <summary>One owner's lease; <paramref name="Expires"/> is absent where it never ends.</summary>
internal sealed record LeaseEntry(string Owner, bool Mine, bool Living, DateTimeOffset? Expires, int Holders);

/// <summary><c>scrub</c>; records are blobs and stripe descriptors.</summary>
internal sealed record ScrubDocument(
    string Data, long Records, long Bytes, IReadOnlyList<string> BadBlobs, IReadOnlyList<string> BadDescriptors, double Seconds);

/// <summary><c>invite</c>.</summary>
internal sealed record InviteDocument(string Invitation, string Role, DateTimeOffset Expires, IReadOnlyList<string> Endpoints);

/// <summary><c>join</c>.</summary>
internal sealed record JoinDocument(
    string Credential, string Role, string Cluster, DateTimeOffset Expires, IReadOnlyList<string> Endpoints);

/// <summary><c>status</c> and <c>cluster status</c>; <paramref name="Healthy"/> where all live and each has settled its repair.</summary>
internal sealed record StatusDocument(string Cluster, bool Healthy, int Alive, int Known, IReadOnlyList<StatusNode> Nodes);

/// <summary>One node; what only the node itself can say is absent where it did not answer.</summary>
internal sealed record StatusNode(string Id, string State, string Endpoint, string Domain)
{
    /// <summary>Its process, where it is of a cluster on this machine.</summary>
    public int? Pid { get; init; }

    /// <summary>Version of its program.</summary>
    public string? Version { get; init; }

    /// <summary>What moves its bytes over the network: io_uring or portable.</summary>
    public string? Transport { get; init; }

    /// <summary>Bytes that its store may take.</summary>
    public long? CapacityBytes { get; init; }

    /// <summary>Bytes that its store takes.</summary>
    public long? UsedBytes { get; init; }

    /// <summary>Bytes of them that are blobs and descriptors which can be read, with their headers; the rest is reclaimed by compaction.</summary>
    public long? LiveBytes { get; init; }

    /// <summary>Blobs it holds.</summary>
    public long? Blobs { get; init; }

    /// <summary>Stripes it holds a blob of.</summary>
    public long? Stripes { get; init; }

    /// <summary>How it is with repair.</summary>
    public StatusRepair? Repair { get; init; }

    /// <summary>When its last scrub ended.</summary>
    public DateTimeOffset? LastScrub { get; init; }

    /// <summary>Numbers of its further services, by the service's name and the number's.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>>? Services { get; init; }

    /// <summary>Why it did not answer.</summary>
    public string? Problem { get; init; }
}

/// <summary>
/// How a node is with repair. Counts of stripes are those it is responsible for, so that sums over the nodes count each once;
/// <paramref name="BytesToMove"/> and what follows are of the restoration that runs, <paramref name="SecondsLeft"/> -1 where nothing is
/// known;
/// <paramref name="Settled"/> where the last look found every one of them whole and nothing has happened since.
/// </summary>
internal sealed record StatusRepair(
    bool Settled, bool Running, long Healthy, long Endangered, long Waiting, long Unrecoverable, long UnderRepair, long RepairedTotal,
    long BlobsRestoredTotal, long BytesMovedTotal, long BytesToMove, long BytesDone, long BytesPerSecond, long SecondsLeft,
    long LimitBytesPerSecond, long SurplusStripes, long SurplusRemovedTotal);

/// <summary>
/// <c>cluster layout</c>; <paramref name="Changeable"/> where the coordinator answers, so that the layout can be changed.
/// </summary>
internal sealed record LayoutDocument(
    string Cluster, long Epoch, DateTimeOffset? Decided, string Coordinator, bool Changeable, IReadOnlyList<LayoutNodeEntry> Nodes);

/// <summary>One node of a layout; what only a member has is absent where it is none.</summary>
internal sealed record LayoutNodeEntry(string Id, string Mode)
{
    /// <summary>Whether it lives; "unknown" for one that is no member.</summary>
    public string? State { get; init; }

    /// <summary>Where it listens.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Its failure domain.</summary>
    public string? Domain { get; init; }

    /// <summary>Its share of the data relative to others.</summary>
    public long? Weight { get; init; }

    /// <summary>The node whose place it took.</summary>
    public string? Place { get; init; }

    /// <summary>While it drains: blobs that depend on it.</summary>
    public long? BlobsLeft { get; init; }

    /// <summary>While it drains: whether nothing depends on it any more.</summary>
    public bool? Drained { get; init; }
}

/// <summary><c>cluster drain</c>, <c>undrain</c>, <c>remove</c>, <c>replace</c> and <c>weight</c>.</summary>
internal sealed record LayoutChangeDocument(long Epoch, IReadOnlyList<LayoutNodeEntry> Nodes);

/// <summary><c>cluster down</c>.</summary>
internal sealed record ClusterDownDocument(string Data, int Stopped, int Killed, int NotRunning);

/// <summary>What <c>node --json</c> prints once it serves.</summary>
internal sealed record NodeReadyDocument(string Id, int Pid, string Listen, string Data, string Domain);

/// <summary><c>demo</c>.</summary>
internal sealed record DemoDocument(bool Held, double Seconds, string? Kept, string? Capability, IReadOnlyList<DemoStep> Steps);

/// <summary>One step of the demo.</summary>
internal sealed record DemoStep(string Step, bool Held, string Result, double Seconds, long? Bytes);

/// <summary><c>version</c>.</summary>
internal sealed record VersionDocument(string Version, string? Commit, string Cipher, string Erasure, string Runtime, string Platform);
