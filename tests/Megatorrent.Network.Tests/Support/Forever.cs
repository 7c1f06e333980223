namespace Megatorrent.Network.Tests.Support;

internal static class Forever
{
    /// <summary>Waits for the token and throws, as a handler does whose work is canceled.</summary>
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.UnsafeRegister(_ => canceled.TrySetCanceled(cancellationToken), null))
            await canceled.Task;
    }
}
