using Megatorrent.Cli.Terminal;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cli.Launch;

/// <summary>Exchanges an invitation for a certificate, at any node of its cluster.</summary>
internal static class InvitationExchange
{
    // An exchange is two short messages; a node that takes longer is passed over for the next.
    private static readonly TimeSpan LimitPerNode = TimeSpan.FromSeconds(15);

    /// <summary>Asks the nodes one after the other until one gives a certificate.</summary>
    /// <param name="invitation">The invitation.</param>
    /// <param name="identity">Who is to be certified.</param>
    /// <param name="endpoints">Whom to ask.</param>
    /// <param name="host">The clock, and how bytes travel.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MegatorrentException">
    /// Unauthorized: the invitation has expired, was used up, or is of another cluster. Unreachable: no node answered.
    /// </exception>
    public static async Task<JoinReply> RunAsync(
        Invitation invitation, Identity identity, IReadOnlyList<string> endpoints, CliHost host, CancellationToken cancellationToken)
    {
        invitation.Validate(invitation.ClusterKey, host.Time.GetUtcNow());
        SessionOptions session = new()
        {
            Identity = identity,
            Certificate = null,
            ClusterKey = invitation.ClusterKey,
            Time = host.Time,
            Random = SystemRandomSource.Instance,
            Executor = ThreadPoolExecutor.Instance,
        };
        await using ConnectionPool pool = new(host.Transport, session);
        List<string> problems = [];
        foreach (string endpoint in endpoints)
        {
            using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limited.CancelAfter(LimitPerNode);
            try
            {
                PeerConnection connection = await pool.GetAsync(endpoint, null, limited.Token);
                JoinReply reply = JoinReply.Decode(await connection.JoinAsync(new JoinRequest(invitation).Encode(), limited.Token));
                Check(reply.Certificate, invitation, identity, host.Time.GetUtcNow());
                return reply;
            }
            catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Unreachable or ErrorKind.Timeout)
            {
                problems.Add($"{endpoint}: {exception.Message}");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                problems.Add($"{endpoint}: no answer within {Human.Elapsed(LimitPerNode)}");
            }
        }
        throw new MegatorrentException(
            ErrorKind.Unreachable,
            problems.Count == 0 ? "the invitation names no node; give one with --cluster HOST:PORT"
                : $"no node takes the invitation: {string.Join("; ", problems)}");
    }

    private static void Check(Certificate certificate, Invitation invitation, Identity identity, DateTimeOffset now)
    {
        certificate.Validate(invitation.ClusterKey, now);
        if (certificate.Subject != identity.Id || certificate.Role != invitation.Role)
            throw new MegatorrentException(
                ErrorKind.ProtocolViolation, "the node answered with a certificate for someone else or of another role");
    }
}
