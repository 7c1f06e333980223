namespace Megatorrent.Client;

/// <summary>How far a transfer is. Rates and the time left are for the terminal to compute.</summary>
/// <param name="Phase">What is going on: "put", "get", "verify", "repair".</param>
/// <param name="BytesDone">Bytes of the object done so far.</param>
/// <param name="BytesTotal">Bytes of the object in all, or -1 while unknown.</param>
public readonly record struct TransferProgress(string Phase, long BytesDone, long BytesTotal);
