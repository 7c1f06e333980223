namespace Megatorrent.Cluster.Repair;

/// <summary>What one complete cycle found and did.</summary>
internal sealed class CycleResult
{
    /// <summary>When it began, on the node's clock.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>Living members, this node included.</summary>
    public int Members { get; set; }

    /// <summary>Descriptors that this node holds.</summary>
    public int Known { get; set; }

    /// <summary>Stripes that this node was responsible for.</summary>
    public int Responsible { get; set; }

    /// <summary>Of these, at full strength when surveyed.</summary>
    public int Healthy { get; set; }

    /// <summary>Of these, with something to restore.</summary>
    public int Endangered { get; set; }

    /// <summary>Of these, waiting.</summary>
    public int Waiting { get; set; }

    /// <summary>Of these, lost for now.</summary>
    public int Unrecoverable { get; set; }

    /// <summary>Stripes left alone because a client is storing them just now.</summary>
    public int Young { get; set; }

    /// <summary>Stripes with a domain over its quota that could be spread.</summary>
    public int Crowded { get; set; }

    /// <summary>Blobs put where they belong.</summary>
    public int BlobsRestored { get; set; }

    /// <summary>Descriptors put beside blobs that lacked them.</summary>
    public int DescriptorsRestored { get; set; }

    /// <summary>Whole stripes of which some blob has more holders than it needs.</summary>
    public int Surplus { get; set; }

    /// <summary>Blobs of this node that were deleted because others hold them where they belong.</summary>
    public int SurplusRemoved { get; set; }

    /// <summary>Blobs that should have been restored and were not.</summary>
    public int Failed { get; set; }

    /// <summary>Living members that did not answer.</summary>
    public int Unreachable { get; set; }

    /// <summary>More stripes needed work than a cycle takes on.</summary>
    public bool Overflow { get; set; }

    /// <summary>Whether everything was found at full strength, with everybody answering.</summary>
    public bool FoundAllWell =>
        Healthy == Responsible && Crowded == 0 && DescriptorsRestored == 0 && Failed == 0 && Unreachable == 0 && Young == 0 && !Overflow;

    /// <summary>Whether the same cycle should be run again soon: it changed something, or could not do what it should.</summary>
    public bool WantsAnother => MadeHeadway || Endangered > 0 || Crowded > 0 || Failed > 0 || Unreachable > 0 || Overflow;

    /// <summary>Whether it made headway, so that the next need not be held back.</summary>
    public bool MadeHeadway => BlobsRestored > 0 || DescriptorsRestored > 0;
}
