using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;

namespace Megatorrent.Storage.Writing;

/// <summary>One record on its way to the disk.</summary>
internal sealed class WriteOperation
{
    public required RecordKind Kind { get; init; }
    public required BlobId Id { get; init; }
    public RecordFlags Flags { get; init; }
    public BlobId Stripe { get; init; }
    public ReadOnlyMemory<byte> Payload { get; init; }
    public ulong PayloadChecksum { get; init; }

    /// <summary>Of a tombstone that compaction carries along: where it was first written. Else 0.</summary>
    public uint Origin { get; init; }

    /// <summary>Of a record that compaction moves: where it was. The index changes only if it still is there.</summary>
    public RecordLocation? MovedFrom { get; init; }

    /// <summary>Where the record was written.</summary>
    public uint Offset { get; set; }

    public long RecordLength => RecordHeader.Length + (long)Payload.Length;
}
