using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary>Linux's error numbers, and what .NET calls them.</summary>
internal static class Errno
{
    public const int NotPermitted = 1; // EPERM
    public const int Interrupted = 4; // EINTR
    public const int InputOutput = 5; // EIO
    public const int BadDescriptor = 9; // EBADF
    public const int TryAgain = 11; // EAGAIN
    public const int AccessDenied = 13; // EACCES
    public const int Busy = 16; // EBUSY
    public const int Invalid = 22; // EINVAL
    public const int NoSuchCall = 38; // ENOSYS
    public const int NoBuffers = 105; // ENOBUFS
    public const int Canceled = 125; // ECANCELED

    /// <summary>Whether an operation that ended so may simply be submitted again.</summary>
    public static bool IsPassing(int errno) => errno is Interrupted or TryAgain or Canceled;

    /// <summary>The exception that .NET's own sockets would have thrown.</summary>
    public static SocketException ToException(int errno)
    {
        SocketError error = errno switch
        {
            NotPermitted or AccessDenied => SocketError.AccessDenied,
            12 or NoBuffers => SocketError.NoBufferSpaceAvailable, // ENOMEM
            23 or 24 => SocketError.TooManyOpenSockets, // ENFILE, EMFILE
            32 => SocketError.Shutdown, // EPIPE
            97 => SocketError.AddressFamilyNotSupported,
            98 => SocketError.AddressAlreadyInUse,
            99 => SocketError.AddressNotAvailable,
            100 => SocketError.NetworkDown,
            101 => SocketError.NetworkUnreachable,
            103 => SocketError.ConnectionAborted,
            104 => SocketError.ConnectionReset,
            107 => SocketError.NotConnected,
            110 => SocketError.TimedOut,
            111 => SocketError.ConnectionRefused,
            112 => SocketError.HostDown,
            113 => SocketError.HostUnreachable,
            _ => SocketError.SocketError,
        };
        return new SocketException((int)error, Marshal.GetPInvokeErrorMessage(errno));
    }
}
