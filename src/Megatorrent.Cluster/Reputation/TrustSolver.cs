namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// Scores from direct evidence and from what others say, weighed by the score of who says it: iterated to a fixed point, as in EigenTrust
/// (Kamvar, Schlosser, Garcia-Molina, "The EigenTrust Algorithm for Reputation Management in P2P Networks", WWW 2003) with all pre-trust in
/// oneself, and with the similarity of opinions as a factor of credibility as in PeerTrust (Xiong, Liu, IEEE TKDE 16(7), 2004). The rules:
/// docs/spec/reputation.md, "Score". Pure; bounded by members × observers × <see cref="RoundsMax"/>, once more for each observer.
/// </summary>
internal sealed class TrustSolver
{
    /// <summary>What is thought of somebody of whom nothing is known.</summary>
    public const double Prior = 0.5;

    /// <summary>Observers that are listened to; of more, those of whom this node thinks best itself.</summary>
    public const int MaxObservers = 64;

    private const int RoundsMax = 20;
    private const double Settled = 0.001; // a thousandth is what travels
    private const double PriorWeight = 1; // as much as one wholly credible, wholly confident opinion

    private readonly double[] _direct;
    private readonly double[] _confidence;
    private readonly Observer[] _observers;
    private readonly double _newcomerRatio;

    /// <summary>Takes the evidence.</summary>
    /// <param name="direct">The direct score of each member, 0 to 1.</param>
    /// <param name="confidence">How far it is believed, 0 to 1; parallel to <paramref name="direct"/>.</param>
    /// <param name="observers">Who says what; the indexes are into <paramref name="direct"/>.</param>
    /// <param name="newcomerShare">The share of what is heard about a member that newcomers together may have, below 1.</param>
    public TrustSolver(double[] direct, double[] confidence, IEnumerable<Observer> observers, double newcomerShare)
    {
        _direct = direct;
        _confidence = confidence;
        _observers = [.. observers.OrderByDescending(observer => direct[observer.Index] * confidence[observer.Index]).Take(MaxObservers)];
        _newcomerRatio = newcomerShare / (1 - newcomerShare);
    }

    /// <summary>One who has an opinion.</summary>
    /// <param name="Index">Of the observer among the members.</param>
    /// <param name="IsNewcomer">Whether it has not been known for long.</param>
    /// <param name="Freshness">What is left of its weight after the age of its opinion, 0 to 1.</param>
    /// <param name="Lines">Member, score and confidence; lines of the observer about itself are ignored.</param>
    internal sealed record Observer(int Index, bool IsNewcomer, double Freshness, (int Subject, double Score, double Confidence)[] Lines);

    /// <summary>
    /// The scores, 0 to 1. The score of a member that has an opinion is computed without that opinion, all the way: nothing that a member
    /// says changes its own score.
    /// </summary>
    public double[] Solve()
    {
        double[] scores = Solve(without: -1);
        foreach (Observer observer in _observers)
            scores[observer.Index] = Solve(observer.Index)[observer.Index];
        return scores;
    }

    private double[] Solve(int without)
    {
        double[] scores = new double[_direct.Length];
        for (int i = 0; i < scores.Length; i++)
            scores[i] = (_confidence[i] * _direct[i]) + ((1 - _confidence[i]) * Prior);
        var sums = new Hearsay[_direct.Length];
        for (int round = 0; round < RoundsMax; round++)
        {
            Array.Clear(sums);
            foreach (Observer observer in _observers)
            {
                if (observer.Index != without)
                    Listen(observer, Credibility(observer, scores), sums);
            }
            double change = 0;
            for (int i = 0; i < scores.Length; i++)
            {
                double next = (_confidence[i] * _direct[i]) + ((1 - _confidence[i]) * sums[i].Score(_newcomerRatio));
                next = (next + scores[i]) / 2; // half a step: no swinging between two states
                change = Math.Max(change, Math.Abs(next - scores[i]));
                scores[i] = next;
            }
            if (change < Settled)
                break;
        }
        return scores;
    }

    // Its score, squared so that a bad one fades quickly, times how far it agrees with what this node has seen itself.
    private double Credibility(Observer observer, double[] scores)
    {
        double weight = 1, distance = 0.25; // to begin with as if it had been off by a quarter once
        foreach (var (subject, score, confidence) in observer.Lines)
        {
            if (subject == observer.Index)
                continue;
            double counts = confidence * _confidence[subject];
            weight += counts;
            distance += counts * Math.Abs(score - _direct[subject]);
        }
        double agreement = Math.Max(0, 1 - (2 * distance / weight)); // off by a half on average: not heard at all
        return scores[observer.Index] * scores[observer.Index] * agreement * agreement * observer.Freshness;
    }

    private static void Listen(Observer observer, double credibility, Hearsay[] sums)
    {
        foreach (var (subject, score, confidence) in observer.Lines)
        {
            if (subject == observer.Index)
                continue;
            ref Hearsay sum = ref sums[subject];
            double weight = credibility * confidence;
            if (observer.IsNewcomer)
            {
                sum.NewcomerWeight += weight;
                sum.NewcomerScore += weight * score;
            }
            else
            {
                sum.Weight += weight;
                sum.Total += weight * score;
            }
        }
    }

    private struct Hearsay
    {
        public double Weight, Total, NewcomerWeight, NewcomerScore;

        public readonly double Score(double newcomerRatio)
        {
            double weight = PriorWeight + Weight;
            double total = (PriorWeight * Prior) + Total;
            if (NewcomerWeight > 0)
            {
                double allowed = Math.Min(NewcomerWeight, weight * newcomerRatio);
                total += NewcomerScore / NewcomerWeight * allowed;
                weight += allowed;
            }
            return total / weight;
        }
    }
}
