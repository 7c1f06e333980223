using Megatorrent.Network.Health;

namespace Megatorrent.Client;

/// <summary>
/// After how long an answer is late: the 95th percentile of what that node took lately, within bounds (Dean and Barroso, "The Tail at
/// Scale", CACM 56(2), 2013, "hedged requests").
/// </summary>
internal static class HedgePolicy
{
    /// <summary>The percentile: one in twenty honest requests is hedged, which is the budget.</summary>
    public const double Percentile = 0.95;

    /// <summary>Measurements below which the delay is <see cref="UnknownDelay"/>.</summary>
    public const int LeastMeasurements = 16;

    /// <summary>The shortest delay: below it scheduling decides, not the node.</summary>
    public static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest delay: a node that is always slow is hedged, too.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(1_500);

    /// <summary>For a node of which too little is known: time for a round trip around the world, a handshake and a slow disk.</summary>
    public static readonly TimeSpan UnknownDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>After this a read has stalled and is hedged past the budget.</summary>
    public static readonly TimeSpan StallDelay = TimeSpan.FromMilliseconds(3_000);

    /// <summary>The delay for a blob of a length.</summary>
    public static TimeSpan ForGet(PeerHealth health, int length) =>
        Clamp(health.GetQuantile(length, Percentile, LeastMeasurements));

    /// <summary>The delay for a small question.</summary>
    public static TimeSpan ForAnswer(PeerHealth health) => Clamp(health.AnswerQuantile(Percentile, LeastMeasurements));

    /// <summary>Rounded up to whole milliseconds: a timer rounds down, and who is woken too early would look again at once, for ever.</summary>
    public static TimeSpan Whole(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds));

    private static TimeSpan Clamp(TimeSpan? quantile) =>
        quantile is not { } known ? UnknownDelay : known < LeastDelay ? LeastDelay : known > MaxDelay ? MaxDelay : Whole(known);
}
