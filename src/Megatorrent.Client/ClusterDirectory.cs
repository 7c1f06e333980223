using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Network;
using Megatorrent.Network.Health;

namespace Megatorrent.Client;

/// <summary>Who is in the cluster and how to reach them: the member list that any node gives, and the connections to the members.</summary>
internal sealed class ClusterDirectory : IAsyncDisposable
{
    // A view is asked for again after a failure, but not more often than this: a dying cluster must not be buried in questions.
    private const int RefreshIntervalMs = 1_000;

    private static readonly TimeSpan RecentDeath = TimeSpan.FromSeconds(30); // on the clock of whoever told; a skew only costs patience

    private readonly ClientOptions _options;
    private readonly ConnectionPool _pool;
    private readonly Lock _gate = new();
    private ClusterView _view;
    private long _refreshed;
    private Task<ClusterView>? _refresh;

    private ClusterDirectory(ClientOptions options, ConnectionPool pool, ClusterView view)
    {
        _options = options;
        _pool = pool;
        _view = view;
        _refreshed = options.Time.GetTimestamp();
    }

    /// <summary>The client's clock.</summary>
    public TimeProvider Time => _options.Time;

    /// <summary>How long a stripe of which too few nodes took or gave blobs is tried again.</summary>
    public TimeSpan ShortagePatience => TimeSpan.FromMilliseconds(_options.ShortagePatienceMs);

    /// <summary>Whether a member died so lately that it may be one that restarts.</summary>
    public bool HasRecentDeath
    {
        get
        {
            DateTimeOffset recent = Time.GetUtcNow() - RecentDeath;
            return View.Members.Any(member => !member.IsLiving && member.Since > recent);
        }
    }

    public ClusterView View
    {
        get
        {
            lock (_gate)
                return _view;
        }
    }

    /// <summary>What reads may ask beyond what they need.</summary>
    public HedgeBudget HedgeBudget { get; } = new();

    /// <summary>Asks the entry points for the member list, one after the other, until one answers.</summary>
    public static async ValueTask<ClusterDirectory> ConnectAsync(ClientOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> endpoints = options.Endpoints.Count > 0 ? options.Endpoints : options.Credential.Endpoints;
        if (endpoints.Count == 0)
            throw new MegatorrentException(ErrorKind.Unreachable, "No cluster is named. Give --cluster HOST:PORT, or start one with 'megatorrent cluster up'.");
        var session = new SessionOptions
        {
            Identity = options.Credential.CreateIdentity(),
            Certificate = options.Credential.Certificate,
            ClusterKey = options.Credential.ClusterKey,
            Time = options.Time,
            Random = options.Random,
            Executor = options.Executor,
            RequestTimeoutMs = options.RequestTimeoutMs,
        };
        var pool = new ConnectionPool(options.Transport, session);
        try
        {
            var problems = new List<MegatorrentException>();
            foreach (string endpoint in endpoints)
            {
                try
                {
                    PeerConnection connection = await pool.GetAsync(endpoint, null, cancellationToken);
                    return new ClusterDirectory(options, pool, await AskAsync(connection, options, cancellationToken));
                }
                catch (MegatorrentException exception) when (exception.Kind != ErrorKind.Canceled)
                {
                    problems.Add(exception);
                }
            }

            MegatorrentException worst = problems.Find(static problem => problem.Kind == ErrorKind.Unauthorized) ?? problems[0];
            ErrorKind kind = worst.Kind is ErrorKind.Unauthorized or ErrorKind.Integrity ? worst.Kind : ErrorKind.Unreachable;
            throw new MegatorrentException(
                kind, $"No cluster could be reached at {string.Join(", ", endpoints)}: {worst.Message}", worst);
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    /// <summary>The members that may hold or take blobs of a stripe now, best first.</summary>
    public IReadOnlyList<Member> Rank(BlobId stripeId) => Placement.Rank(stripeId, View.Living);

    /// <summary>How near a member is to the client: the more, the nearer; 0 for all where the client does not say where it is.</summary>
    public int Nearness(Member member) => _options.Site is { Length: > 0 } site ? member.Nearness(site) : 0;

    public ValueTask<PeerConnection> ConnectAsync(Member member, CancellationToken cancellationToken) =>
        _pool.GetAsync(member.Endpoint, member.Id, cancellationToken);

    /// <summary>How a member has answered lately.</summary>
    public PeerHealth HealthOf(Member member) => _pool.HealthOf(member.Endpoint);

    /// <summary>Leaves no living member alone for failures of before: something hangs on them.</summary>
    public void RetryLiving()
    {
        foreach (Member member in View.Living)
            _pool.Retry(member.Endpoint);
    }

    /// <summary>Asks the living members for a newer list; the old one stays when nobody answers.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        Task<ClusterView> refresh;
        lock (_gate)
        {
            if (_refresh is null)
            {
                if (_options.Time.GetElapsedTime(_refreshed) < TimeSpan.FromMilliseconds(RefreshIntervalMs))
                    return;
                _refresh = AskAnyAsync(cancellationToken);
            }

            refresh = _refresh;
        }

        try
        {
            ClusterView view = await refresh.WaitAsync(cancellationToken);
            lock (_gate)
                _view = view;
        }
        catch (MegatorrentException)
        {
            // Nobody answered: what is known stays, and the operation that wanted a newer view reports its own failure.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Another caller started the refresh and was cancelled.
        }
        finally
        {
            lock (_gate)
            {
                if (_refresh == refresh)
                {
                    _refresh = null;
                    _refreshed = _options.Time.GetTimestamp();
                }
            }
        }
    }

    /// <summary>Whether a newer list has more living members: an old one may have been told by a node that was cut off.</summary>
    public async ValueTask<bool> HasMoreLivingAsync(CancellationToken cancellationToken)
    {
        int living = View.Living.Count;
        await RefreshAsync(cancellationToken);
        return View.Living.Count > living;
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    // A node may lie: members count only with a certificate of the cluster and their own signature.
    private static async ValueTask<ClusterView> AskAsync(PeerConnection connection, ClientOptions options, CancellationToken cancellationToken) =>
        ClusterView.Decode(await connection.StatusAsync(StatusQuery.Members, cancellationToken))
            .Validated(options.Credential.ClusterKey, options.Time.GetUtcNow());

    private async Task<ClusterView> AskAnyAsync(CancellationToken cancellationToken)
    {
        MegatorrentException? last = null;
        ClusterView known = View;
        ClusterView? largest = null;
        foreach (Member member in known.Living.OrderBy(member => HealthOf(member).State == BreakerState.Closed ? 0 : 1))
        {
            try
            {
                ClusterView told = await AskAsync(await ConnectAsync(member, cancellationToken), _options, cancellationToken);
                if (told.Members.Count >= known.Members.Count)
                    return told;

                // A node that came back without its disk knows nobody for a while; copies by its list would all be on it.
                if (largest is null || told.Members.Count > largest.Members.Count)
                    largest = told;
            }
            catch (MegatorrentException exception)
            {
                last = exception;
            }
        }

        if (largest is not null)
            return largest; // members were removed: nobody knows more
        throw last ?? new MegatorrentException(ErrorKind.Unreachable, "Every member of the cluster is dead.");
    }
}
