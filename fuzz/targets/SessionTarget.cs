using Megatorrent.Core.Crypto;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;
using Megatorrent.Network.Memory;
using Megatorrent.Network.Sessions;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// A session with a hostile peer that has the keys: the input is a sequence of what the peer sends, in and out of order, of requests of
/// ours that it may answer, and of time that passes. Whatever it does, the session ends when the peer is gone, everything that waited is
/// told, every budget is whole again, and nothing fails in a way that nobody foresaw.
/// </summary>
/// <remarks>
/// The first byte: bit 0, who connected; bits 1 to 3, the peer's role. Then steps: a byte that says which, and what it needs.
/// </remarks>
internal sealed class SessionTarget() : FuzzTarget("session")
{
    private const int StepsMax = 64;

    private static readonly byte[] Key = new byte[32];
    private static readonly Identity Us = Identity.FromSeed(Key);
    private static readonly Identity Them = Identity.FromSeed([1, .. new byte[31]]);
    private static readonly PeerIdentity[] Peers = MakePeers();

    /// <summary>Two ciphers, the buffers of a session and the batch of the peer; data of stores that were announced.</summary>
    protected override long AllocationFloor => 64 << 20;

    /// <summary>A step of a few bytes makes a frame, its request and its answer.</summary>
    protected override long AllocationPerByte => 64 << 10;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        byte[] script = input.ToArray();
        Pump.Run(async pump => await PlayAsync(pump, new FuzzScript(script)));
    }

    private static async Task PlayAsync(Pump pump, FuzzScript script)
    {
        byte first = script.Byte();
        bool weConnected = (first & 1) != 0;
        PeerIdentity peer = weConnected ? Array.Find(Peers, static one => one.Role == Role.Node)! : Peers[(first >> 1) % Peers.Length];
        var time = new ManualTime();
        var options = new SessionOptions
        {
            Identity = Us,
            ClusterKey = Key,
            Time = time,
            Random = ConstantRandom.Instance,
            Executor = InlineExecutor.Instance,
            MaxBytesUnderWay = MessageLimits.MaxBlobLength,
            MaxTotalBytesUnderWay = MessageLimits.MaxBlobLength,
        };
        var transport = new MemoryTransport(new MemoryTransportOptions { Time = time });
        ITransportListener listener = await transport.ListenAsync("node:0", default);
        ITransportConnection theirs = await transport.ConnectAsync(listener.Endpoint, default);
        ITransportConnection ours = await listener.AcceptAsync(default);
        using var toUs = new NoiseCipher(CipherSuite.Aes256Gcm, Key);
        var channel = new SecureChannel(ours, peer, new NoiseCipher(CipherSuite.Aes256Gcm, Key), new NoiseCipher(CipherSuite.Aes256Gcm, Key));
        var handler = new SessionHandler();
        var budgets = new ServerBudgets(options);
        var session = new Session(channel, options, handler, budgets, weConnected);
        session.Start();
        var hostile = new HostileSide(theirs, new RecordWriter(theirs, toUs));
        var requests = new List<Task>();
        var connection = new PeerConnection(session);
        for (int i = 0; i < StepsMax && !script.IsAtEnd; i++)
        {
            Step(script, hostile, session.HelloReceived.IsCompletedSuccessfully ? connection : null, requests, time);
            await pump.IdleAsync();
        }

        await EndAsync(pump, session, hostile, time);
        foreach (Task request in requests)
            FuzzFailure.Unless(request.IsCompleted, "a request of ours hangs although the session has ended");
        FuzzFailure.Unless(
            session.CloseReason is { } reason && !reason.Message.Contains("loop failed", StringComparison.Ordinal), $"the session ended with {session.CloseReason}");
        FuzzFailure.Unless(budgets.Receiving.Free == options.MaxTotalBytesUnderWay, "bytes of stores are still counted");
        FuzzFailure.Unless(budgets.Sending.Free == options.MaxTotalBytesUnderWay, "bytes of answers are still counted");
        FuzzFailure.Unless(session.RequestsUnderWay == 0, "requests are still under way");
        FuzzFailure.Unless(handler.Fault is null, handler.Fault ?? "");
        await listener.DisposeAsync();
        Swallow(requests);
    }

    // Whatever the peer has done: it goes, and time passes until the last limit.
    private static async Task EndAsync(Pump pump, Session session, HostileSide hostile, ManualTime time)
    {
        await hostile.CloseAsync();
        for (int i = 0; i < 100 && !session.Completion.IsCompleted; i++)
        {
            await pump.IdleAsync();
            time.Advance(TimeSpan.FromSeconds(5));
        }
        FuzzFailure.Unless(session.Completion.IsCompleted, "the session goes on although the peer is gone");
        await session.Completion;
    }

    private static void Step(FuzzScript script, HostileSide hostile, PeerConnection? connection, List<Task> requests, ManualTime time)
    {
        byte step = script.Byte();
        switch (step % 12)
        {
            case 0 or 1 or 2 or 3: // a frame: any type, any body
                hostile.Send((MessageType)script.Byte(), script.Byte(), (FrameFlags)(script.Byte() % 4), script.Bytes(script.Byte()));
                break;
            case 4: // data, of some length, for whatever is under way
                hostile.Send(MessageType.Data, script.Byte(), (FrameFlags)(script.Byte() % 4), new byte[script.Short() % 20_000]);
                break;
            case 5: // a frame that is right, so that something is under way
                hostile.Send(FuzzFrames.Make(script));
                break;
            case 6: // plaintext that is no frame
                hostile.Send(script.Bytes(script.Byte()));
                break;
            case 7: // bytes that are no record
                hostile.SendUnsealed(script.Bytes(script.Byte()));
                break;
            case 8:
                time.Advance(TimeSpan.FromMilliseconds(100 * (1 + script.Byte())));
                break;
            case 9:
                hostile.Connection.CompleteWriting();
                break;
            case 10:
                hostile.Read(script.Short());
                break;
            default: // a request of ours, which later frames may answer
                if (connection is not null)
                    requests.Add(Request(connection, script));
                break;
        }
    }

    private static Task Request(PeerConnection connection, FuzzScript script)
    {
        byte[] id = new byte[32];
        var blob = new BlobId(id);
        return (script.Byte() % 8) switch
        {
            0 => connection.PingAsync(default).AsTask(),
            1 => connection.GetAsync(blob, 0, new byte[script.Short() % 5000], default).AsTask(),
            2 => connection.WantAsync(new BlobId[] { blob, blob, blob }, default).AsTask(),
            3 => connection.StoreAsync(blob, new byte[1 + (script.Short() % 5000)], new byte[10], default).AsTask(),
            4 => connection.FindAsync(new BlobId[] { blob, blob }, default).AsTask(),
            5 => connection.NoticeAsync(blob, NoticeKind.Corrupt, default).AsTask(),
            6 => connection.StatusAsync(new byte[5], default).AsTask(),
            _ => connection.GossipAsync(new byte[5], default).AsTask(),
        };
    }

    // Their failures are answers; nobody else looks at them.
    private static void Swallow(List<Task> requests)
    {
        foreach (Task request in requests)
            _ = request.Exception;
    }

    private static PeerIdentity[] MakePeers()
    {
        using SigningKey cluster = SigningKey.FromSeed(Key);
        DateTimeOffset start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return
        [
            new PeerIdentity(Them.PublicKey.ToArray(), null),
            .. Enum.GetValues<Role>().Select(role => new PeerIdentity(
                Them.PublicKey.ToArray(), Certificate.IssueByCluster(cluster, Them.PublicKey, role, start, start.AddYears(20)))),
        ];
    }
}
