namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>What came of calls that failed.</summary>
/// <param name="Injected">Calls that were made to fail.</param>
/// <param name="Failed">Operations that told their caller so.</param>
/// <param name="IsRefused">Whether the store did not open for it.</param>
internal readonly record struct FaultOutcome(int Injected, int Failed, bool IsRefused);
