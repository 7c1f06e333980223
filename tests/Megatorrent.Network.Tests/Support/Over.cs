using Megatorrent.Network.Memory;
using Megatorrent.Network.Uring;

namespace Megatorrent.Network.Tests.Support;

/// <summary>The transports that tests run over, by name.</summary>
internal static class Over
{
    public const string Memory = "memory";
    public const string Portable = "portable";

    /// <summary>Where the machine has none, a test that names it runs over the portable engine once more.</summary>
    public const string IoUring = "io_uring";

    /// <summary>The engines over the system's TCP that this machine has.</summary>
    public static string[] Engines { get; } = UringTransport.TryGet(out _) is null ? [Portable] : [Portable, IoUring];

    /// <summary>An engine over the system's TCP.</summary>
    public static ITransport Transport(string engine) =>
        engine == IoUring && UringTransport.TryGet(out _) is { } uring ? uring : TcpTransport.Instance;

    /// <summary>A transport, and where to listen on it.</summary>
    public static (ITransport Transport, string Listen) Open(
        string name, MemoryTransportOptions? memory = null, Action<MemoryLink>? connected = null) =>
        name == Memory
            ? (new MemoryTransport(memory) { Connected = connected }, "node:0")
            : (Transport(name), "127.0.0.1:0");

    /// <summary>Both ends of a new connection.</summary>
    public static async Task<(ITransportConnection Connecting, ITransportConnection Accepted)> PairAsync(ITransport transport)
    {
        await using ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default);
        Task<ITransportConnection> accepting = listener.AcceptAsync(default).AsTask();
        ITransportConnection connecting = await transport.ConnectAsync(listener.Endpoint, default);
        return (connecting, await accepting);
    }
}
