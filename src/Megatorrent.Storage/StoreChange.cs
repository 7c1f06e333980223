using Megatorrent.Core.Hashing;

namespace Megatorrent.Storage;

/// <summary>Something that came into a <see cref="BlobStore"/> or left it.</summary>
/// <param name="Id">The blob, or the stripe whose descriptor it is.</param>
/// <param name="IsDescriptor">Whether it is a descriptor.</param>
/// <param name="IsAdded">Whether it came; else it was deleted, or found damaged.</param>
/// <param name="Stripe">The stripe with which it was put, where that is known; null for what left.</param>
public readonly record struct StoreChange(BlobId Id, bool IsDescriptor, bool IsAdded, BlobId? Stripe);
