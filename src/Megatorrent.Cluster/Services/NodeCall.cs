using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Services;

/// <summary>
/// A question that a service answers, carried by a `status` request under its name (<see cref="NodeQuestion"/>).
/// </summary>
/// <param name="Name">The name; distinct among all services, at most 32 characters of ASCII.</param>
/// <param name="Least">The role that may ask, and every higher one.</param>
/// <param name="AnswerAsync">
/// Who asks, the question's body, gives the answer, each at most 256 KiB less the question's frame. The body is valid until it returns.
/// </param>
internal sealed record NodeCall(
    string Name, Role Least, Func<PeerIdentity, ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]>> AnswerAsync);
