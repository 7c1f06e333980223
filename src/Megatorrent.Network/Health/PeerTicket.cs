namespace Megatorrent.Network.Health;

/// <summary>A request that a breaker let through.</summary>
/// <param name="Generation">Of the breaker when it did.</param>
/// <param name="IsProbe">Whether it is the one that decides about a half-open breaker.</param>
internal readonly record struct PeerTicket(int Generation, bool IsProbe);
