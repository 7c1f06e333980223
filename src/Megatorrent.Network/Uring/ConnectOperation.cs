using System.Net;
using System.Runtime.InteropServices;
using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>The making of one connection, once.</summary>
internal sealed class ConnectOperation : RingOperation
{
    private readonly TaskCompletionSource<int> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SocketDescriptor _socket;
    private readonly byte[] _address; // pinned

    public ConnectOperation(SocketDescriptor socket, IPEndPoint endpoint)
    {
        _socket = socket;
        SocketAddress address = endpoint.Serialize();
        _address = GC.AllocateArray<byte>(address.Size, pinned: true);
        address.Buffer.Span[..address.Size].CopyTo(_address);
    }

    /// <summary>Connects. Nothing of it is under way any more when this returns or throws.</summary>
    /// <returns>0, or a negative error number.</returns>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public async ValueTask<int> RunAsync(RingLoop loop, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _socket.Hold();
        loop.Submit(this);
        int result;
        using (cancellationToken.UnsafeRegister(_ => loop.Cancel(this), null))
            result = await _done.Task;
        if (result == -Errno.Canceled)
            cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    public override void Prepare(ref SubmissionEntry entry) =>
        entry.SetConnect(_socket.Number, (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_address, 0), _address.Length);

    public override void OnEnded(int result, uint flags)
    {
        _socket.Release();
        _done.SetResult(result);
    }
}
