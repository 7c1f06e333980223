namespace Megatorrent.Client;

/// <summary>How to get an object.</summary>
public sealed record GetOptions
{
    /// <summary>Whether a file that is already at the destination is replaced. Default: it is an error.</summary>
    public bool Overwrite { get; init; }
}
