using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Health;

namespace Megatorrent.Network;

/// <summary>Who we are in a session, what it takes its time and chance from, and its limits. Immutable.</summary>
public sealed record SessionOptions
{
    private const int LeastTimeoutMs = 10;

    /// <summary>Who we are. Stays the caller's to dispose, after every session that uses it.</summary>
    public required Identity Identity { get; init; }

    /// <summary>Our certificate; null when we have none yet and may only ask to join.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>The cluster that peers must belong to: its Ed25519 public key, 32 bytes. Not to be written to.</summary>
    public required byte[] ClusterKey { get; init; }

    /// <summary>The clock and the timers.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where session keys and jitter come from.</summary>
    public IRandomSource Random { get; init; } = SystemRandomSource.Instance;

    /// <summary>
    /// For heavy work. The session itself encrypts on its own loops; this is carried for the handlers that share the options.
    /// </summary>
    public IWorkExecutor Executor { get; init; } = ThreadPoolExecutor.Instance;

    /// <summary>The cipher that we propose when we connect. Whoever accepts takes either.</summary>
    public CipherSuite Suite { get; init; } = CipherSuite.Aes256Gcm;

    /// <summary>Told of sessions opened, closed and refused. Called on the session's loops: must be quick and must not throw.</summary>
    public Action<SessionEvent>? Observer { get; init; }

    /// <summary>Milliseconds from the start of connecting (or accepting) until both sides have said hello. Default 10 s.</summary>
    public int HandshakeTimeoutMs { get; init; } = 10_000;

    /// <summary>
    /// Milliseconds without any progress after which a request fails with Timeout, a store that is being received is given up, and a
    /// peer that does not read is disconnected. Default 30 s.
    /// </summary>
    public int RequestTimeoutMs { get; init; } = 30_000;

    /// <summary>
    /// Milliseconds of silence after which a session is closed; a ping keeps it alive after a third of that. Default 60 s.
    /// </summary>
    public int IdleTimeoutMs { get; init; } = 60_000;

    /// <summary>Milliseconds without a request after which a <see cref="ConnectionPool"/> closes a connection. Default 5 min.</summary>
    public int PoolIdleMs { get; init; } = 300_000;

    /// <summary>
    /// Requests under way on one connection, each way; more wait their turn at the sender. Pings, gossip, probes and notices have
    /// <see cref="MessageLimits.MaxControlRequestsUnderWay"/> of their own, so that bulk never delays them. Default 128.
    /// </summary>
    public int MaxRequestsUnderWay { get; init; } = 128;

    /// <summary>
    /// Bytes of stores being received on one connection, and apart from that bytes of answers being sent on it; more wait their turn.
    /// At least <see cref="MessageLimits.MaxBlobLength"/>. Default 32 MiB: enough to fill 10 Gb/s at 25 ms.
    /// </summary>
    public int MaxBytesUnderWay { get; init; } = 32 * 1024 * 1024;

    /// <summary>The same over all connections of a server. Default 64 MiB, because a node is to live in 400 MB.</summary>
    public int MaxTotalBytesUnderWay { get; init; } = 64 * 1024 * 1024;

    /// <summary>Connections that a server holds; more are closed on arrival. Default 1024.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>
    /// How many of those may be without a certificate, those in their handshake counted, so that strangers cannot keep members out.
    /// Default 128.
    /// </summary>
    public int MaxUnauthenticatedConnections { get; init; } = 128;

    /// <summary>When a <see cref="ConnectionPool"/> leaves a peer alone that does not answer.</summary>
    public HealthOptions Health { get; init; } = new();

    /// <summary>Checks that the values make sense together.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.InvalidArgument"/> naming the first that does not.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Identity);
        ArgumentNullException.ThrowIfNull(ClusterKey);
        if (ClusterKey.Length != Ed25519.PublicKeyLength)
            throw Invalid(nameof(ClusterKey), $"is {ClusterKey.Length} bytes long; a cluster key has {Ed25519.PublicKeyLength}");
        if (Certificate is not null && !Identity.PublicKey.SequenceEqual(Certificate.SubjectKey))
            throw Invalid(nameof(Certificate), "is of another identity");
        if (Suite is not (CipherSuite.Aes256Gcm or CipherSuite.ChaCha20Poly1305))
            throw Invalid(nameof(Suite), $"is {Suite}, which is not a cipher suite");
        AtLeast(nameof(HandshakeTimeoutMs), HandshakeTimeoutMs, LeastTimeoutMs);
        AtLeast(nameof(RequestTimeoutMs), RequestTimeoutMs, LeastTimeoutMs);
        AtLeast(nameof(IdleTimeoutMs), IdleTimeoutMs, LeastTimeoutMs);
        AtLeast(nameof(PoolIdleMs), PoolIdleMs, LeastTimeoutMs);
        AtLeast(nameof(MaxRequestsUnderWay), MaxRequestsUnderWay, 1);
        AtLeast(nameof(MaxBytesUnderWay), MaxBytesUnderWay, MessageLimits.MaxBlobLength);
        AtLeast(nameof(MaxTotalBytesUnderWay), MaxTotalBytesUnderWay, MessageLimits.MaxBlobLength);
        AtLeast(nameof(MaxConnections), MaxConnections, 1);
        AtLeast(nameof(MaxUnauthenticatedConnections), MaxUnauthenticatedConnections, 1);
        ArgumentNullException.ThrowIfNull(Health);
        Health.Validate();
    }

    private static void AtLeast(string name, int value, int least)
    {
        if (value < least)
            throw Invalid(name, $"is {value}; it must be at least {least}");
    }

    private static MegatorrentException Invalid(string name, string fault) =>
        new(ErrorKind.InvalidArgument, $"The session option {name} {fault}.");
}
