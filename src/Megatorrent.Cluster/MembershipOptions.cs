namespace Megatorrent.Cluster;

/// <summary>Timings and limits of the failure detector. All times in milliseconds.</summary>
public sealed record MembershipOptions
{
    /// <summary>Between two pings to members in turn. Default 1 s: six nodes see every other within 5 s.</summary>
    public int PeriodMs { get; init; } = 1000;

    /// <summary>How long a ping may take before others are asked. Default 1 s: far above a loaded machine's scheduling delays.</summary>
    public int PingTimeoutMs { get; init; } = 1000;

    /// <summary>How long the members asked to probe have for an answer. Default 1.5 s: their own ping and two ways of network.</summary>
    public int ProbeTimeoutMs { get; init; } = 1500;

    /// <summary>Members that are asked to probe one that did not answer. Default 3.</summary>
    public int ProbeHelpers { get; init; } = 3;

    /// <summary>How long a suspect may take to refute before it is dead. Default 5 s.</summary>
    public int SuspectTimeoutMs { get; init; } = 5000;

    /// <summary>Between two attempts to reach one of the dead, which heals partitions. Default 5 s.</summary>
    public int ReconnectPeriodMs { get; init; } = 5000;

    /// <summary>After this long a dead member is forgotten, with its place among the failure domains. Default 24 h.</summary>
    public long ForgetDeadAfterMs { get; init; } = 24L * 60 * 60 * 1000;

    /// <summary>The longest pause between two attempts to join; the first is <see cref="PeriodMs"/>, doubling. Default 30 s.</summary>
    public int JoinBackOffMaxMs { get; init; } = 30_000;

    /// <summary>Members a node believes in; further ones are refused. Default 1024: the embedded coordinator is for small groups.</summary>
    public int MaxMembers { get; init; } = 1024;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time or count is not positive.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PeriodMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PingTimeoutMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ProbeTimeoutMs);
        ArgumentOutOfRangeException.ThrowIfNegative(ProbeHelpers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SuspectTimeoutMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReconnectPeriodMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ForgetDeadAfterMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(JoinBackOffMaxMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxMembers);
    }
}
