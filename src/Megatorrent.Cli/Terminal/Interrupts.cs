using System.Runtime.InteropServices;

namespace Megatorrent.Cli.Terminal;

/// <summary>
/// Turns the first SIGINT, SIGTERM or SIGHUP into a cancellation, so that a command can end cleanly. The second SIGINT is left to the
/// operating system, which kills the process: nobody is trapped in a clean-up.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Starts to listen where <paramref name="handleSignals"/> is true; otherwise nothing ever cancels.</summary>
    public Interrupts(bool handleSignals)
    {
        if (!handleSignals)
            return;
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    private void OnSignal(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            context.Cancel = context.Signal != PosixSignal.SIGINT; // the second Ctrl-C kills
            return;
        }
        context.Cancel = true;
        _source.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }
}
