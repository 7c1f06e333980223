namespace Megatorrent.Client;

/// <summary>What a repair did.</summary>
/// <param name="Stripes">Stripes looked at, manifests included.</param>
/// <param name="StripesRepaired">Stripes that got at least one blob back.</param>
/// <param name="BlobsRestored">Blobs (or copies) stored anew.</param>
/// <param name="StillMissing">Blobs for which there is no node to take them now.</param>
/// <param name="Unrecoverable">Stripes with fewer than k blobs.</param>
/// <param name="Problems">Why blobs are still missing, a line a node.</param>
public sealed record RepairReport(
    int Stripes, int StripesRepaired, int BlobsRestored, int StillMissing, int Unrecoverable, IReadOnlyList<string> Problems);
