using System.Buffers;
using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// Collects plaintext into records, encrypts each in place as soon as it is full, and writes a batch of them at once. The batch buffer is
/// taken from the pool by the first append and given back by <see cref="Release"/>. One caller at a time.
/// </summary>
/// <remarks>
/// <code>
/// batch:  [len|ciphertext........|tag][len|ciphertext........|tag][len|plaintext..     |   ]
///                                                                  ^_record  ^_record + 2 + _fill
/// </code>
/// </remarks>
internal sealed class RecordWriter(ITransportConnection connection, NoiseCipher cipher)
{
    private const int RecordsPerBatch = 8; // 512 KiB: past this a larger write no longer pays
    private const int BatchLength = RecordsPerBatch * RecordFormat.MaxSealed;

    private byte[]? _batch;
    private int _record;
    private int _fill;

    /// <summary>Bytes of plaintext that still fit this batch.</summary>
    public int Room => (BatchLength - _record) / RecordFormat.MaxSealed * RecordFormat.MaxPlaintext - _fill;

    /// <summary>Whether nothing has been appended since the last flush.</summary>
    public bool IsEmpty => _record == 0 && _fill == 0;

    /// <summary>Adds plaintext to the batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="Room"/>.</exception>
    public void Append(ReadOnlySpan<byte> plaintext)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext.Length, Room, nameof(plaintext));
        _batch ??= ArrayPool<byte>.Shared.Rent(BatchLength);
        while (!plaintext.IsEmpty)
        {
            int count = Math.Min(plaintext.Length, RecordFormat.MaxPlaintext - _fill);
            plaintext[..count].CopyTo(_batch.AsSpan(_record + RecordFormat.LengthField + _fill));
            plaintext = plaintext[count..];
            _fill += count;
            if (_fill == RecordFormat.MaxPlaintext)
                Seal(_batch);
        }
    }

    /// <summary>Encrypts what is left and writes the batch; returns when the transport has taken it.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Unreachable"/>: the connection was lost.</exception>
    public async ValueTask FlushAsync()
    {
        if (_batch is null)
            return;
        if (_fill > 0)
            Seal(_batch);
        int length = _record;
        _record = 0;
        await connection.WriteAsync(_batch.AsMemory(0, length), CancellationToken.None);
    }

    /// <summary>Gives the batch buffer back; what was not flushed is lost. Appending takes a new one.</summary>
    public void Release()
    {
        byte[]? batch = _batch;
        _batch = null;
        _record = _fill = 0;
        if (batch is not null)
            ArrayPool<byte>.Shared.Return(batch);
    }

    private void Seal(byte[] batch)
    {
        Span<byte> record = batch.AsSpan(_record);
        int length = cipher.Encrypt(record.Slice(RecordFormat.LengthField, _fill), record[RecordFormat.LengthField..]);
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)length);
        _record += RecordFormat.LengthField + length;
        _fill = 0;
    }
}
