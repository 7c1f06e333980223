namespace Megatorrent.Cluster.Durability;

/// <summary>
/// A continuous-time Markov chain with one absorbing state, solved by uniformisation. Every step adds and multiplies non-negative numbers
/// and subtracts nothing, so that the smallest probability has as many good digits as the largest. Not thread-safe.
/// </summary>
/// <remarks>
/// Jensen, "Markoff chains as an aid in the study of Markoff processes" (1953); Grassmann, "Transient solutions in Markovian queueing
/// systems" (1977). Where the chain settles into its quasi-stationary distribution long before the time is over, the rest is a geometric
/// series.
/// </remarks>
/// <param name="states">Transient states.</param>
internal sealed class MarkovChain(int states)
{
    private const double Settled = 1e-13; // the absorbed share changes by less than this from step to step: quasi-stationary
    private const int SettledSteps = 128;
    private const long MaxWork = 20_000_000_000; // transitions walked, about a minute: past this the rates are too far apart

    private readonly List<(int From, int To, double Rate)> _moves = [];
    private readonly double[] _exit = new double[states];

    /// <summary>The target of <see cref="Add"/> that is absorbing.</summary>
    public const int Absorbed = -1;

    /// <summary>Adds a transition.</summary>
    /// <param name="from">A transient state.</param>
    /// <param name="to">Another, or <see cref="Absorbed"/>.</param>
    /// <param name="rate">Per unit of time; 0 adds nothing.</param>
    public void Add(int from, int to, double rate)
    {
        if (rate <= 0)
            return;
        _moves.Add((from, to, rate));
        _exit[from] += rate;
    }

    /// <summary>The probability of having been absorbed by a time.</summary>
    /// <param name="start">The state at the beginning.</param>
    /// <param name="time">The time.</param>
    /// <exception cref="Core.MegatorrentException">InvalidArgument: the rates are too far apart for the time.</exception>
    public double AbsorbedBy(int start, double time)
    {
        double rate = _exit.Max() * 1.02; // a little above, so that no state is left for certain and the chain has no period
        double expected = rate * time;
        double spread = 12 * Math.Sqrt(expected) + 64;
        long last = (long)Math.Ceiling(expected + spread);
        var now = new double[states];
        var next = new double[states];
        now[start] = 1;
        double absorbed = 0, before = 0, result = 0, reached = 0;
        double logWeight = -expected;
        int calm = 0;
        for (long n = 0; n <= last; n++)
        {
            double weight = Math.Exp(logWeight); // Poisson: the probability of n steps
            result += weight * absorbed;
            reached += weight;
            double inflow = Step(now, next, rate);
            double share = inflow / now.Sum();
            calm = share > 0 && Math.Abs(share - before) <= Settled * share ? calm + 1 : 0;
            if (calm >= SettledSteps && n < expected - spread)
            {
                // absorbed(n') = 1 − (1 − absorbed(n))·(1 − share)^(n' − n), and n' is Poisson.
                double logSurvival = Precise.LogP1(-absorbed) - n * Precise.LogP1(-share) - expected * share;
                return -Precise.ExpM1(logSurvival);
            }
            if (n * _moves.Count > MaxWork)
                throw new Core.MegatorrentException(Core.ErrorKind.InvalidArgument, "The rates are too far apart to compute with.");
            before = share;
            absorbed += inflow;
            (now, next) = (next, now);
            logWeight += Math.Log(expected / (n + 1));
        }
        return result / reached;
    }

    // One step of the uniformised chain; returns what was absorbed in it.
    private double Step(double[] now, double[] next, double rate)
    {
        double inflow = 0;
        for (int i = 0; i < states; i++)
            next[i] = now[i] * (1 - _exit[i] / rate); // the one difference, of numbers that are never close
        foreach ((int from, int to, double moveRate) in _moves)
        {
            double moved = now[from] * (moveRate / rate);
            if (to == Absorbed)
                inflow += moved;
            else
                next[to] += moved;
        }
        return inflow;
    }
}
