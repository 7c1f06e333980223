using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Sessions;

namespace Megatorrent.Network.Tests.Support;

/// <summary>The other side of a session, done by hand: sends what it is told, however wrong, and shows what it gets.</summary>
internal sealed class RawPeer : IFrameSink, IAsyncDisposable
{
    private readonly SecureChannel _channel;
    private readonly RecordWriter _writer;
    private readonly RecordReader _reader;
    private readonly FrameAssembler _assembler;
    private readonly Queue<(FrameHeader Header, byte[] Body)> _received = new();
    private readonly List<byte> _data = [];

    private RawPeer(SecureChannel channel)
    {
        _channel = channel;
        _writer = new RecordWriter(channel.Connection, channel.SendCipher);
        _reader = new RecordReader(channel.Connection, channel.ReceiveCipher);
        _assembler = new FrameAssembler(this);
    }

    public ITransportConnection Connection => _channel.Connection;

    public int ReadBufferLength => _reader.BufferLength;

    /// <summary>Connects, and says hello if told to.</summary>
    public static async Task<RawPeer> ConnectAsync(ITransport transport, string endpoint, SessionOptions options, bool hello = true)
    {
        ITransportConnection connection = await transport.ConnectAsync(endpoint, default);
        using var keys = new SessionKeys(options);
        var peer = new RawPeer(await SessionHandshake.InitiateAsync(connection, keys, options, null, default));
        var (header, _) = await peer.ReceiveAsync();
        Assert.Equal(MessageType.Hello, header.Type);
        if (hello)
            await peer.SendHelloAsync();
        return peer;
    }

    /// <summary>Accepts one connection, and exchanges hellos.</summary>
    public static async Task<RawPeer> AcceptAsync(ITransportListener listener, SessionOptions options, HelloMessage? hello = null)
    {
        ITransportConnection connection = await listener.AcceptAsync(default);
        using var keys = new SessionKeys(options);
        var peer = new RawPeer(await SessionHandshake.RespondAsync(connection, keys, options, default));
        await peer.SendHelloAsync(hello);
        var (header, _) = await peer.ReceiveAsync();
        Assert.Equal(MessageType.Hello, header.Type);
        return peer;
    }

    public Task SendHelloAsync(HelloMessage? hello = null)
    {
        var body = new byte[HelloMessage.EncodedLength];
        (hello ?? new HelloMessage(1, 1, 0, 128, MessageLimits.MaxBlobLength, 60_000)).Encode(body);
        return SendAsync(MessageType.Hello, 0, body);
    }

    public Task SendAsync(MessageType type, uint number, byte[] body, FrameFlags flags = FrameFlags.None)
    {
        var header = new byte[FrameHeader.Length];
        new FrameHeader(type, flags, number, body.Length).Write(header);
        return SendBytesAsync([.. header, .. body]);
    }

    public Task SendGetAsync(uint number, int length)
    {
        var body = new byte[GetMessage.EncodedLength];
        new GetMessage(default, 0, length).Encode(body);
        return SendAsync(MessageType.Get, number, body);
    }

    public Task SendStoreAsync(uint number, int length)
    {
        var store = new StoreMessage(default, length, new byte[] { 1 });
        var body = new byte[store.EncodedLength];
        store.Encode(body);
        return SendAsync(MessageType.Store, number, body);
    }

    /// <summary>Plaintext of the session, whatever it is.</summary>
    public async Task SendBytesAsync(byte[] plaintext)
    {
        for (int start = 0; start < plaintext.Length;)
        {
            int count = Math.Min(_writer.Room, plaintext.Length - start);
            _writer.Append(plaintext.AsSpan(start, count));
            await _writer.FlushAsync();
            start += count;
        }
        _writer.Release();
    }

    public async Task<(FrameHeader Header, byte[] Body)> ReceiveAsync()
    {
        while (_received.Count == 0)
        {
            if (!await _reader.ReadSealedAsync())
                throw new EndOfStreamException();
            _assembler.Append(_reader.Open().Span);
        }
        return _received.Dequeue();
    }

    public async Task<byte[]> ReceiveAsync(MessageType type, uint number)
    {
        var (header, body) = await ReceiveAsync();
        Assert.Equal((type, number), (header.Type, header.RequestNumber));
        return body;
    }

    public async Task<ErrorMessage> ReceiveErrorAsync(uint number) => ErrorMessage.Decode(await ReceiveAsync(MessageType.Error, number));

    /// <summary>The session must end with this error, and then the connection.</summary>
    public async Task<ErrorMessage> ReceiveEndAsync()
    {
        ErrorMessage error = await ReceiveErrorAsync(0);
        await Assert.ThrowsAsync<EndOfStreamException>(() => ReceiveAsync());
        return error;
    }

    void IFrameSink.OnFrame(in FrameHeader header, ReadOnlySpan<byte> body) => _received.Enqueue((header, body.ToArray()));

    void IFrameSink.OnData(in FrameHeader header, ReadOnlySpan<byte> piece, bool endOfFrame)
    {
        _data.AddRange(piece);
        if (!endOfFrame)
            return;
        _received.Enqueue((header, [.. _data]));
        _data.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _assembler.Dispose();
        _channel.SendCipher.Dispose();
        _channel.ReceiveCipher.Dispose();
        await _channel.Connection.DisposeAsync();
    }
}
