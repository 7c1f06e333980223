namespace Megatorrent.Network;

/// <summary>What happened to a session; see <see cref="SessionEvent"/>.</summary>
public enum SessionEventKind
{
    /// <summary>A session was opened: the peer proved who it is.</summary>
    Opened = 1,

    /// <summary>An open session ended, for whatever reason.</summary>
    Closed = 2,

    /// <summary>No session came about: the peer was refused, broke the protocol or did not answer in time.</summary>
    Refused = 3,
}
