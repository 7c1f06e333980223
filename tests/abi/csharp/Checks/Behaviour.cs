namespace Megatorrent.Abi.Suite.Checks;

/// <summary>One behaviour of tests/vectors/behaviours.json and the code that shows it.</summary>
/// <param name="Id">Its id in the list.</param>
/// <param name="ShowAsync">Returns when it was seen, throws when not.</param>
internal sealed record Behaviour(string Id, Func<VectorFolder, Task> ShowAsync)
{
    /// <summary>A behaviour that waits for nothing.</summary>
    public static Behaviour Of(string id, Action<VectorFolder> show) => new(id, vectors =>
    {
        show(vectors);
        return Task.CompletedTask;
    });
}
