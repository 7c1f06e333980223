using System.Net;
using System.Net.Sockets;
using Megatorrent.Core;
using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>
/// Connections over TCP as <see cref="TcpTransport"/> makes them, driven by Linux's io_uring: fewer system calls for each message, and no
/// memory allocated. One instance serves the whole process and lives as long; <see cref="SystemTransport"/> has it where this machine can.
/// </summary>
public sealed class UringTransport : ITransport
{
    private const int ProcessorsPerLoop = 2; // measured: on two processors a second loop made nothing faster

    private static readonly Lock Gate = new();
    private static UringTransport? _instance;
    private static string? _refusal;

    private readonly RingLoop[] _loops;
    private uint _next;

    private UringTransport(RingLoop[] loops) => _loops = loops;

    /// <inheritdoc/>
    public string Name => "io_uring";

    /// <summary>Whether it still works: not after the kernel has begun to refuse it. Everything then fails as Unreachable.</summary>
    public bool IsUsable => !Array.Exists(_loops, static loop => loop.IsBroken);

    /// <summary>The one instance, made by the first call; null where this machine has none, which does not change.</summary>
    /// <param name="why">For people: why there is none; empty where there is one.</param>
    public static UringTransport? TryGet(out string why)
    {
        lock (Gate)
        {
            if (_instance is null && _refusal is null)
                _instance = TryCreate(Math.Max(1, Environment.ProcessorCount / ProcessorsPerLoop), out _refusal);
            why = _instance is null ? _refusal! : "";
            return _instance;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken)
    {
        var (host, port) = EndpointText.Parse(endpoint);
        if (port == 0)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"'{endpoint}' has port 0, which nobody can connect to.");
        SocketException? last = null;
        foreach (IPAddress address in await TcpTransport.ResolveAsync(host, cancellationToken))
        {
            SocketDescriptor? socket = null;
            bool connected = false;
            try
            {
                socket = SocketDescriptor.Create(address.AddressFamily);
                RingLoop loop = NextLoop();
                int result = await new ConnectOperation(socket, new IPEndPoint(address, port)).RunAsync(loop, cancellationToken);
                if (result < 0)
                    throw Errno.ToException(-result);
                connected = true;
                return new UringConnection(loop, socket, endpoint);
            }
            catch (SocketException exception)
            {
                last = exception;
            }
            finally
            {
                if (!connected)
                    socket?.Dispose();
            }
        }
        throw new MegatorrentException(
            ErrorKind.Unreachable, $"Cannot connect to {endpoint}: {TcpTransport.Describe(last!)}", last);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken)
    {
        var (host, port) = EndpointText.Parse(endpoint, allowAny: true);
        IPAddress address = host == EndpointText.AnyHost ? IPAddress.Any : (await TcpTransport.ResolveAsync(host, cancellationToken))[0];
        SocketDescriptor? socket = null;
        try
        {
            socket = SocketDescriptor.Create(address.AddressFamily);
            socket.Listen(new IPEndPoint(address, port), TcpTransport.Backlog);
            return new UringListener(this, NextLoop(), socket);
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"Cannot listen on {endpoint}: {TcpTransport.Describe(exception)}", exception);
        }
    }

    /// <summary>Loops of its own, beside those of <see cref="TryGet"/>. For tests and measurements: the threads do not end.</summary>
    internal static UringTransport? TryCreate(int loops, out string why)
    {
        why = "";
        var started = new RingLoop[loops];
        for (int i = 0; i < loops; i++)
        {
            if (RingLoop.TryStart(out why) is not { } loop)
                return null;
            started[i] = loop;
        }
        return new UringTransport(started);
    }

    /// <summary>A connection that was accepted, on the loop whose turn it is.</summary>
    internal UringConnection Connection(SocketDescriptor socket, string remoteEndpoint) => new(NextLoop(), socket, remoteEndpoint);

    private RingLoop NextLoop() => _loops[Interlocked.Increment(ref _next) % (uint)_loops.Length];
}
