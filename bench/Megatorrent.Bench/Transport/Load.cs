namespace Megatorrent.Bench.Transport;

/// <summary>What is asked of an engine.</summary>
/// <param name="Name">For people.</param>
/// <param name="AnswerLength">Bytes in an answer.</param>
/// <param name="Connections">Connections at once.</param>
/// <param name="Depth">Answers that each connection waits for at once.</param>
internal sealed record Load(string Name, int AnswerLength, int Connections, int Depth);
