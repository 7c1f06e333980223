using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Forecast;

/// <summary>How long a member has been known, and how it ended.</summary>
/// <param name="Id">Who.</param>
/// <param name="FirstMs">When it was first seen, milliseconds of Unix time.</param>
/// <param name="EndMs">When it ended; 0 while it is a member.</param>
/// <param name="Failed">Whether it died and was forgotten; otherwise it left, and how long it would have lived is unknown.</param>
internal readonly record struct MemberLife(NodeId Id, long FirstMs, long EndMs, bool Failed);
