namespace Megatorrent.Stories;

/// <summary>What a node takes of the machine.</summary>
/// <param name="ResidentBytes">Memory.</param>
/// <param name="Descriptors">Open files, sockets and the like.</param>
/// <param name="Threads">Threads.</param>
/// <param name="SegmentBytes">Bytes in its segment files.</param>
internal readonly record struct NodeUsage(long ResidentBytes, int Descriptors, int Threads, long SegmentBytes);
