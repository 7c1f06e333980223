using System.Buffers.Binary;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;
using Megatorrent.Network.Sessions;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// The end of a session that an input plays. It waits for nothing: what it sends while the session has left too much unread is not sent.
/// </summary>
internal sealed class HostileSide(ITransportConnection connection, RecordWriter writer)
{
    private Task _sending = Task.CompletedTask;
    private Task _reading = Task.CompletedTask;

    /// <summary>Its connection.</summary>
    public ITransportConnection Connection => connection;

    /// <summary>Sends a frame whose length is right; the rest of its header is what it is told.</summary>
    public void Send(MessageType type, uint number, FrameFlags flags, byte[] body)
    {
        byte[] frame = new byte[FrameHeader.Length + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, FrameHeader.Length - sizeof(int) + body.Length);
        frame[4] = (byte)type;
        frame[5] = (byte)flags;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), number);
        body.CopyTo(frame, FrameHeader.Length);
        Send(frame);
    }

    /// <summary>Sends plaintext of the session.</summary>
    public void Send(byte[] plaintext)
    {
        if (!Settle(_sending))
            return;
        writer.Append(plaintext);
        _sending = writer.FlushAsync().AsTask();
    }

    /// <summary>Sends bytes past the cipher.</summary>
    public void SendUnsealed(byte[] bytes)
    {
        if (Settle(_sending))
            _sending = connection.WriteAsync(bytes, CancellationToken.None).AsTask();
    }

    /// <summary>Reads some of what the session has sent, and forgets it.</summary>
    public void Read(int count)
    {
        if (count > 0 && Settle(_reading))
            _reading = connection.ReadAsync(new byte[count], CancellationToken.None).AsTask();
    }

    /// <summary>Goes.</summary>
    public async Task CloseAsync()
    {
        connection.Abort();
        await connection.DisposeAsync();
        writer.Release();
        Settle(_sending);
        Settle(_reading);
    }

    // That the session has closed is no failure here.
    private static bool Settle(Task task)
    {
        _ = task.Exception;
        return task.IsCompleted;
    }
}
