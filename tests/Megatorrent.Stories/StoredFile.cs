using Megatorrent.Core.Manifests;

namespace Megatorrent.Stories;

/// <summary>An object that was acknowledged.</summary>
/// <param name="Capability">What reads it.</param>
/// <param name="Seed">What its bytes come from.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct StoredFile(Capability Capability, int Seed, int Length);
