namespace Megatorrent.Bench.Transfer;

/// <summary>One transfer.</summary>
/// <param name="Seconds">From the first request to the last byte verified.</param>
/// <param name="Processor">Processor seconds in that time.</param>
/// <param name="Bytes">Bytes transferred.</param>
/// <param name="Allocated">Bytes that the receiving side allocated for each blob; 0 where nobody counted.</param>
internal sealed record TransferResult(double Seconds, double Processor, long Bytes, long Allocated = 0);
