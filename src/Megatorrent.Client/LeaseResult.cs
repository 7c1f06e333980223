namespace Megatorrent.Client;

/// <summary>What a keep or a forget did.</summary>
/// <param name="Stripes">Stripes of the object, manifests included.</param>
/// <param name="Confirmed">Of those, the ones that enough nodes have confirmed.</param>
/// <param name="Expires">When the lease ends; null: never. After a forget: the time it was made.</param>
/// <param name="Problems">Why nodes did not confirm, a line a node.</param>
public sealed record LeaseResult(int Stripes, int Confirmed, DateTimeOffset? Expires, IReadOnlyList<string> Problems);
