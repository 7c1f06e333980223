namespace Megatorrent.Network.Health;

/// <summary>Whether requests to a peer go through.</summary>
public enum BreakerState
{
    /// <summary>They do.</summary>
    Closed = 0,

    /// <summary>Too many failed lately: they fail here at once, until a time has passed.</summary>
    Open = 1,

    /// <summary>The time has passed: one goes through, and its outcome decides.</summary>
    HalfOpen = 2,
}
