using Megatorrent.Cli.Json;
using Megatorrent.Core;

namespace Megatorrent.Cli.Terminal;

/// <summary>
/// What an exception becomes for the person at the terminal: one line, a hint where there is one, an exit code. Never a stack trace.
/// </summary>
internal static class Failures
{
    /// <summary>The variable that shows traces to those who hunt a defect.</summary>
    public const string TraceVariable = "MEGATORRENT_TRACE";

    // errno of a write to a pipe that nobody reads any more: the same number on Linux and macOS.
    private const int BrokenPipe = 32;

    /// <summary>The exit code, the kind as JSON shows it, and what happened.</summary>
    public static (int ExitCode, string Kind, string Message) Describe(Exception exception, bool interrupted)
    {
        exception = Unwrap(exception);
        if (interrupted && (StallGuard.IsCancellation(exception) || exception is ObjectDisposedException))
            return (ExitCodes.Interrupted, nameof(ErrorKind.Canceled), "interrupted");
        return exception switch
        {
            MegatorrentException { Kind: ErrorKind.Internal } => (ExitCodes.Other, nameof(ErrorKind.Internal), exception.Message),
            MegatorrentException known => (ExitCodes.Of(known.Kind), known.Kind.ToString(), known.Message),
            OperationCanceledException => (ExitCodes.Other, nameof(ErrorKind.Timeout), "a time limit ended the operation; try again"),
            UnauthorizedAccessException => (ExitCodes.Other, nameof(ErrorKind.InputOutput), $"permission denied: {exception.Message}"),
            IOException => (ExitCodes.Other, nameof(ErrorKind.InputOutput), exception.Message),
            _ => (ExitCodes.Other, nameof(ErrorKind.Internal), $"{exception.GetType().Name}: {exception.Message}"),
        };
    }

    /// <summary>Writes the failure to standard error and, with <paramref name="json"/>, as a document to standard output.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(Exception exception, CliHost host, bool json, bool interrupted)
    {
        if (Unwrap(exception) is IOException { HResult: BrokenPipe })
            return ExitCodes.Done; // `cat … | head`: the reader has what it wanted
        (int exitCode, string kind, string message) = Describe(exception, interrupted);
        bool isDefect = kind == nameof(ErrorKind.Internal);
        string prefix = isDefect ? "internal error: " : exitCode == ExitCodes.Interrupted ? "" : "error: ";
        host.Error.WriteLine(Printable.Line(prefix + message));
        bool trace = host.Environment(TraceVariable) is { Length: > 0 } value && value != "0";
        if (trace)
            host.Error.WriteLine(exception);
        else if (isDefect)
            host.Error.WriteLine($"hint: this is a defect of megatorrent; {TraceVariable}=1 shows the trace for a report");
        if (json)
            JsonOutput.Write(host, new ErrorDocument(new ErrorDetail(kind, message, exitCode)), CliJson.Output.ErrorDocument);
        return exitCode;
    }

    private static Exception Unwrap(Exception exception)
    {
        while (exception is AggregateException { InnerExceptions.Count: 1 }
            or System.Reflection.TargetInvocationException { InnerException: not null })
            exception = exception.InnerException!;
        return exception;
    }
}
