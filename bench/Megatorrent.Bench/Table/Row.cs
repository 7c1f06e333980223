namespace Megatorrent.Bench.Table;

/// <summary>One line of the performance table: a figure of ours, and the peer's from the same run.</summary>
internal sealed record Row
{
    /// <summary>What was measured, with its sizes: "encode 10+4, 64 KiB shards".</summary>
    public required string What { get; init; }

    /// <summary>What the figures are in: "GB/s", "s", "KiB".</summary>
    public required string Unit { get; init; }

    /// <summary>Our figure, a median.</summary>
    public required double Ours { get; init; }

    /// <summary>Who the peer is: "ISA-L"; empty where the figure is held against a limit only.</summary>
    public string Peer { get; init; } = "";

    /// <summary>The peer's figure, a median of the same rounds; null without a peer.</summary>
    public double? Theirs { get; init; }

    /// <summary>What is to be reached: a ratio where there is a peer, else a figure; null where nothing was promised.</summary>
    public double? Wanted { get; init; }

    /// <summary>Whether a smaller figure is the better one: seconds, bytes.</summary>
    public bool SmallerIsBetter { get; init; }

    /// <summary>What the reader has to know: that this processor lacks an instruction set, what else was measured beside it.</summary>
    public string Note { get; init; } = "";

    /// <summary>How many times better than the peer; null without one.</summary>
    public double? Ratio => Theirs is { } theirs ? SmallerIsBetter ? theirs / Ours : Ours / theirs : null;

    /// <summary>Whether what was wanted was reached; null where nothing was promised.</summary>
    public bool? Reached => Wanted is not { } wanted ? null
        : Ratio is { } ratio ? ratio >= wanted
        : SmallerIsBetter ? Ours <= wanted : Ours >= wanted;
}
