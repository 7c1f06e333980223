namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>What a store did to its disk, or what its user was told meanwhile.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Inode">The file, by a number that it keeps when it is renamed.</param>
/// <param name="Offset">Of a write: where. Of a change of length: the new length.</param>
/// <param name="Bytes">Of a write: what.</param>
/// <param name="Path">The name concerned; of a renaming the old one.</param>
/// <param name="NewPath">Of a renaming: the new name.</param>
/// <param name="Note">Of a note: which step of the workload began or ended.</param>
internal sealed record DiskEvent(
    DiskEventKind Kind, int Inode = 0, long Offset = 0, byte[]? Bytes = null, string Path = "", string NewPath = "", StepNote? Note = null);

/// <summary>The kinds of <see cref="DiskEvent"/>.</summary>
internal enum DiskEventKind
{
    Create,
    Write,
    SetLength,
    Flush,
    Rename,
    Delete,
    SyncDirectory,
    Note,
}
