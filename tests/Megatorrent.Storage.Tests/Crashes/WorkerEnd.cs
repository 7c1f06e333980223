namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>How a worker ended.</summary>
/// <param name="ExitCode">Of the process; 137 if it was killed.</param>
/// <param name="Failures">Operations that failed as documented, with kind and message.</param>
/// <param name="Error">What it wrote to its standard error.</param>
internal sealed record WorkerEnd(int ExitCode, IReadOnlyList<string> Failures, string Error);
