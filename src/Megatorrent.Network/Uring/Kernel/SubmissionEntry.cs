using System.Runtime.InteropServices;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary>What is asked of the kernel: <c>struct io_uring_sqe</c>, 64 bytes, of which what this transport needs is named.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct SubmissionEntry
{
    public const int Size = 64;

    /// <summary>Something can be read.</summary>
    public const uint PollIn = 0x0001;

    /// <summary>The peer ends its stream.</summary>
    public const uint PollPeerEnds = 0x2000; // POLLRDHUP

    /// <summary>Any of what says that a stream ends, behind the bytes that are there.</summary>
    public const int PollEnds = (int)PollPeerEnds | 0x0018; // POLLERR, POLLHUP: told without being asked for

    private const byte SelectBuffer = 1 << 5; // IOSQE_BUFFER_SELECT
    private const uint PollAgainAndAgain = 1; // IORING_POLL_ADD_MULTI
    private const ushort ReceiveAgainAndAgain = 1 << 1; // IORING_RECV_MULTISHOT
    private const ushort AcceptAgainAndAgain = 1; // IORING_ACCEPT_MULTISHOT
    private const uint NoSignal = 0x4000; // MSG_NOSIGNAL
    private const uint SendAll = 0x100; // MSG_WAITALL
    private const uint CloseOnExec = 0x80000; // SOCK_CLOEXEC

    [FieldOffset(0)]
    private OperationCode _code;

    [FieldOffset(1)]
    private byte _flags;

    [FieldOffset(2)]
    private ushort _priority; // a disk's; sockets keep flags of their own in it

    [FieldOffset(4)]
    private int _descriptor;

    [FieldOffset(8)]
    private ulong _offset;

    [FieldOffset(16)]
    private ulong _address;

    [FieldOffset(24)]
    private uint _length;

    [FieldOffset(28)]
    private uint _operationFlags;

    /// <summary>Comes back with every completion.</summary>
    [FieldOffset(32)]
    public ulong UserData;

    [FieldOffset(40)]
    private ushort _bufferGroup;

    /// <summary>Completes each time that <paramref name="events"/> come to a descriptor, and at once where one of them has.</summary>
    public void SetPoll(int descriptor, uint events)
    {
        _code = OperationCode.PollAdd;
        _descriptor = descriptor;
        _length = PollAgainAndAgain;
        _operationFlags = events;
    }

    /// <summary>Completes each time that bytes come to a socket, with a buffer of <see cref="ProvidedBuffers"/> that has them.</summary>
    public void SetReceive(int descriptor)
    {
        _code = OperationCode.Receive;
        _flags = SelectBuffer;
        _priority = ReceiveAgainAndAgain;
        _descriptor = descriptor;
        _bufferGroup = ProvidedBuffers.Group;
    }

    /// <summary>Completes when all bytes are sent, or some and then an error came.</summary>
    public void SetSend(int descriptor, ulong address, int length)
    {
        _code = OperationCode.Send;
        _descriptor = descriptor;
        _address = address;
        _length = (uint)length;
        _operationFlags = NoSignal | SendAll;
    }

    /// <summary>Completes with the descriptor of each connection that comes.</summary>
    public void SetAccept(int descriptor)
    {
        _code = OperationCode.Accept;
        _priority = AcceptAgainAndAgain;
        _descriptor = descriptor;
        _operationFlags = CloseOnExec;
    }

    /// <summary>Completes when the connection is there or cannot be made. The address must stay where it is until then.</summary>
    public void SetConnect(int descriptor, ulong address, int length)
    {
        _code = OperationCode.Connect;
        _descriptor = descriptor;
        _address = address;
        _offset = (ulong)length;
    }

    /// <summary>Ends the operation that was submitted with a <see cref="UserData"/>.</summary>
    public void SetCancel(ulong userData)
    {
        _code = OperationCode.AsyncCancel;
        _descriptor = -1;
        _address = userData;
    }
}
