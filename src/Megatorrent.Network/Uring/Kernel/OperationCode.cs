namespace Megatorrent.Network.Uring.Kernel;

/// <summary>The operations that this transport asks for: <c>IORING_OP_*</c>.</summary>
internal enum OperationCode : byte
{
    /// <summary>Says when a descriptor is ready.</summary>
    PollAdd = 6,

    /// <summary>Takes a connection.</summary>
    Accept = 13,

    /// <summary>Ends an operation that is under way.</summary>
    AsyncCancel = 14,

    /// <summary>Makes a connection.</summary>
    Connect = 16,

    /// <summary>Sends bytes.</summary>
    Send = 26,

    /// <summary>Receives bytes.</summary>
    Receive = 27,
}
