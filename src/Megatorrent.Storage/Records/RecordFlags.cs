namespace Megatorrent.Storage.Records;

/// <summary>Marks of a record. Written to disk: frozen by a test, never reused.</summary>
[Flags]
internal enum RecordFlags : ushort
{
    None = 0,

    /// <summary>The stripe id field is set: this blob was put together with that stripe's descriptor.</summary>
    HasStripe = 1,

    /// <summary>A tombstone that the store wrote by itself, over a record whose bytes had rotted.</summary>
    Rotten = 2,
}
