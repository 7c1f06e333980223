namespace Megatorrent.Cluster.Gossip;

/// <summary>Something the failure detector noticed that a log should show.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Text">What happened, one line.</param>
internal readonly record struct SwimEvent(LogLevel Level, string Text);
