using Megatorrent.Bench.Files;
using Megatorrent.Bench.Growth;
using Megatorrent.Bench.Kernels;
using Megatorrent.Bench.Nodes;
using Megatorrent.Bench.Stores;
using Megatorrent.Bench.Transfer;
using Megatorrent.Bench.Transport;

namespace Megatorrent.Bench.Table;

/// <summary>Every section of the table, in its order.</summary>
internal static class Sections
{
    public static IReadOnlyList<Section> All { get; } =
    [
        ErasureSection.Section,
        CipherSection.Section,
        Sha256Section.Section,
        PipelineSection.Section,
        PiecesSection.Section,
        StoreSection.Section,
        IndexSection.Section,
        TransportBench.Section,
        TransferSection.Section,
        FileSections.PutSection,
        FileSections.GetSection,
        NodeSection.Section,
        ConnectionsSection.Section,
        GrowthSection.Section,
    ];
}
