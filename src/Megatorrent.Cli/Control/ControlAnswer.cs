using Megatorrent.Cli.Json;

namespace Megatorrent.Cli.Control;

/// <summary>What a node answers: what it did, or why not.</summary>
internal sealed record ControlAnswer(ScrubDocument? Scrub, ErrorDetail? Error);
