namespace Megatorrent.Abi.Suite.Checks;

/// <summary>tests/vectors/behaviours.json, for C#.</summary>
internal static class BehaviourList
{
    private const string Language = "C#";

    /// <summary>The ids that this suite must show, in their order, and whether each needs a cluster.</summary>
    public static IReadOnlyList<(string Id, bool NeedsCluster)> Read(VectorFolder vectors) =>
    [
        .. vectors.Read("behaviours.json").Items("behaviours")
            .Where(item => item.Items("languages").Any(language => language.GetString() == Language))
            .Select(item => (item.Text("id"), item.Flag("cluster"))),
    ];
}
