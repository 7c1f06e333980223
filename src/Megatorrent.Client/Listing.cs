using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>What is behind a capability.</summary>
/// <param name="Kind">File or directory.</param>
/// <param name="Name">The object's own name.</param>
/// <param name="Length">Bytes of the content.</param>
/// <param name="Mode">Unix permission bits.</param>
/// <param name="ModifiedUnixNs">Time of the last change, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Entries">A directory's entries, sorted by path; empty for a file.</param>
public sealed record Listing(
    ManifestKind Kind, string Name, long Length, int Mode, long ModifiedUnixNs, IReadOnlyList<DirectoryEntry> Entries);
