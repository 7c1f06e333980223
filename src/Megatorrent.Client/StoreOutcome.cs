namespace Megatorrent.Client;

/// <summary>What came of storing (part of) a stripe.</summary>
/// <param name="Stored">Blobs (or copies) stored anew.</param>
/// <param name="Reused">Blobs (or copies) that were there.</param>
/// <param name="Missing">Blobs (or copies) that no node took.</param>
/// <param name="Bytes">Bytes of the blobs that are durable.</param>
internal readonly record struct StoreOutcome(int Stored, int Reused, int Missing, long Bytes);
