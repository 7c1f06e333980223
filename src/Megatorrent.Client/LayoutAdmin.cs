using Megatorrent.Cluster;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>Reads the layout of a cluster and, for an admin, changes it. Thread-safe.</summary>
public sealed class LayoutAdmin
{
    // Somebody else's change came first: the change is made again upon theirs. More in a row is no accident.
    private const int AttemptsMax = 8;

    private readonly ClusterDirectory _directory;
    private readonly ClientOptions _options;

    internal LayoutAdmin(ClusterDirectory directory, ClientOptions options)
    {
        _directory = directory;
        _options = options;
    }

    /// <summary>Asks for the layout, which is validated here.</summary>
    /// <exception cref="MegatorrentException">Unreachable: nobody answers. Unauthorized: what is answered no admin has signed.</exception>
    public ValueTask<LayoutReply> GetAsync(CancellationToken cancellationToken) =>
        AskAsync(LayoutReply.GetName, default, cancellationToken);

    /// <summary>Changes the layout, upon whatever is decided when it takes effect.</summary>
    /// <param name="change">Makes the nodes as they are to be from the layout that is; called again when another change came first.</param>
    /// <param name="cancellationToken">Gives up; whether it took effect is not known then.</param>
    /// <returns>The layout that it became.</returns>
    /// <exception cref="MegatorrentException">
    /// Unauthorized: the credential is not an admin's. Unreachable: nobody answers, or the coordinator does not. Timeout: others change it
    /// all the time. What <paramref name="change"/> throws.
    /// </exception>
    public async ValueTask<ClusterLayout> ChangeAsync(Func<ClusterLayout, LayoutNode[]> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        using Identity admin = _options.Credential.CreateIdentity();
        LayoutReply reply = await GetAsync(cancellationToken);
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            ClusterLayout before = reply.Current?.Layout ?? ClusterLayout.Empty;
            SignedLayout next = SignedLayout.Sign(
                before.Next(_options.Time.GetUtcNow(), change(before)), admin.Key, _options.Credential.Certificate);
            reply = await AskAsync(LayoutReply.SetName, next.Encoded, cancellationToken);
            if (reply.Accepted || reply.Current?.Layout.Hash.AsSpan().SequenceEqual(next.Layout.Hash) == true)
                return next.Layout;
        }
        throw new MegatorrentException(
            ErrorKind.Timeout, $"The layout was changed by others {AttemptsMax} times meanwhile; see who does, and try again.");
    }

    // One that cannot answer, or cannot reach the coordinator, is passed over for the next. Every node may answer; none is special.
    private async ValueTask<LayoutReply> AskAsync(string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        MegatorrentException? last = null;
        foreach (Member member in _directory.View.Living)
        {
            try
            {
                PeerConnection connection = await _directory.ConnectAsync(member, cancellationToken);
                LayoutReply reply = LayoutReply.Decode(
                    await connection.StatusAsync(new NodeQuestion(name, body).Encode(), cancellationToken));
                reply.Current?.Validate(_options.Credential.ClusterKey, _options.Time.GetUtcNow());
                return reply;
            }
            catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Unreachable or ErrorKind.Timeout)
            {
                last = exception;
            }
        }
        throw last ?? new MegatorrentException(ErrorKind.Unreachable, "Every member of the cluster is dead.");
    }
}
