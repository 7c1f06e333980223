namespace Megatorrent.Network.Sessions;

/// <summary>
/// The next bytes of a data frame on their way to their place: decrypted already, or decrypted while they go there, so that what fills a
/// record is touched once.
/// </summary>
internal readonly ref struct DataPiece
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly RecordReader? _record;

    /// <summary>Bytes that are decrypted.</summary>
    public DataPiece(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        Length = bytes.Length;
    }

    /// <summary>The whole record that <paramref name="record"/> has read and not opened.</summary>
    public DataPiece(RecordReader record)
    {
        _record = record;
        Length = record.SealedLength;
    }

    /// <summary>Bytes of it.</summary>
    public int Length { get; }

    /// <summary>Puts them into the first <see cref="Length"/> bytes of <paramref name="destination"/>. Once.</summary>
    /// <exception cref="Megatorrent.Core.MegatorrentException">Integrity: the record was changed; zeros stand there.</exception>
    public void MoveTo(Span<byte> destination)
    {
        if (_record is null)
            _bytes.CopyTo(destination);
        else
            _record.OpenInto(destination);
    }
}
