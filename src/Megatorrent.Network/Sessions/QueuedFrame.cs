using System.Buffers;
using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>A whole frame other than data, in a pooled array, on its way to the sender; whoever takes it last returns the array.</summary>
internal readonly struct QueuedFrame
{
    private readonly byte[] _pooled;
    private readonly int _length;

    private QueuedFrame(byte[] pooled, int length, IncomingRequest? answers)
    {
        _pooled = pooled;
        _length = length;
        Answers = answers;
    }

    /// <summary>The request that this frame finishes once it is sent; null when it finishes none.</summary>
    public IncomingRequest? Answers { get; }

    public ReadOnlySpan<byte> Bytes => _pooled.AsSpan(0, _length);

    /// <summary>Where the body goes.</summary>
    public Span<byte> Body => _pooled.AsSpan(FrameHeader.Length, _length - FrameHeader.Length);

    public static QueuedFrame Rent(MessageType type, uint number, int bodyLength, IncomingRequest? answers = null)
    {
        byte[] pooled = ArrayPool<byte>.Shared.Rent(FrameHeader.Length + bodyLength);
        new FrameHeader(type, FrameFlags.None, number, bodyLength).Write(pooled);
        return new QueuedFrame(pooled, FrameHeader.Length + bodyLength, answers);
    }

    public static QueuedFrame Rent(MessageType type, uint number, ReadOnlySpan<byte> body, IncomingRequest? answers = null)
    {
        QueuedFrame frame = Rent(type, number, body.Length, answers);
        body.CopyTo(frame.Body);
        return frame;
    }

    public static QueuedFrame Error(uint number, ErrorKind kind, string text, IncomingRequest? answers = null)
    {
        Span<byte> body = stackalloc byte[ErrorMessage.MaxEncodedLength];
        int length = new ErrorMessage(kind, text).Encode(body);
        return Rent(MessageType.Error, number, body[..length], answers);
    }

    /// <summary>Gives a frame that was made before its request had one the request's number.</summary>
    public void SetNumber(uint number) => BinaryPrimitives.WriteUInt32BigEndian(_pooled.AsSpan(8), number);

    public void Return() => ArrayPool<byte>.Shared.Return(_pooled);
}
