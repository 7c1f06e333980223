using System.Buffers;
using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// Reads records and decrypts them in place. Has a tiny buffer of its own, takes larger ones from the pool while more arrives at once, and
/// gives them back when the connection grows quiet, so that idle connections cost little. One caller at a time.
/// </summary>
internal sealed class RecordReader : IDisposable
{
    private const int TinyLength = 128; // a ping or a pong, a hello, a get: all that most connections hear most of the time
    private const int SmallLength = 4 * 1024;
    private const int LargeLength = 256 * 1024; // four full records: one read pays for several, and they stay in the cache
    private const int ReadsPerLook = 8; // after so many reads the buffer shrinks to what the longest of them needed

    private readonly ITransportConnection _connection;
    private readonly NoiseCipher _cipher;
    private readonly byte[] _tiny = new byte[TinyLength];
    private byte[] _buffer; // _tiny, or of the pool
    private int _start;
    private int _end;
    private bool _filledUp;
    private int _reads; // since the last look
    private int _longest; // of those
    private int _needed = LargeLength; // what the last look saw
    private Memory<byte> _sealed; // the message that was read and not opened yet

    public RecordReader(ITransportConnection connection, NoiseCipher cipher)
    {
        _connection = connection;
        _cipher = cipher;
        _buffer = _tiny;
    }

    /// <summary>Bytes of plaintext in what was read and not opened yet; 0 when there is nothing.</summary>
    public int SealedLength => Math.Max(0, _sealed.Length - NoiseCipher.TagLength);

    /// <summary>Bytes of the buffer in use.</summary>
    public int BufferLength => _buffer.Length;

    /// <summary>
    /// Reads the next record without opening it; then <see cref="Open"/> or <see cref="OpenInto"/> has to be called, once. False at the
    /// end of the stream.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.ProtocolViolation"/>: the record is too short to be one. <see cref="ErrorKind.Unreachable"/>: the connection was
    /// lost, or ended inside a record.
    /// </exception>
    public async ValueTask<bool> ReadSealedAsync()
    {
        while (true)
        {
            int wanted = RecordFormat.LengthField;
            if (_end - _start >= wanted)
            {
                wanted += BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
                if (wanted <= RecordFormat.Overhead)
                {
                    throw new MegatorrentException(ErrorKind.ProtocolViolation,
                        $"The peer sent a record of {wanted - RecordFormat.LengthField} bytes.");
                }
                if (_end - _start >= wanted)
                {
                    _sealed = _buffer.AsMemory(_start + RecordFormat.LengthField, wanted - RecordFormat.LengthField);
                    _start += wanted;
                    return true;
                }
            }
            MakeRoom(wanted);
            int count = await _connection.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None);
            if (count == 0)
            {
                if (_end != _start)
                    throw new MegatorrentException(ErrorKind.Unreachable, "The connection ended in the middle of a record.");
                return false;
            }
            _end += count;
            _filledUp = _end == _buffer.Length;
            Note(count);
        }
    }

    /// <summary>Decrypts in place what was read; valid until the next read.</summary>
    /// <exception cref="MegatorrentException">Integrity: the record was changed.</exception>
    public ReadOnlyMemory<byte> Open()
    {
        Memory<byte> message = _sealed;
        _sealed = default;
        return message[.._cipher.Decrypt(message.Span, message.Span)];
    }

    /// <summary>Decrypts what was read into <paramref name="destination"/>, which has zeros where it would stand if it was changed.</summary>
    /// <exception cref="MegatorrentException">Integrity: the record was changed.</exception>
    public void OpenInto(Span<byte> destination)
    {
        Memory<byte> message = _sealed;
        _sealed = default;
        _cipher.Decrypt(message.Span, destination);
    }

    public void Dispose()
    {
        _start = _end = 0;
        Replace(_tiny);
    }

    private void Note(int count)
    {
        _longest = Math.Max(_longest, count);
        if (++_reads < ReadsPerLook)
            return;
        _needed = _longest;
        _reads = _longest = 0;
    }

    // Afterwards the record that begins at _start can be completed without moving, and a read has room.
    private void MakeRoom(int wanted)
    {
        int have = _end - _start;
        if (wanted > _buffer.Length || (_filledUp && _buffer.Length < LargeLength))
            Replace(ArrayPool<byte>.Shared.Rent(wanted > SmallLength || _buffer.Length >= SmallLength ? LargeLength : SmallLength));
        else if (have == 0 && _needed < TinyLength && _buffer.Length > TinyLength)
            Replace(_tiny);
        else if (have == 0 && _needed < SmallLength && _buffer.Length > SmallLength)
            Replace(ArrayPool<byte>.Shared.Rent(SmallLength));
        else if (have == 0 || _buffer.Length - _start < wanted || _buffer.Length - _end < _buffer.Length / 8)
            _buffer.AsSpan(_start, have).CopyTo(_buffer);
        else
            return;
        _start = 0;
        _end = have;
        _filledUp = false;
    }

    private void Replace(byte[] buffer)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
        if (_buffer != _tiny)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = buffer;
        _needed = LargeLength;
        _reads = _longest = 0;
    }
}
