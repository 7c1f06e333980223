namespace Megatorrent.Native.Operations;

/// <summary>
/// A call that takes its time, checked and ready: it runs once, either while its caller waits or as an operation. What it gives is stored here
/// by its work. Cancel may come from any thread at any time.
/// </summary>
/// <param name="name">What it does, for the log.</param>
/// <param name="client">The client that it goes through; null while there is none.</param>
/// <param name="work">The work. Pointers of the caller that it uses are valid until it has completed.</param>
internal sealed class Call(string name, ClientHolder? client, Func<Call, CancellationToken, Task> work)
{
    private readonly CancellationTokenSource _cancel = new();

    /// <summary>The client that it goes through, if there is one.</summary>
    public ClientHolder? Client => client;

    /// <summary>The operation that it runs as; null while its caller waits.</summary>
    public Operation? Operation { get; set; }

    /// <summary>Whom its work tells how far it is.</summary>
    public NativeProgress? Progress { get; init; }

    /// <summary>The capability that a put gave.</summary>
    public string? Capability { get; set; }

    /// <summary>The bytes that a read wrote.</summary>
    public nuint? Length { get; set; }

    /// <summary>The client that was opened.</summary>
    public ClientHolder? OpenedClient { get; set; }

    /// <summary>The object that was opened.</summary>
    public ObjectHolder? OpenedObject { get; set; }

    /// <summary>Asks the work to stop. What that sets off does not run on the calling thread, which is the caller's.</summary>
    public void Cancel() => _ = _cancel.CancelAsync();

    /// <summary>Runs the work on a thread of the library, whose stack is ours, and waits.</summary>
    /// <returns>Ok, or why it failed, with the last error set for the calling thread.</returns>
    public Status RunAndWait()
    {
        (Status status, string detail) = Task.Run(RunAsync).GetAwaiter().GetResult();
        return status == Status.Ok ? Status.Ok : LastError.Set(status, detail);
    }

    /// <summary>What an exception says to the caller: of a defect everything, since nobody but us can act on it.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        OperationCanceledException => "The call was cancelled.",
        _ => StatusText.From(exception) == Status.Internal ? exception.ToString() : exception.Message,
    };

    /// <summary>Runs the work. Never fails: what was thrown becomes the status.</summary>
    public async Task<(Status Status, string Detail)> RunAsync()
    {
        Progress?.BelongTo(client, Operation, Cancel);
        try
        {
            if (client is null)
                await work(this, _cancel.Token);
            else
                await client.RunAsync(token => work(this, token), _cancel.Token);
            NativeLog.Debug(name, "done");
            return (Status.Ok, "");
        }
        catch (Exception exception)
        {
            Status status = StatusText.From(exception);
            string detail = Progress is { HasStopped: true } && status == Status.Canceled
                ? "The progress callback asked to stop."
                : Describe(exception);
            NativeLog.Write(status == Status.Internal ? NativeLog.Error : NativeLog.Info, $"{name}: {detail}");
            return (status, detail);
        }
        finally
        {
            Progress?.End();
        }
    }
}
