using Megatorrent.Network;

namespace Megatorrent.Bench.Transport;

/// <summary>Bytes without a session: for every request of 64 bytes an answer.</summary>
internal sealed class BareAnswers : IAnswering
{
    private const int RequestLength = 64;
    private const int ReadLength = 256 * 1024;

    private readonly Load _load;
    private readonly byte[] _answer;
    private readonly byte[] _request;
    private readonly List<ITransportConnection> _asking = [];
    private readonly List<ITransportConnection> _answering = [];
    private readonly List<Task> _servers = [];
    private readonly byte[][] _buffers;

    private BareAnswers(Load load)
    {
        _load = load;
        _answer = AnswerBytes.Make(load.AnswerLength);
        _request = new byte[RequestLength * load.Depth];
        _buffers = [.. Enumerable.Range(0, load.Connections).Select(_ => new byte[Math.Min(ReadLength, load.AnswerLength * load.Depth)])];
    }

    public static async Task<IAnswering> OpenAsync(ITransport transport, Load load)
    {
        var opened = new BareAnswers(load);
        await using ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default);
        for (int i = 0; i < load.Connections; i++)
        {
            Task<ITransportConnection> accepting = listener.AcceptAsync(default).AsTask();
            opened._asking.Add(await transport.ConnectAsync(listener.Endpoint, default));
            ITransportConnection accepted = await accepting;
            opened._answering.Add(accepted);
            opened._servers.Add(Task.Run(() => opened.AnswerAsync(accepted)));
        }
        return opened;
    }

    public async Task CheckAsync()
    {
        var got = new byte[_answer.Length];
        foreach (ITransportConnection connection in _asking)
        {
            await connection.WriteAsync(_request.AsMemory(0, RequestLength), default);
            for (int count = 0; count < got.Length;)
                count += Received(await connection.ReadAsync(got.AsMemory(count), default));
            if (!got.AsSpan().SequenceEqual(_answer))
                throw new InvalidOperationException("a transport changed the bytes that it carried.");
        }
    }

    public async Task<long> AskAsync(int connection, Func<bool> mayGoOn)
    {
        ITransportConnection asking = _asking[connection];
        byte[] buffer = _buffers[connection];
        long answers = 0;
        await asking.WriteAsync(_request, default);
        long left = (long)_load.Depth * _answer.Length; // of what was asked for
        long whole = 0; // bytes of the answer that is coming
        while (left > 0)
        {
            int count = Received(await asking.ReadAsync(buffer, default));
            left -= count;
            whole += count;
            int complete = (int)(whole / _answer.Length);
            whole %= _answer.Length;
            answers += complete;
            if (complete > 0 && mayGoOn())
            {
                left += (long)complete * _answer.Length;
                await asking.WriteAsync(_request.AsMemory(0, complete * RequestLength), default);
            }
        }
        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ITransportConnection connection in _asking)
            connection.CompleteWriting();
        await Task.WhenAll(_servers);
        foreach (ITransportConnection connection in _asking.Concat(_answering))
            await connection.DisposeAsync();
    }

    private async Task AnswerAsync(ITransportConnection connection)
    {
        var requests = new byte[4096];
        int have = 0;
        while (await connection.ReadAsync(requests.AsMemory(have), default) is var count and > 0)
        {
            for (have += count; have >= RequestLength; have -= RequestLength)
                await connection.WriteAsync(_answer, default);
        }
    }

    private static int Received(int count) =>
        count > 0 ? count : throw new InvalidOperationException("a transport ended a connection by itself.");
}
