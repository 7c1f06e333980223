using Megatorrent.Client;

namespace Megatorrent.Native.Operations;

/// <summary>
/// Tells a progress callback of the caller how far a call is: one report at a time, never going back within a phase, none after <see cref="End"/>. An
/// answer other than 0 cancels the call.
/// </summary>
internal sealed unsafe class NativeProgress(delegate* unmanaged[Cdecl]<void*, ulong, ulong, int> callback, void* context) : IProgress<TransferProgress>
{
    /// <summary>What the header calls <c>MT_LENGTH_UNKNOWN</c>.</summary>
    public const ulong LengthUnknown = ulong.MaxValue;

    private readonly Lock _gate = new();
    private ClientHolder? _client;
    private Operation? _operation;
    private Action? _cancel;
    private string _phase = "";
    private long _bytesDone = -1;
    private bool _hasEnded;

    /// <summary>Whether the callback asked to stop.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>Makes one for a callback; null for none.</summary>
    public static NativeProgress? Create(delegate* unmanaged[Cdecl]<void*, ulong, ulong, int> callback, void* context) =>
        callback is null ? null : new NativeProgress(callback, context);

    /// <summary>Names what is reported on, and how an answer cancels it.</summary>
    public void BelongTo(ClientHolder? client, Operation? operation, Action cancel)
    {
        _client = client;
        _operation = operation;
        _cancel = cancel;
    }

    /// <inheritdoc/>
    public void Report(TransferProgress value)
    {
        lock (_gate)
        {
            // Stripes finish on several threads, so a smaller number may come after a larger one.
            if (_hasEnded || HasStopped || (value.Phase == _phase && value.BytesDone <= _bytesDone))
                return;
            _phase = value.Phase;
            _bytesDone = value.BytesDone;
            using (CallbackScope.Progress(_client, _operation))
                HasStopped = callback(context, (ulong)value.BytesDone, value.BytesTotal < 0 ? LengthUnknown : (ulong)value.BytesTotal) != 0;
            if (HasStopped)
                _cancel?.Invoke();
        }
    }

    /// <summary>Waits for a report that is under way; no other follows.</summary>
    public void End()
    {
        lock (_gate)
            _hasEnded = true;
    }
}
