using System.Globalization;
using System.Text;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Forecast;

namespace Megatorrent.Bench.Forecasting;

/// <summary>
/// Twelve disks of different sizes and fills take what is written by their weights. Who lowers a weight when, and was it needed?
/// </summary>
internal sealed class FillStory(ulong seed)
{
    private const int Scenarios = 6;
    private const int Nodes = 12;
    private const int Hours = 84 * 24;
    private const int DecideEvery = 24;
    private const int NeededWithin = 14 * 24;  // a weight was lowered for a reason if, left alone, the disk passes the limit within this
    private const double Limit = 0.9;
    private const double Floor = 0.05;

    private delegate double Policy(int node, int hour, double used, double capacity, double weight);

    public void Write(StringBuilder text)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"Filling disks: {Scenarios} synthetic traces of {Hours / 24} days, {Nodes} disks each; the first 3 days nobody decides by forecast.");
        text.AppendLine();
        text.AppendLine("| rule | disks full | disk-hours above 90 % | weight lowered, disk-days | of these needless | changes |");
        text.AppendLine("|---|---|---|---|---|---|");
        Row(text, "none", static () => static (_, _, _, _, weight) => weight);
        Row(text, "at 85 % to a half, back at 80 %", static () => Threshold(0.85, 0.8, 0.5));
        Row(text, "at 85 % to 5 %, back at 80 %", static () => Threshold(0.85, 0.8, Floor));
        Row(text, "at 75 % to 5 %, back at 70 %", static () => Threshold(0.75, 0.7, Floor));
        Row(text, "forecast, a week ahead", ByForecast);
        text.AppendLine();
    }

    private void Row(StringBuilder text, string name, Func<Policy> make)
    {
        var sum = new Outcome();
        for (int scenario = 0; scenario < Scenarios; scenario++)
        {
            ulong here = seed * 1009 + (ulong)scenario;
            double[][] alone = Play(here, static (_, _, _, _, weight) => weight, null, null);
            Play(here, make(), sum, alone);
        }
        text.AppendLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {sum.Full} | {sum.AboveHours} | {sum.LoweredHours / 24:0.0} | {sum.NeedlessHours / 24:0.0} | {sum.Changes} |"));
    }

    // Fills by node and hour, as shares of the capacity.
    private static double[][] Play(ulong seed, Policy policy, Outcome? outcome, double[][]? alone)
    {
        var chance = new Chance(seed);
        double[] load = LoadTrace.Make(chance, Hours);
        double[] capacity = [.. Enumerable.Range(0, Nodes).Select(_ => chance.Between(1e12, 8e12))];
        double[] used = [.. capacity.Select(bytes => bytes * chance.Between(0.35, 0.84))];
        double room = capacity.Sum() * 0.85 - used.Sum();
        double scale = chance.Between(0.1, 0.8) * room / load.Sum(); // from hardly growing to nearly full
        var weight = new double[Nodes];
        Array.Fill(weight, 1);
        double[][] fills = [.. Enumerable.Range(0, Nodes).Select(_ => new double[Hours])];
        for (int hour = 0; hour < Hours; hour++)
        {
            double shares = 0;
            for (int i = 0; i < Nodes; i++)
                shares += used[i] < capacity[i] ? weight[i] * capacity[i] : 0;
            for (int i = 0; i < Nodes; i++)
            {
                bool wasFull = used[i] >= capacity[i];
                if (!wasFull)
                    used[i] = Math.Min(capacity[i], used[i] + load[hour] * scale * weight[i] * capacity[i] / shares);
                fills[i][hour] = used[i] / capacity[i];
                double before = weight[i];
                weight[i] = policy(i, hour, used[i], capacity[i], before);
                outcome?.Count(!wasFull && used[i] >= capacity[i], fills[i][hour] > Limit, weight[i], weight[i] != before, IsNeeded(alone![i], hour));
            }
        }
        return fills;
    }

    private static bool IsNeeded(double[] alone, int hour) => alone[Math.Min(Hours - 1, hour + NeededWithin)] > Limit;

    private static Policy Threshold(double down, double up, double low) =>
        (_, _, used, capacity, weight) => used / capacity >= down ? low : used / capacity < up ? 1 : weight;

    private static Policy ByForecast()
    {
        var history = new SampleSeries[Nodes];
        var changed = new long[Nodes];
        for (int i = 0; i < Nodes; i++)
            history[i] = new SampleSeries(ForecastState.HourMs, 1440);
        return (node, hour, used, capacity, weight) =>
        {
            long now = (hour + 1) * ForecastState.HourMs;
            history[node].Add(hour * ForecastState.HourMs, (long)used, 0, 0);
            if (hour % DecideEvery != 0)
                return weight;
            Decision? decision = DecisionRules.Weigh(history[node], now, new StatusNumbers
            {
                ["changed"] = changed[node],
                ["floor"] = (long)(Floor * DecisionRules.Whole),
                ["horizon"] = 168,
                ["limit"] = (long)(capacity * Limit),
                ["weight"] = (long)(weight * DecisionRules.Whole),
            });
            double decided = (decision?.Outcome ?? (long)(weight * DecisionRules.Whole)) / (double)DecisionRules.Whole;
            if (Math.Abs(decided - weight) < 1e-9)
                return weight;
            changed[node] = now;
            return decided;
        };
    }

    private sealed class Outcome
    {
        public int Full { get; private set; }

        public int AboveHours { get; private set; }

        public double LoweredHours { get; private set; }

        public double NeedlessHours { get; private set; }

        public int Changes { get; private set; }

        public void Count(bool becameFull, bool isAbove, double weight, bool changed, bool needed)
        {
            Full += becameFull ? 1 : 0;
            AboveHours += isAbove ? 1 : 0;
            LoweredHours += 1 - weight;
            NeedlessHours += needed ? 0 : 1 - weight;
            Changes += changed ? 1 : 0;
        }
    }
}
