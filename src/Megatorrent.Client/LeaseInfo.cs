using Megatorrent.Core.Wire;

namespace Megatorrent.Client;

/// <summary>One owner's lease on an object, as the holders of its root know it.</summary>
/// <param name="Owner">Who keeps it.</param>
/// <param name="IsMine">Whether that is this client.</param>
/// <param name="Expires">When it ends or ended; null: never.</param>
/// <param name="IsLiving">Whether it keeps the object now.</param>
/// <param name="Holders">How many of the nodes that were asked know it so.</param>
public sealed record LeaseInfo(NodeId Owner, bool IsMine, DateTimeOffset? Expires, bool IsLiving, int Holders);
