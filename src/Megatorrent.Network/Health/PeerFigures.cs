using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Health;

/// <summary>What a pool knows about one peer at one moment. Immutable.</summary>
/// <param name="Endpoint">Where it is, "host:port".</param>
/// <param name="Id">Who last proved to be there; null when nobody has.</param>
/// <param name="State">Whether requests go through.</param>
/// <param name="Opened">How often the breaker has opened.</param>
/// <param name="Refused">Requests that failed here because it was open.</param>
/// <param name="Succeeded">Requests that the peer answered, with an error or without.</param>
/// <param name="Failed">Requests that got no answer, or one that breaks the protocol, and those that another peer overtook.</param>
/// <param name="FirstByteMs">Median of the time to the first byte of a blob, in milliseconds; 0 when none was measured.</param>
/// <param name="BytesPerSecond">Median of the rate of the bytes after it; 0 when none was measured.</param>
public sealed record PeerFigures(
    string Endpoint, NodeId? Id, BreakerState State, long Opened, long Refused, long Succeeded, long Failed, double FirstByteMs,
    double BytesPerSecond);
