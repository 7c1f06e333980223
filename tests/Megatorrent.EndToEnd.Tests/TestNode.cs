namespace Megatorrent.EndToEnd.Tests;

/// <summary>One node process.</summary>
internal sealed record TestNode(string Id, int ProcessId, string Listen, string Data);
