namespace Megatorrent.Stories;

/// <summary>A story: what happens to a cluster of real processes, and what must hold after it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Summary">What happens, in one line.</param>
/// <param name="NeedsNamespaces">Whether it cuts or slows the network, for which every node needs a network namespace of its own.</param>
/// <param name="RunAsync">Tells it; gives what the table says of the outcome, and throws <see cref="StoryException"/> when it does not hold.</param>
/// <param name="IsLong">Whether it is told only when it is named.</param>
internal sealed record Story(string Name, string Summary, bool NeedsNamespaces, Func<StoryContext, Task<string>> RunAsync, bool IsLong = false);
