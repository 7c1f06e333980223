namespace Megatorrent.Storage.Records;

/// <summary>What a record is. Written to disk: frozen by a test, never reused.</summary>
internal enum RecordKind : byte
{
    Blob = 1,
    Descriptor = 2,
    BlobTombstone = 3,
    DescriptorTombstone = 4,
}
