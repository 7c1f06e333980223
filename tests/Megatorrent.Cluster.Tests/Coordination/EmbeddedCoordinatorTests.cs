namespace Megatorrent.Cluster.Tests.Coordination;

/// <summary>The contract, kept by the nodes themselves.</summary>
public sealed class EmbeddedCoordinatorTests : CoordinatorContract
{
    protected override bool IsExact => false;

    private protected override NodeOptions Coordinate(NodeOptions options) => options;
}
