namespace Megatorrent.Storage.Tests.Faults;

/// <summary>What a store does with the disk, and a test can make fail.</summary>
public enum FileOperation
{
    /// <summary>Opening or making a file, or taking a lock.</summary>
    Open,

    /// <summary>Reading a part of a file.</summary>
    Read,

    /// <summary>Writing a part of a file.</summary>
    Write,

    /// <summary>Cutting or growing a file.</summary>
    SetLength,

    /// <summary>Making a file durable.</summary>
    Flush,

    /// <summary>Deleting a file.</summary>
    Delete,

    /// <summary>Renaming a file.</summary>
    Rename,

    /// <summary>Making names durable.</summary>
    SyncDirectory,
}
