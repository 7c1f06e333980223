using System.Security.Cryptography.X509Certificates;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Coordination.Etcd;

/// <summary>Where etcd is and who asks it. Immutable.</summary>
public sealed record EtcdOptions
{
    /// <summary>Members of the etcd cluster, each "https://host:port" or "http://host:port"; any one that answers is enough.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>Who may have issued the servers' certificates. Null: whom the system trusts.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The certificate to show, with its private key; null for none. Stays the caller's to dispose.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The user to authenticate as; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The user's password.</summary>
    public string? Password { get; init; }

    /// <summary>What every key begins with; the cluster's own part follows. Default "/megatorrent".</summary>
    public string KeyPrefix { get; init; } = "/megatorrent";

    /// <summary>
    /// How long the lease on a node's membership lasts unrenewed, in seconds. Default 15: three renewals, and longer than an election.
    /// </summary>
    public int LeaseSeconds { get; init; } = 15;

    /// <summary>How long one request may take, in milliseconds, before another member is asked. Default 5 s.</summary>
    public int RequestTimeoutMs { get; init; } = 5000;

    /// <summary>The first pause after a failure, in milliseconds; it doubles. Default 200.</summary>
    public int BackOffMs { get; init; } = 200;

    /// <summary>The longest pause, in milliseconds. Default 10 s.</summary>
    public int BackOffMaxMs { get; init; } = 10_000;

    /// <summary>Checks what can be checked before anything is asked.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: which option, and why.</exception>
    public void Validate()
    {
        if (Endpoints.Count == 0)
            throw Invalid("The etcd coordinator needs an endpoint; name one with --etcd-endpoints https://HOST:2379.");
        foreach (string endpoint in Endpoints)
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")
                || uri.PathAndQuery is not ("/" or ""))
            {
                throw Invalid($"'{endpoint}' is not an etcd endpoint; write https://HOST:PORT, such as https://192.0.2.7:2379.");
            }
        }
        if ((User is null) != (Password is null))
            throw Invalid("An etcd user needs a password, and a password a user.");
        if (LeaseSeconds < 2 || RequestTimeoutMs < 1 || BackOffMs < 1 || BackOffMaxMs < BackOffMs)
            throw Invalid("A lease lasts at least 2 seconds, and times are more than zero.");
    }

    /// <summary>The endpoints; never the password.</summary>
    public override string ToString() => $"etcd at {string.Join(", ", Endpoints)}";

    private static MegatorrentException Invalid(string message) => new(ErrorKind.InvalidArgument, message);
}
