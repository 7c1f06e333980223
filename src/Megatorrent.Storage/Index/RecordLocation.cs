namespace Megatorrent.Storage.Index;

/// <summary>Where the payload of an id lies: segment number (never 0), offset of the record's header, bytes of payload.</summary>
internal readonly record struct RecordLocation(uint Segment, uint Offset, int Length);
