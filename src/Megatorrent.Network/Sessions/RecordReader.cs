using System.Buffers;
using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// Reads records and decrypts them in place. Starts with a small buffer, takes a large one from the pool while much arrives, and gives it
/// back when the connection grows quiet, so that idle connections cost little. One caller at a time.
/// </summary>
internal sealed class RecordReader(ITransportConnection connection, NoiseCipher cipher) : IDisposable
{
    private const int SmallLength = 4 * 1024;
    private const int LargeLength = 256 * 1024; // four full records: one read pays for several, and they stay in the cache
    private const int QuietReads = 32; // this many reads that a small buffer could have held end the need for a large one

    private byte[] _buffer = new byte[SmallLength];
    private bool _isLarge;
    private int _quiet;
    private int _start;
    private int _end;
    private bool _filledUp;

    /// <summary>
    /// The plaintext of the next record, valid until the next call; empty at the end of the stream.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Integrity"/>: the record was changed. <see cref="ErrorKind.ProtocolViolation"/>: it is too short to be one.
    /// <see cref="ErrorKind.Unreachable"/>: the connection was lost, or ended inside a record.
    /// </exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
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
                    return Open(wanted);
            }
            MakeRoom(wanted);
            int count = await connection.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None);
            if (count == 0)
            {
                if (_end != _start)
                    throw new MegatorrentException(ErrorKind.Unreachable, "The connection ended in the middle of a record.");
                return default;
            }
            _end += count;
            _filledUp = _end == _buffer.Length;
            _quiet = count < SmallLength ? _quiet + 1 : 0;
        }
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (_isLarge)
            ArrayPool<byte>.Shared.Return(buffer);
        _isLarge = false;
    }

    private ReadOnlyMemory<byte> Open(int length)
    {
        Span<byte> message = _buffer.AsSpan(_start + RecordFormat.LengthField, length - RecordFormat.LengthField);
        int count = cipher.Decrypt(message, message);
        var plaintext = _buffer.AsMemory(_start + RecordFormat.LengthField, count);
        _start += length;
        return plaintext;
    }

    // Afterwards the record that begins at _start can be completed without moving, and a read has room.
    private void MakeRoom(int wanted)
    {
        int have = _end - _start;
        if (!_isLarge && (wanted > SmallLength || _filledUp))
            Replace(ArrayPool<byte>.Shared.Rent(LargeLength), isLarge: true);
        else if (_isLarge && have == 0 && _quiet >= QuietReads)
            Replace(new byte[SmallLength], isLarge: false);
        else if (have == 0 || _buffer.Length - _start < wanted || _buffer.Length - _end < _buffer.Length / 8)
            _buffer.AsSpan(_start, have).CopyTo(_buffer);
        else
            return;
        _start = 0;
        _end = have;
        _filledUp = false;
    }

    private void Replace(byte[] buffer, bool isLarge)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
        if (_isLarge)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = buffer;
        _isLarge = isLarge;
        _quiet = 0;
    }
}
