using Megatorrent.Core.Hashing;

namespace Megatorrent.Client;

/// <summary>What is known of one stripe.</summary>
/// <param name="Stripe">Its id.</param>
/// <param name="State">What that comes to.</param>
/// <param name="Blobs">Blobs (or copies) that it should have.</param>
/// <param name="Fresh">Of these, with evidence younger than the bound.</param>
/// <param name="Held">Of these, that somebody reachable says to hold.</param>
/// <param name="Audited">Of the fresh, those that another node than the holder found right.</param>
/// <param name="OldestMs">
/// The age, in milliseconds, of the newest evidence of the blob that has the oldest; null when some blob has none at all.
/// </param>
public sealed record StripeEvidence(
    BlobId Stripe, HealthState State, int Blobs, int Fresh, int Held, int Audited, long? OldestMs);
