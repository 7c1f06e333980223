namespace Megatorrent.Core.Manifests;

/// <summary>What an entry of a directory is. The numbers stand in manifests and are frozen.</summary>
public enum EntryKind
{
    /// <summary>A file; its bytes stand in the directory's content stream.</summary>
    File = 1,

    /// <summary>A folder.</summary>
    Directory = 2,

    /// <summary>A symbolic link.</summary>
    SymbolicLink = 3,
}
