using System.Globalization;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// Scores the other members (docs/spec/reputation.md): samples who lives and how connections fare, exchanges signed opinions with two
/// members at a time, solves for the scores, remembers what was seen. Thread-safe.
/// </summary>
internal sealed class ReputationService : INodeService
{
    /// <summary>The call by which opinions are exchanged, between nodes.</summary>
    public const string ExchangeName = "opinions";

    /// <summary>The call that shows the scores.</summary>
    public const string ScoresName = "scores";

    private const double Low = 0.3; // crossing it is a line in the log
    private const int MaxShown = 64; // members with a number of their own in the status
    private const int PartnersPerRound = 2;
    private const int ExchangeTimeoutMs = 10_000;
    private const int RoundsPerWrite = 10; // a crash costs that many rounds of evidence
    private const int Unit = 1000;
    private const int FormatVersion = 1;

    private readonly NodeParts _parts;
    private readonly ReputationOptions _options;
    private readonly ScoreBoard _board;
    private readonly NodeFile _file;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private Task _sharing = Task.CompletedTask;
    private long _exchanges, _taken, _refused;

    /// <summary>Creates it; nothing runs yet.</summary>
    public ReputationService(NodeParts parts, ScoreBoard board)
    {
        _parts = parts;
        _options = parts.Options.Reputation;
        _board = board;
        _file = new NodeFile(
            parts.Options.FileSystem, parts.Options.DataDirectory, ReputationFile.FileName, ReputationFile.MaxLength, parts.Executor);
        Calls =
        [
            new NodeCall(ExchangeName, Role.Node, (peer, body, _) => ValueTask.FromResult(AnswerExchange(body.Span))),
            new NodeCall(ScoresName, Role.Reader, (_, _, _) => ValueTask.FromResult(EncodeScores(_board.Lines()))),
        ];
    }

    /// <inheritdoc/>
    public string Name => "reputation";

    /// <inheritdoc/>
    public IReadOnlyList<NodeCall> Calls { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Numbers
    {
        get
        {
            ScoreBoard.Line[] lines = _board.Lines();
            var numbers = new Dictionary<string, long>
            {
                ["exchanges"] = Interlocked.Read(ref _exchanges),
                ["known"] = lines.Length,
                ["low"] = lines.Count(static line => line.Score < Low),
                ["opinions"] = _board.OpinionCount,
                ["refused"] = Interlocked.Read(ref _refused),
                ["taken"] = Interlocked.Read(ref _taken),
            };
            foreach (ScoreBoard.Line line in lines.OrderBy(static line => line.Score).Take(MaxShown))
                numbers[$"score-{line.Id.ToShortString()}"] = ToUnit(line.Score);
            return numbers;
        }
    }

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _file.ReadAsync(cancellationToken) is { } document)
                _board.Restore(ReputationFile.Decode(document));
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the remembered reputation cannot be used: {exception.Message}"); // it is gathered anew
        }
        _board.Solve(Low);
    }

    /// <inheritdoc/>
    public void Start() => _loop = RunAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await _loop;
        await _sharing;
        await WriteAsync(CancellationToken.None);
        _stop.Dispose();
    }

    /// <summary>One round of sharing: opinions with two members, then the scores anew.</summary>
    internal async Task ShareAsync(CancellationToken cancellationToken)
    {
        _board.Forget(id => _parts.Membership.View.Find(id) is not null);
        Member[] others = [.. _parts.Membership.View.Living.Where(member => member.Id != _parts.Self)];
        for (int i = 0; i < PartnersPerRound && i < others.Length; i++)
        {
            int pick = i + _parts.Random.Next(others.Length - i);
            (others[i], others[pick]) = (others[pick], others[i]);
            await ExchangeAsync(others[i], cancellationToken);
        }
        List<(NodeId Id, double Score)> crossed = await _parts.Executor.RunAsync(static board => board.Solve(Low), _board, cancellationToken);
        foreach (var (id, score) in crossed)
            Tell(id, score);
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        TimeSpan untilShare = ShareIn();
        int rounds = 0;
        var period = TimeSpan.FromMilliseconds(_options.SamplePeriodMs);
        try
        {
            while (true)
            {
                await Task.Delay(period, _parts.Time, stop);
                _board.Sample(_parts.Membership.View.Members, _parts.Pool.Figures);
                untilShare -= period;
                if (untilShare > TimeSpan.Zero || !_sharing.IsCompleted)
                    continue;
                untilShare = ShareIn();
                _sharing = ShareSafelyAsync(write: ++rounds % RoundsPerWrite == 0, stop); // a silent partner must not stop the samples
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task ShareSafelyAsync(bool write, CancellationToken stop)
    {
        try
        {
            await ShareAsync(stop);
            if (write)
                await WriteAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    // Between three quarters and five quarters of the period: a cluster that started together must not share together.
    private TimeSpan ShareIn() => TimeSpan.FromMilliseconds(_options.SharePeriodMs * (0.75 + (0.5 * _parts.Random.NextDouble())));

    private async ValueTask ExchangeAsync(Member member, CancellationToken cancellationToken)
    {
        using var limit = new Deadline(ExchangeTimeoutMs, _parts.Time, cancellationToken);
        try
        {
            byte[] answer = await _parts.AskAsync(member, ExchangeName, EncodeOpinions(), limit.Token);
            TakeAll(answer);
            Interlocked.Increment(ref _exchanges);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Debug($"no exchange of opinions with {member.Id.ToShortString()}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _parts.Log.Debug($"no exchange of opinions with {member.Id.ToShortString()}: no answer");
        }
    }

    private byte[] AnswerExchange(ReadOnlySpan<byte> body)
    {
        TakeAll(body);
        return EncodeOpinions();
    }

    private byte[] EncodeOpinions()
    {
        Opinion[] known = _board.Known(_parts.Random.Next(ScoreBoard.MaxOpinions));
        return OpinionExchange.Encode(_board.Express(_parts.Options.Identity) is { } own ? [own, .. known] : known);
    }

    private void TakeAll(ReadOnlySpan<byte> body)
    {
        ClusterView view = _parts.Membership.View;
        foreach (Opinion opinion in OpinionExchange.Decode(body))
        {
            bool taken = _board.Take(opinion, id => view.Find(id)?.Record.Certificate.SubjectKey);
            Interlocked.Increment(ref taken ? ref _taken : ref _refused);
        }
    }

    private void Tell(NodeId id, double score)
    {
        ScoreBoard.Line line = Array.Find(_board.Lines(), line => line.Id == id);
        _parts.Log.Write(score < Low ? LogLevel.Warn : LogLevel.Info, string.Create(
            CultureInfo.InvariantCulture,
            $"member {id.ToShortString()} has score {score:0.00}: seen here {line.Direct:0.00} (there {line.Availability:0.00}, right "
            + $"{line.Correctness:0.00}, latency {line.Latency:0.00}, rate {line.Rate:0.00}), believed to {line.Confidence:0.00}"));
    }

    private async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _file.WriteAsync(_board.Remember(), cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the reputation could not be remembered: {exception.Message}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The last write is the disposer's.
        }
    }

    private static byte[] EncodeScores(ScoreBoard.Line[] lines) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("p");
        writer.BeginList();
        foreach (ScoreBoard.Line line in lines)
        {
            writer.BeginDictionary();
            foreach (var (key, value) in ((string, double)[])
                [("availability", line.Availability), ("confidence", line.Confidence), ("correctness", line.Correctness), ("direct", line.Direct)])
            {
                writer.WriteKey(key);
                writer.WriteInteger(ToUnit(value));
            }
            writer.WriteKey("id");
            writer.WriteText(line.Id.ToString());
            foreach (var (key, value) in ((string, double)[])[("latency", line.Latency), ("rate", line.Rate), ("score", line.Score)])
            {
                writer.WriteKey(key);
                writer.WriteInteger(ToUnit(value));
            }
            writer.End();
        }
        writer.End();
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });

    private static long ToUnit(double share) => (long)Math.Round(share * Unit);
}
