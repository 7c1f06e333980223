using Megatorrent.Bench.Nodes;
using Megatorrent.Bench.Stores;

namespace Megatorrent.Bench.Table;

/// <summary>Every section of the table, in its order.</summary>
internal static class Sections
{
    public static IReadOnlyList<Section> All { get; } =
    [
        StoreSection.Section,
        IndexSection.Section,
        NodeSection.Section,
        ConnectionsSection.Section,
    ];
}
