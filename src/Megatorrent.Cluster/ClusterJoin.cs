using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster;

/// <summary>How a newcomer exchanges an invitation for a certificate.</summary>
public static class ClusterJoin
{
    /// <summary>
    /// Takes the invitation to one node after the other until one exchanges it; checks that the certificate is of this cluster, of this
    /// identity and valid.
    /// </summary>
    /// <param name="transport">How to connect.</param>
    /// <param name="session">The newcomer's identity; its certificate is ignored, its cluster key must be the invitation's.</param>
    /// <param name="endpoints">Nodes to ask, each "host:port"; those in the invitation are asked after them.</param>
    /// <param name="invitation">The invitation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The certificate, and the members that the node knows (validated).</returns>
    /// <exception cref="MegatorrentException">
    /// Unauthorized: the invitation is expired, used, of another cluster, or was refused. Unreachable: nobody answers.
    /// </exception>
    public static async ValueTask<JoinReply> ExchangeAsync(
        ITransport transport, SessionOptions session, IReadOnlyList<string> endpoints, Invitation invitation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(invitation);
        invitation.Validate(session.ClusterKey, session.Time.GetUtcNow());
        byte[] request = new JoinRequest(invitation).Encode();
        MegatorrentException? refused = null;
        var unreachable = new List<string>();
        await using var pool = new ConnectionPool(transport, session with { Certificate = null });
        foreach (string endpoint in endpoints.Concat(invitation.Endpoints).Distinct(StringComparer.Ordinal))
        {
            try
            {
                PeerConnection connection = await pool.GetAsync(endpoint, null, cancellationToken);
                JoinReply reply = JoinReply.Decode(await connection.JoinAsync(request, cancellationToken));
                DateTimeOffset now = session.Time.GetUtcNow();
                reply.Certificate.Validate(session.ClusterKey, now);
                if (reply.Certificate.Subject != session.Identity.Id)
                    throw new MegatorrentException(ErrorKind.ProtocolViolation, $"{endpoint} gave a certificate of another identity.");
                return reply with { View = reply.View.Validated(session.ClusterKey, now) };
            }
            catch (MegatorrentException exception)
            {
                if (exception.Kind is ErrorKind.Unreachable or ErrorKind.Timeout)
                    unreachable.Add(exception.Message);
                else
                    refused = exception;
            }
        }
        throw refused ?? new MegatorrentException(
            ErrorKind.Unreachable,
            unreachable.Count == 0 ? "Neither the invitation nor the caller names a node to join." : $"No node of the cluster answers: {string.Join(" ", unreachable)}");
    }
}
