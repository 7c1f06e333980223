using System.Buffers;
using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// Cuts plaintext into records, encrypts them, and writes a batch of them at once. Short pieces are collected in the batch and encrypted in
/// place; long ones are encrypted from where they lie, into records of their own. The batch buffer is taken from the pool by the first
/// append and given back by <see cref="Release"/>. One caller at a time.
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
    private const int DirectLength = 16 * 1024; // from here on a copy costs more than the short record that it would save

    private byte[]? _batch;
    private int _record;
    private int _fill;

    /// <summary>Bytes of plaintext that one more append may have.</summary>
    public int Room
    {
        get
        {
            int space = BatchLength - _record - (_fill > 0 ? _fill + RecordFormat.Overhead : 0);
            int whole = Math.DivRem(space, RecordFormat.MaxSealed, out int rest);
            return whole * RecordFormat.MaxPlaintext + Math.Max(0, rest - RecordFormat.Overhead);
        }
    }

    /// <summary>Whether nothing has been appended since the last flush.</summary>
    public bool IsEmpty => _record == 0 && _fill == 0;

    /// <summary>Bytes of plaintext that an append may have after one of <paramref name="length"/> bytes, which may end a record early.</summary>
    public int RoomAfter(int length) => Room - length - RecordFormat.Overhead;

    // Bytes of plaintext that the record at _record can hold.
    private int RecordCapacity => Math.Min(RecordFormat.MaxPlaintext, BatchLength - _record - RecordFormat.Overhead);

    /// <summary>Adds plaintext to the batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="Room"/>.</exception>
    public void Append(ReadOnlySpan<byte> plaintext)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext.Length, Room, nameof(plaintext));
        _batch ??= ArrayPool<byte>.Shared.Rent(BatchLength);
        if (plaintext.Length >= DirectLength)
        {
            SealCollected();
            while (plaintext.Length >= DirectLength)
            {
                int count = Math.Min(plaintext.Length, RecordCapacity);
                Seal(plaintext[..count]);
                plaintext = plaintext[count..];
            }
        }
        while (!plaintext.IsEmpty)
        {
            int count = Math.Min(plaintext.Length, RecordCapacity - _fill);
            plaintext[..count].CopyTo(_batch.AsSpan(_record + RecordFormat.LengthField + _fill));
            plaintext = plaintext[count..];
            _fill += count;
            if (_fill == RecordCapacity)
                SealCollected();
        }
    }

    /// <summary>Encrypts what is left and writes the batch; returns when the transport has taken it.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Unreachable"/>: the connection was lost.</exception>
    public async ValueTask FlushAsync()
    {
        if (_batch is null)
            return;
        SealCollected();
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

    private void SealCollected()
    {
        if (_fill == 0)
            return;
        Seal(_batch.AsSpan(_record + RecordFormat.LengthField, _fill));
        _fill = 0;
    }

    private void Seal(ReadOnlySpan<byte> plaintext)
    {
        Span<byte> record = _batch.AsSpan(_record, BatchLength - _record);
        int length = cipher.Encrypt(plaintext, record[RecordFormat.LengthField..]);
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)length);
        _record += RecordFormat.LengthField + length;
    }
}
