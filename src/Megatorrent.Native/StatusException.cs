namespace Megatorrent.Native;

/// <summary>An expected failure of the interface itself, for which the inner houses have no kind of error.</summary>
internal sealed class StatusException(Status status, string detail) : Exception(detail)
{
    /// <summary>What the call returns.</summary>
    public Status Status { get; } = status;
}
