namespace Megatorrent.Core.Hashing;

/// <summary>Reads a part of what is hashed, from several threads at once, and fills the destination or throws.</summary>
/// <param name="offset">The first byte that is wanted.</param>
/// <param name="destination">Overwritten whole; never reaches past the length that the hasher was told.</param>
public delegate void PieceReader(long offset, Span<byte> destination);
