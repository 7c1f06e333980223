using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary>
/// A TCP socket that never blocks in a call. Its number is closed, and may become another socket's, only when the last call on it and the
/// last operation of a ring on it have ended.
/// </summary>
internal sealed unsafe class SocketDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>What a call returns that would have to wait.</summary>
    public const int WouldBlock = -Errno.TryAgain;

    /// <summary>What a call returns on a socket that was closed on this side.</summary>
    public const int WasClosed = -Errno.BadDescriptor;

    private const int StreamSocket = 1;
    private const int CloseOnExec = 0x80000; // SOCK_CLOEXEC
    private const int Tcp = 6;
    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private const int Ipv6Level = 41;
    private const int OnlyIpv6 = 26;
    private const int NoDelay = 1;
    private const int Ipv4 = 2;
    private const int Ipv6 = 10;
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int ShutdownWrite = 1;
    private const int ShutdownBoth = 2;

    /// <summary>The number, for whoever holds it.</summary>
    public int Number => (int)handle;

    /// <summary>Takes over a socket that the kernel made.</summary>
    public SocketDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>A new socket.</summary>
    /// <exception cref="SocketException">There is none to be had.</exception>
    public static SocketDescriptor Create(AddressFamily family)
    {
        int native = family == AddressFamily.InterNetwork ? Ipv4 : Ipv6;
        int descriptor = LibC.Socket(native, StreamSocket | CloseOnExec, Tcp);
        return descriptor >= 0 ? new SocketDescriptor(descriptor) : throw Errno.ToException(Marshal.GetLastPInvokeError());
    }

    /// <summary>Binds and listens.</summary>
    /// <exception cref="SocketException">It cannot.</exception>
    public void Listen(IPEndPoint endpoint, int backlog)
    {
        SocketAddress address = endpoint.Serialize();
        int on = 1; // as .NET's sockets: an address is free again in spite of TIME_WAIT, and IPv6 is no IPv4 too
        int result = LibC.SetOption(Number, SocketLevel, ReuseAddress, &on, sizeof(int));
        if (result >= 0 && endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            result = LibC.SetOption(Number, Ipv6Level, OnlyIpv6, &on, sizeof(int));
        fixed (byte* bytes = address.Buffer.Span)
        {
            if (result < 0 || LibC.Bind(Number, bytes, (uint)address.Size) < 0 || LibC.Listen(Number, backlog) < 0)
                throw Errno.ToException(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint? LocalEndpoint => Address(&LibC.GetLocalAddress);

    /// <summary>Who is at the other end; null when that is gone.</summary>
    public IPEndPoint? RemoteEndpoint => Address(&LibC.GetPeerAddress);

    /// <summary>Turns Nagle's delay off. That it could not does no harm.</summary>
    public void SetNoDelay()
    {
        int on = 1;
        _ = LibC.SetOption(Number, Tcp, NoDelay, &on, sizeof(int));
    }

    /// <summary>Hands bytes to the system.</summary>
    /// <returns>How many it took, <see cref="WouldBlock"/>, or another negative error number.</returns>
    public int Send(ReadOnlySpan<byte> source)
    {
        if (!TryHold())
            return WasClosed;
        fixed (byte* bytes = source)
            return Done(LibC.Send(Number, bytes, (nuint)source.Length, DoNotWait | NoSignal));
    }

    /// <summary>Takes bytes that have arrived.</summary>
    /// <returns>How many, 0 at the end of the stream, <see cref="WouldBlock"/>, or another negative error number.</returns>
    public int Receive(Span<byte> destination)
    {
        if (!TryHold())
            return WasClosed;
        fixed (byte* bytes = destination)
            return Done(LibC.Receive(Number, bytes, (nuint)destination.Length, DoNotWait));
    }

    /// <summary>Ends the stream to the peer.</summary>
    public void ShutdownSending() => Shutdown(ShutdownWrite);

    /// <summary>Ends both streams: everything that waits for the peer comes back.</summary>
    public void ShutdownBothWays() => Shutdown(ShutdownBoth);

    /// <summary>Keeps the number from being closed until <see cref="Release"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is being closed already.</exception>
    public void Hold()
    {
        bool held = false;
        DangerousAddRef(ref held);
    }

    /// <summary>Ends what <see cref="Hold"/> began.</summary>
    public void Release() => DangerousRelease();

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.Close(Number) == 0;

    private bool TryHold()
    {
        try
        {
            Hold();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private int Done(nint count)
    {
        int result = count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        Release();
        return result;
    }

    private void Shutdown(int how)
    {
        if (!TryHold())
            return;
        _ = LibC.Shutdown(Number, how);
        Release();
    }

    private IPEndPoint? Address(delegate*<int, void*, uint*, int> get)
    {
        var address = new SocketAddress(AddressFamily.InterNetworkV6);
        uint length = (uint)address.Buffer.Length;
        fixed (byte* bytes = address.Buffer.Span)
        {
            if (get(Number, bytes, &length) < 0)
                return null;
        }
        return Parse(address.Buffer.Span[..(int)length]);
    }

    // struct sockaddr_in and sockaddr_in6: family in the order of the machine, port in that of the network.
    private static IPEndPoint? Parse(ReadOnlySpan<byte> address)
    {
        if (address.Length < 8)
            return null;
        int port = address[2] << 8 | address[3];
        return MemoryMarshal.Read<ushort>(address) switch
        {
            Ipv4 => new IPEndPoint(new IPAddress(address[4..8]), port),
            Ipv6 when address.Length >= 28 => new IPEndPoint(new IPAddress(address[8..24], MemoryMarshal.Read<uint>(address[24..])), port),
            _ => null,
        };
    }
}
