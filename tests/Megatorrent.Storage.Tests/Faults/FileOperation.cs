namespace Megatorrent.Storage.Tests.Faults;

public enum FileOperation
{
    Open,
    Read,
    Write,
    SetLength,
    Flush,
    Delete,
    Rename,
    SyncDirectory,
}
