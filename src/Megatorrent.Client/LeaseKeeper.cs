using System.Collections.Concurrent;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Leases;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>
/// Tells the holders of an object's stripes how long its owner keeps it. A stripe counts as kept when nodes that have made the lease durable say
/// that they hold j+⌈m/2⌉ of its blobs: as many as a put needs, and they cannot be collected any more.
/// </summary>
internal sealed class LeaseKeeper : IDisposable
{
    private const int StripesPerQuestion = 512;
    private const int SequenceTries = 4; // an owner who makes statements elsewhere at this moment
    private const int MembersBeyondWidth = 2; // the others are asked when these are not enough, and learn of a keep from the holders

    private readonly ClusterDirectory _directory;
    private readonly ClientOptions _options;
    private readonly BlobId _object;
    private readonly long _expires;
    private readonly bool _isKeep;
    private readonly Identity _identity;
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private LeaseStatement _statement;
    private volatile bool _isMissing; // somebody did not answer what was told last

    /// <summary>Prepares a statement.</summary>
    /// <param name="directory">The cluster.</param>
    /// <param name="options">The owner's credential and clock.</param>
    /// <param name="objectId">The object's root.</param>
    /// <param name="expiresUnixS">When it ends; now for a forget.</param>
    /// <param name="isKeep">Whether it is to keep.</param>
    public LeaseKeeper(ClusterDirectory directory, ClientOptions options, BlobId objectId, long expiresUnixS, bool isKeep)
    {
        _directory = directory;
        _options = options;
        _object = objectId;
        _expires = expiresUnixS;
        _isKeep = isKeep;
        _identity = options.Credential.CreateIdentity();
        _statement = Sign(options.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    /// <summary>Why nodes did not confirm, a line a node.</summary>
    public IReadOnlyList<string> Problems => [.. _problems.Select(static pair => $"{pair.Key}: {pair.Value}")];

    /// <summary>Whether asking again may find more: a node did not answer, or died lately.</summary>
    public bool MayRecover => _isMissing || _directory.HasRecentDeath;

    /// <summary>When the lease ends.</summary>
    public DateTimeOffset? Expires => _expires == LeaseStatement.Never ? null : DateTimeOffset.FromUnixTimeSeconds(_expires);

    /// <summary>Tells the holders of these stripes, and returns those that too few confirmed.</summary>
    public async ValueTask<List<StripeDescriptor>> TellAsync(IReadOnlyList<StripeDescriptor> stripes, CancellationToken cancellationToken)
    {
        var confirmed = new Confirmations(stripes);
        _isMissing = false;
        for (int attempt = 0; attempt < SequenceTries; attempt++)
        {
            long sequence = _statement.Sequence;
            long newest = await AskAsync(confirmed, narrow: true, cancellationToken);
            if (newest <= sequence && (!_isKeep || !confirmed.AreAllEnough))
                newest = Math.Max(newest, await AskAsync(confirmed, narrow: false, cancellationToken));
            if (newest <= sequence)
                break;
            _statement = Sign(newest + 1); // the owner said something later already, or its clock was ahead then
            confirmed = new Confirmations(stripes);
        }
        return confirmed.Lacking();
    }

    /// <inheritdoc/>
    public void Dispose() => _identity.Dispose();

    private LeaseStatement Sign(long sequence) => LeaseStatement.Create(
        _identity, _options.Credential.ClusterKey, _object, sequence, _expires, _options.Time.GetUtcNow().ToUnixTimeSeconds());

    private async ValueTask<long> AskAsync(Confirmations confirmed, bool narrow, CancellationToken cancellationToken)
    {
        var questions = new Dictionary<NodeId, (Member Member, List<int> Stripes)>();
        for (int i = 0; i < confirmed.Stripes.Count; i++)
        {
            IReadOnlyList<Member> ranked = _directory.Rank(confirmed.Stripes[i].Id);
            int width = confirmed.Stripes[i].TotalBlobs + MembersBeyondWidth;
            foreach (Member member in narrow ? ranked.Take(width) : ranked.Skip(width))
            {
                if (!questions.TryGetValue(member.Id, out var question))
                    questions[member.Id] = question = (member, []);
                question.Stripes.Add(i);
            }
        }
        long[] newest = await Task.WhenAll(
            questions.Values.Select(question => AskMemberAsync(confirmed, question.Member, question.Stripes, cancellationToken)));
        return newest.Length == 0 ? 0 : newest.Max();
    }

    private async Task<long> AskMemberAsync(Confirmations confirmed, Member member, List<int> stripes, CancellationToken cancellationToken)
    {
        long newest = 0;
        try
        {
            PeerConnection connection = await _directory.ConnectAsync(member, cancellationToken);
            foreach (int[] part in stripes.Chunk(StripesPerQuestion))
            {
                LeaseAnswer answer = await AskPartAsync(connection, confirmed, part, cancellationToken);
                confirmed.Add(part, answer.Held);
                newest = Math.Max(newest, answer.NewestSequence);
            }
        }
        catch (MegatorrentException exception) when (exception.Kind != ErrorKind.Canceled)
        {
            _problems[member.Endpoint] = exception.Message;
            _isMissing = true;
            await _directory.RefreshAsync(cancellationToken);
        }
        return newest;
    }

    private async ValueTask<LeaseAnswer> AskPartAsync(
        PeerConnection connection, Confirmations confirmed, int[] part, CancellationToken cancellationToken)
    {
        var request = new LeaseRequest(
            _statement, _options.Credential.Certificate, Array.ConvertAll(part, index => confirmed.Stripes[index].Id));
        try
        {
            var question = new NodeQuestion(_isKeep ? LeaseRequest.KeepName : LeaseRequest.ForgetName, request.Encode());
            return LeaseAnswer.Decode(await connection.StatusAsync(question.Encode(), cancellationToken), part.Length);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Unsupported)
        {
            // A node from before leases never deletes, and when it is renewed it keeps what has no lease: that it holds the blobs is enough.
            var held = new bool[]?[part.Length];
            for (int i = 0; i < part.Length; i++)
                held[i] = await connection.WantAsync(confirmed.Stripes[part[i]].Ids.ToArray(), cancellationToken);
            return new LeaseAnswer(held, 0);
        }
    }

    // Which blobs of each stripe are confirmed: distinct ids, or under replication copies on distinct nodes.
    private sealed class Confirmations(IReadOnlyList<StripeDescriptor> stripes)
    {
        private readonly Lock _gate = new();
        private readonly int[] _copies = new int[stripes.Count];
        private readonly bool[]?[] _held = new bool[]?[stripes.Count];

        public IReadOnlyList<StripeDescriptor> Stripes => stripes;

        public bool AreAllEnough => Lacking().Count == 0;

        public void Add(int[] part, IReadOnlyList<bool[]?> answers)
        {
            lock (_gate)
            {
                for (int i = 0; i < part.Length; i++)
                {
                    if (answers[i] is not { } held || held.Length != stripes[part[i]].Ids.Length)
                        continue;
                    bool[] all = _held[part[i]] ??= new bool[held.Length];
                    _copies[part[i]] += held[0] ? 1 : 0;
                    for (int id = 0; id < held.Length; id++)
                        all[id] |= held[id];
                }
            }
        }

        public List<StripeDescriptor> Lacking()
        {
            lock (_gate)
            {
                var lacking = new List<StripeDescriptor>();
                for (int i = 0; i < stripes.Count; i++)
                {
                    int count = stripes[i].IsReplication ? _copies[i] : _held[i]?.Count(static held => held) ?? 0;
                    if (count < stripes[i].DataShards + ((stripes[i].ParityShards + 1) / 2))
                        lacking.Add(stripes[i]);
                }
                return lacking;
            }
        }
    }
}
