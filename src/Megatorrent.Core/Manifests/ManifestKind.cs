namespace Megatorrent.Core.Manifests;

/// <summary>What a manifest describes.</summary>
public enum ManifestKind
{
    /// <summary>An inner or leaf node of a large object's tree; only its parent gives it a meaning.</summary>
    Node = 0,

    /// <summary>A file: stream 0 is its content.</summary>
    File = 1,

    /// <summary>A directory: stream 0 is the content of its files one after the other, stream 1 the list of entries.</summary>
    Directory = 2,
}
