using System.Diagnostics.CodeAnalysis;

namespace Megatorrent.Native.Operations;

/// <summary>
/// A call that runs while its caller does something else. Two moments count:
/// <code>
///   start ───── work ─────► complete ───── completion callback ─────► done
///                            wait and descriptor say so                destroy waits for this
/// </code>
/// Thread-safe.
/// </summary>
internal sealed unsafe class Operation
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Call _call;
    private readonly delegate* unmanaged[Cdecl]<void*, nuint, int, void> _completion;
    private readonly void* _context;
    private nuint _handle;
    private EventDescriptor? _descriptor;
    private (Status Status, string Detail) _outcome;
    private bool _holdsClient;
    private bool _isDestroyed;
    private bool _isClientTaken;

    private Operation(Call call, delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        _call = call;
        _completion = completion;
        _context = context;
        call.Operation = this;
    }

    /// <summary>Whether it is complete.</summary>
    public bool IsComplete => _complete.Task.IsCompleted;

    /// <summary>How it ended; Ok and nothing while it is under way.</summary>
    public (Status Status, string Detail) Outcome => IsComplete ? _outcome : (Status.Ok, "");

    /// <summary>Starts a call as an operation; stores the handle before anything can happen to it.</summary>
    public static Status Start(nuint* output, Call call, delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        var operation = new Operation(call, completion, context);
        operation._handle = HandleTable.Shared.Add(HandleKind.Operation, operation);
        *output = operation._handle;
        operation._holdsClient = call.Client?.TryEnter() ?? false; // from here, not only once a thread is free: closing waits for it
        _ = Task.Run(call.RunAsync).ContinueWith(
            (run, self) => ((Operation)self!).Complete(run.Result), operation, TaskContinuationOptions.ExecuteSynchronously);
        return Status.Ok;
    }

    /// <summary>Asks the work to stop.</summary>
    public void Cancel() => _call.Cancel();

    /// <summary>Waits until it is complete.</summary>
    /// <param name="timeoutMs">How long at most; <see cref="uint.MaxValue"/> for ever.</param>
    /// <returns>Whether it is complete.</returns>
    public bool Wait(uint timeoutMs)
    {
        if (timeoutMs == uint.MaxValue)
        {
            _complete.Task.Wait();
            return true;
        }

        return _complete.Task.Wait(TimeSpan.FromMilliseconds(timeoutMs));
    }

    /// <summary>A descriptor that is readable once the operation is complete; made the first time.</summary>
    /// <exception cref="StatusException">Unsupported: the system has none. State: the operation is being destroyed.</exception>
    public int GetDescriptor()
    {
        lock (_gate)
        {
            if (_isDestroyed)
                throw new StatusException(Status.State, "The operation is being destroyed.");
            if (_descriptor is null)
            {
                _descriptor = EventDescriptor.Create();
                if (IsComplete)
                    _descriptor.Signal();
            }

            return _descriptor.Number;
        }
    }

    /// <summary>What the call gave, if it has succeeded.</summary>
    /// <param name="select">Takes it out of the call; null where it gives no such thing.</param>
    /// <param name="result">It.</param>
    /// <param name="status">Why there is none: State, with the last error set.</param>
    public bool TryGet<T>(Func<Call, T?> select, [NotNullWhen(true)] out T? result, out Status status)
    {
        result = default;
        if (!IsComplete)
            status = LastError.Set(Status.State, "The operation is under way.");
        else if (_outcome.Status != Status.Ok)
            status = LastError.Set(Status.State, $"The operation failed ({System.Text.Encoding.ASCII.GetString(StatusText.Name(_outcome.Status))}): {_outcome.Detail}");
        else if ((result = select(_call)) is null)
            status = LastError.Set(Status.State, "The operation gives no such result, or it was taken before.");
        else
            status = Status.Ok;
        return status == Status.Ok;
    }

    /// <summary>
    /// Stops the work and waits until neither it nor the completion callback uses anything of the caller's, except inside that callback. The
    /// handle is out of use by then.
    /// </summary>
    public void Destroy()
    {
        _call.Cancel();
        if (!CallbackScope.IsInside(this))
            _done.Task.Wait();
        else
            _complete.Task.Wait();

        lock (_gate)
        {
            _isDestroyed = true;
            _descriptor?.Dispose();
            _descriptor = null;
        }

        // What was opened and not taken belongs to nobody.
        if (!Interlocked.Exchange(ref _isClientTaken, true) && _call.OpenedClient is { } client)
            client.CloseAsync().Wait();
    }

    /// <summary>Marks the client that was opened as the caller's.</summary>
    /// <returns>It; null if there is none or it was taken before.</returns>
    public static ClientHolder? TakeClient(Call call) =>
        call.OpenedClient is { } client && call.Operation is { } operation && !Interlocked.Exchange(ref operation._isClientTaken, true) ? client : null;

    /// <summary>Marks the object that was opened as the caller's.</summary>
    /// <returns>It; null if there is none or it was taken before.</returns>
    public static ObjectHolder? TakeObject(Call call)
    {
        ObjectHolder? opened = call.OpenedObject;
        call.OpenedObject = null;
        return opened;
    }

    private void Complete((Status Status, string Detail) outcome)
    {
        lock (_gate)
        {
            _outcome = outcome;
            _complete.SetResult();
            _descriptor?.Signal();
        }

        if (_holdsClient)
            _call.Client!.Leave();
        if (_completion is not null)
        {
            using (CallbackScope.Completion(this))
                _completion(_context, _handle, (int)outcome.Status);
        }

        _done.SetResult();
    }
}
