namespace Megatorrent.Bench.Table;

/// <summary>Every section of the table, in its order.</summary>
internal static class Sections
{
    public static IReadOnlyList<Section> All { get; } =
    [
        new("transfer", "node to node: rate and processor time beside libtorrent", Transfer.TransferSection.Measure),
        new("put", "putting a file into six nodes beside `restic backup` and `dd`", Files.FileSections.Put),
        new("get", "getting a file from six nodes, and from four of them, beside `restic restore`", Files.FileSections.Get),
        new("growth", "how cost grows with file size, stripe width, nodes and blobs; draws bench/results/growth.svg", Growth.GrowthSection.Measure),
    ];
}
