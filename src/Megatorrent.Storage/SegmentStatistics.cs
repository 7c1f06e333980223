namespace Megatorrent.Storage;

/// <summary>One segment file at one moment, for whoever plans when it is read again.</summary>
/// <param name="Number">Its number, from 1; later segments have higher numbers, and none is used twice.</param>
/// <param name="LiveBytes">Bytes of its records that can be read, headers included.</param>
public readonly record struct SegmentStatistics(uint Number, long LiveBytes);
