namespace Megatorrent.Client;

/// <summary>What a get did.</summary>
/// <param name="Path">Where the object is now.</param>
/// <param name="Bytes">Bytes of the object.</param>
/// <param name="BytesResumed">Bytes that an earlier, interrupted get had brought already.</param>
/// <param name="BlobsRebuilt">Data blobs that had to be rebuilt from parity.</param>
/// <param name="BadBlobs">Blobs that arrived with the wrong bytes and were refused.</param>
public sealed record GetResult(string Path, long Bytes, long BytesResumed, int BlobsRebuilt, int BadBlobs)
{
    /// <summary>Requests made beyond the first because an answer was late.</summary>
    public int Hedges { get; init; }

    /// <summary>Data blobs that were late, not lost, and were rebuilt because the others came first.</summary>
    public int BlobsOvertaken { get; init; }
}
