using Megatorrent.Client;

namespace Megatorrent.Cli.Terminal;

/// <summary>
/// Draws the progress of an operation on one line of the terminal, some times a second, and wipes it at the end. Where standard error is
/// not a terminal it draws nothing. Every report also feeds the time limit. Thread-safe.
/// </summary>
internal sealed class ProgressLine : IProgress<TransferProgress>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(125);

    private readonly CliHost _host;
    private readonly StallGuard? _guard;
    private readonly Lock _gate = new();
    private readonly long _start;
    private readonly ITimer? _timer;
    private RateMeter _meter = new();
    private TransferProgress _now;
    private bool _reported;
    private bool _drawn;
    private bool _disposed;

    /// <summary>Starts to draw where the host's standard error is a terminal and <paramref name="quiet"/> is false.</summary>
    public ProgressLine(CliHost host, StallGuard? guard = null, bool quiet = false)
    {
        _host = host;
        _guard = guard;
        _start = host.Time.GetTimestamp();
        if (host.ErrorIsTerminal && !quiet)
            _timer = host.Time.CreateTimer(static state => ((ProgressLine)state!).Draw(), this, Interval, Interval);
    }

    /// <inheritdoc/>
    public void Report(TransferProgress value)
    {
        lock (_gate)
        {
            bool moved = !_reported || value.BytesDone != _now.BytesDone || value.Phase != _now.Phase;
            if (_reported && value.Phase != _now.Phase)
                _meter = new RateMeter();
            _now = value;
            _reported = true;
            if (!moved)
                return;
        }
        _guard?.Progressed();
    }

    /// <summary>Writes a whole line of talk without the progress running through it.</summary>
    public void WriteLine(string text)
    {
        lock (_gate)
        {
            Wipe();
            _host.Error.WriteLine(text);
        }
    }

    private void Draw()
    {
        lock (_gate)
        {
            if (_disposed || !_reported)
                return;
            _meter.Add(_host.Time.GetElapsedTime(_start), _now.BytesDone);
            string text = ProgressText.Render(_now.Phase, _now.BytesDone, _now.BytesTotal, _meter.BytesPerSecond, _host.Width());
            _host.Error.Write($"\r{text}\u001b[K");
            _drawn = true;
        }
    }

    private void Wipe()
    {
        if (!_drawn)
            return;
        _host.Error.Write("\r\u001b[K");
        _drawn = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            _disposed = true;
            Wipe();
        }
    }
}
