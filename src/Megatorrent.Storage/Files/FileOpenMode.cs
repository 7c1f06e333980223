namespace Megatorrent.Storage.Files;

/// <summary>How <see cref="IFileSystem.Open"/> opens a file.</summary>
public enum FileOpenMode
{
    /// <summary>An existing file, for reading.</summary>
    Read,

    /// <summary>An existing file, for reading and writing.</summary>
    ReadWrite,

    /// <summary>A new file, for reading and writing; it is an InputOutput error if the name is taken.</summary>
    CreateNew,

    /// <summary>A new or emptied file, for reading and writing.</summary>
    Create,
}
