using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Health;

namespace Megatorrent.Cluster.Tests.Reputation;

/// <summary>Direct evidence, and what is kept of what is heard.</summary>
public class ScoreBoardTests
{
    private readonly ManualTime _time = new();
    private readonly ScoreBoard _board;

    public ScoreBoardTests() => _board = new ScoreBoard(Id(0), new ReputationOptions(), _time);

    [Fact]
    public void Who_is_always_there_and_quick_scores_high_and_each_failing_costs()
    {
        Watch(hours: 2, firstByteMs: 5, bytesPerSecond: 100e6);
        for (int i = 0; i < 300; i++)
            _board.Observed(Id(1), PeerEvidence.Correct);
        double good = DirectOf(1);
        Assert.True(good > 0.9, $"{good}");
        for (int i = 0; i < 3; i++)
            _board.Observed(Id(1), PeerEvidence.Wrong); // one in a hundred
        Assert.InRange(DirectOf(1), good * 0.6, good * 0.7);
        for (int i = 0; i < 30; i++)
            _board.Observed(Id(1), PeerEvidence.Wrong);
        Assert.True(DirectOf(1) < 0.2);
    }

    [Fact]
    public void Withholding_costs_less_than_lying_and_more_than_nothing()
    {
        for (int member = 1; member <= 3; member++)
        {
            for (int i = 0; i < 100; i++)
                _board.Observed(Id(member), PeerEvidence.Correct);
        }
        _board.Observed(Id(2), PeerEvidence.Withheld);
        _board.Observed(Id(3), PeerEvidence.Wrong);
        Assert.True(DirectOf(1) > DirectOf(2) && DirectOf(2) > DirectOf(3));
    }

    [Fact]
    public void Latency_rate_failures_and_absence_cost()
    {
        double quick = After(firstByteMs: 5, bytesPerSecond: 100e6);
        Assert.True(quick > After(firstByteMs: 2000, bytesPerSecond: 100e6) + 0.1);
        Assert.True(quick > After(firstByteMs: 5, bytesPerSecond: 100e3) + 0.05);
        Assert.InRange(After(5, 100e6, failedShare: 0.5), quick * 0.4, quick * 0.6);
        Assert.InRange(After(5, 100e6, state: MemberState.Dead), 0, quick * 0.1);
    }

    [Fact]
    public void Evidence_fades_by_half_in_a_half_life()
    {
        Watch(hours: 1, 5, 100e6);
        for (int i = 0; i < 100; i++)
            _board.Observed(Id(1), PeerEvidence.Wrong);
        double bad = DirectOf(1);
        _time.Advance(TimeSpan.FromDays(10));
        Watch(hours: 12, 5, 100e6);
        Assert.True(DirectOf(1) > bad + 0.5, $"{bad} became {DirectOf(1)}");
    }

    [Fact]
    public void Time_in_which_this_node_stood_still_says_nothing()
    {
        _board.Sample([TestKeys.Member(1)], []);
        _time.Advance(TimeSpan.FromDays(30));
        _board.Sample([TestKeys.Member(1, state: MemberState.Dead)], []);
        Assert.True(DirectOf(1) > 0.4); // half a minute of absence
    }

    [Fact]
    public void What_was_seen_survives_a_restart_and_fades_meanwhile()
    {
        Watch(hours: 1, 5, 100e6);
        for (int i = 0; i < 50; i++)
            _board.Observed(Id(1), PeerEvidence.Wrong);
        _board.Solve(0.3);
        double before = _board.ScoreOf(Id(1));
        using Identity self = TestKeys.Identity(0);
        long sequence = _board.Express(self)!.Sequence;
        byte[] file = _board.Remember();

        var restarted = new ScoreBoard(Id(0), new ReputationOptions(), _time);
        restarted.Restore(ReputationFile.Decode(file));
        restarted.Solve(0.3);
        Assert.Equal(before, restarted.ScoreOf(Id(1)), 0.01);
        Assert.True(restarted.Express(self)!.Sequence > sequence);
        _time.Advance(TimeSpan.FromDays(20));
        restarted = new ScoreBoard(Id(0), new ReputationOptions(), _time);
        restarted.Restore(ReputationFile.Decode(file));
        restarted.Solve(0.3);
        Assert.True(restarted.ScoreOf(Id(1)) > before + 0.3); // all but forgotten
    }

    [Fact]
    public void Only_newer_opinions_of_members_with_their_signature_are_taken()
    {
        using Identity observer = TestKeys.Identity(1);
        Opinion first = Opinion.Create(observer, 5, [new Opinion.Entry(Id(2), 0.5, 1)]);
        Opinion second = Opinion.Create(observer, 6, [new Opinion.Entry(Id(2), 0.6, 1)]);
        Assert.False(_board.Take(first, _ => null)); // no member
        Assert.False(_board.Take(first, _ => TestKeys.Record(2).Certificate.SubjectKey)); // another's key
        Assert.True(_board.Take(second, KeyOf));
        Assert.False(_board.Take(second, KeyOf));
        Assert.False(_board.Take(first, KeyOf)); // an old one, played again
        Assert.Equal(1, _board.OpinionCount);
        using Identity self = TestKeys.Identity(0);
        Assert.False(_board.Take(Opinion.Create(self, 9, []), KeyOf));
        _board.Forget(id => id != observer.Id);
        Assert.Equal(0, _board.OpinionCount);
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        for (int i = 1; i <= ScoreBoard.MaxOpinions + 5; i++)
        {
            using Identity observer = TestKeys.Identity(i);
            Assert.True(_board.Take(Opinion.Create(observer, 1, []), _ => observer.PublicKey.ToArray()));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(ScoreBoard.MaxOpinions, _board.OpinionCount);
        for (int i = 1; i <= ReputationFile.MaxRecords + 5; i++)
            _board.Observed(TestId(i), PeerEvidence.Correct);
        Assert.Equal(ReputationFile.MaxRecords, _board.Lines().Length);
        Assert.InRange(_board.Remember().Length, 1, ReputationFile.MaxLength);
    }

    [Fact]
    public void Scores_order_in_steps_of_a_tenth_and_the_own_one_is_1()
    {
        IPeerScores scores = _board;
        Assert.Equal((10, 5), (scores.RankOf(Id(0)), scores.RankOf(Id(9))));
    }

    private static NodeId TestId(int number) => new(TestKeys.Stripe(number).ToArray());

    private static NodeId Id(int number)
    {
        using Identity identity = TestKeys.Identity(number);
        return identity.Id;
    }

    private static byte[] KeyOf(NodeId id) => Enumerable.Range(0, 3).Select(i => TestKeys.Record(i)).First(record => record.Id == id).Certificate.SubjectKey;

    private double DirectOf(int member) => _board.Lines().Single(line => line.Id == Id(member)).Direct;

    private double After(
        double firstByteMs, double bytesPerSecond, double failedShare = 0, MemberState state = MemberState.Alive)
    {
        var board = new ScoreBoard(Id(0), new ReputationOptions(), _time);
        Watch(2, firstByteMs, bytesPerSecond, failedShare, state, board);
        return board.Lines().Single().Direct;
    }

    private void Watch(
        double hours, double firstByteMs, double bytesPerSecond, double failedShare = 0, MemberState state = MemberState.Alive,
        ScoreBoard? board = null)
    {
        for (int i = 0; i < hours * 360; i++)
        {
            var figures = new PeerFigures(
                "a:1", Id(1), BreakerState.Closed, 0, 0, (long)(i * 10 * (1 - failedShare)), (long)(i * 10 * failedShare), firstByteMs,
                bytesPerSecond);
            (board ?? _board).Sample([TestKeys.Member(1, state: state)], [figures]);
            _time.Advance(TimeSpan.FromSeconds(10));
        }
    }
}
