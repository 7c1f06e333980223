using System.Buffers.Binary;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>Reads the fields of one message body; every shortage becomes a Malformed error that names the message and the offset.</summary>
internal ref struct MessageReader(MessageType type, ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _position;

    public readonly int Left => _body.Length - _position;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _body.Length - _position)
            throw Malformed($"needs {count} more bytes at offset {_position} and has {_body.Length - _position}");
        ReadOnlySpan<byte> taken = _body.Slice(_position, count);
        _position += count;
        return taken;
    }

    public readonly void End()
    {
        if (_position != _body.Length)
            throw Malformed($"ends at offset {_position} but has {_body.Length} bytes");
    }

    public readonly MegatorrentException Malformed(string fault) =>
        new(ErrorKind.Malformed, $"A {type} message that the peer sent {fault}.");
}
