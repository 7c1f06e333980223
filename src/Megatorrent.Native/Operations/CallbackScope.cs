namespace Megatorrent.Native.Operations;

/// <summary>
/// Which callbacks of the caller are running on this thread, so that a call inside one is refused where it would wait for itself. Scopes
/// nest: a progress callback may make a call that logs.
/// </summary>
internal sealed class CallbackScope : IDisposable
{
    [ThreadStatic]
    private static CallbackScope? _innermost;

    private readonly CallbackScope? _outer;
    private readonly ClientHolder? _client;
    private readonly Operation? _operation;
    private readonly bool _isLog;

    private CallbackScope(ClientHolder? client, Operation? operation, bool isLog)
    {
        _outer = _innermost;
        _client = client;
        _operation = operation;
        _isLog = isLog;
        _innermost = this;
    }

    /// <summary>A progress callback of a call, which is under way until it has returned.</summary>
    public static CallbackScope Progress(ClientHolder? client, Operation? operation) => new(client, operation, isLog: false);

    /// <summary>A completion callback: its operation is complete, but not done with before the callback has returned.</summary>
    public static CallbackScope Completion(Operation operation) => new(null, operation, isLog: false);

    /// <summary>A log callback, which may stand in the middle of anything.</summary>
    public static CallbackScope Log() => new(null, null, isLog: true);

    /// <summary>Whether closing <paramref name="client"/> here would wait for the callback that this thread is in.</summary>
    public static bool WouldWaitForItself(ClientHolder client) => Any(scope => scope._isLog || scope._client == client);

    /// <summary>Whether waiting for <paramref name="operation"/> here would wait for the callback that this thread is in.</summary>
    public static bool WouldWaitForItself(Operation operation) => Any(scope => scope._isLog || scope._operation == operation);

    /// <summary>Whether this thread is inside the completion or progress callback of <paramref name="operation"/>.</summary>
    public static bool IsInside(Operation operation) => Any(scope => scope._operation == operation);

    /// <summary>Whether this thread is inside the log callback.</summary>
    public static bool IsInsideLog => Any(scope => scope._isLog);

    /// <inheritdoc/>
    public void Dispose() => _innermost = _outer;

    private static bool Any(Predicate<CallbackScope> matches)
    {
        for (CallbackScope? scope = _innermost; scope is not null; scope = scope._outer)
        {
            if (matches(scope))
                return true;
        }

        return false;
    }
}
