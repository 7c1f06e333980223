namespace Megatorrent.Bench.Table;

/// <summary>What a section measures with, and how thoroughly.</summary>
internal sealed class BenchContext
{
    /// <summary>How thoroughly.</summary>
    public required Pace Pace { get; init; }

    /// <summary>Rounds of each contender, interleaved.</summary>
    public required int Rounds { get; init; }

    /// <summary>A folder for whatever is written, on the disk that is measured; exists, and is deleted afterwards.</summary>
    public required string Folder { get; init; }

    /// <summary>The checkout.</summary>
    public required string Root { get; init; }

    /// <summary>Where the build tool puts what it compiles from <c>bench/peers</c>.</summary>
    public string Peers => Path.Combine(Root, "artifacts", "bench");

    /// <summary>The published binary.</summary>
    public string Binary => Path.Combine(Root, "artifacts", "bin", "megatorrent");

    /// <summary>Picks a size by the pace.</summary>
    public T Pick<T>(T full, T quick, T check) => Pace switch
    {
        Pace.Full => full,
        Pace.Quick => quick,
        _ => check,
    };

    /// <summary>Tells people how far it is.</summary>
    public void Say(string what) => Console.Error.WriteLine($"  {what}");
}
