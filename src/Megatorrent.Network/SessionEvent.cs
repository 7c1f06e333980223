using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network;

/// <summary>Something for a log: a session was opened, closed or refused.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Endpoint">The other side, "host:port".</param>
/// <param name="Peer">Who it is, where that was proved; else null.</param>
/// <param name="Reason">Why it ended; null for <see cref="SessionEventKind.Opened"/>.</param>
public sealed record SessionEvent(SessionEventKind Kind, string Endpoint, PeerIdentity? Peer, MegatorrentException? Reason);
