using System.Globalization;
using System.Text;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Forecast;

namespace Megatorrent.Bench.Forecasting;

/// <summary>A store is scrubbed once a day beside the foreground's load. At which rate, hour by hour?</summary>
internal sealed class ScrubStory(ulong seed)
{
    private const int Scenarios = 8;
    private const int HistoryHours = 28 * 24;
    private const int Hours = 14 * 24;
    private const double DiskBytesPerSecond = 150e6;
    private const long Ceiling = 50_000_000;
    private const long FloorRate = 1 << 20;
    private const double PassBytes = 15e6 * 3600 * 24; // 1.3 TB, 15 MB/s if spread evenly

    public void Write(StringBuilder text)
    {
        var full = new Interference(DiskBytesPerSecond);
        var even = new Interference(DiskBytesPerSecond);
        var forecast = new Interference(DiskBytesPerSecond);
        int late = 0;
        for (int scenario = 0; scenario < Scenarios; scenario++)
            late += Play(new Chance(seed * 2003 + (ulong)scenario), full, even, forecast);
        text.AppendLine(CultureInfo.InvariantCulture, $"Scrub beside load: {Scenarios} synthetic traces, 28 days of history and 14 judged; a disk of 150 MB/s, a pass of 1.3 TB a day.");
        text.AppendLine();
        text.AppendLine("| rule | foreground requests slower by | bytes read, of what is needed | days short of a pass |");
        text.AppendLine("|---|---|---|---|");
        Row(text, "50 MB/s until done, then idle", full, 0);
        Row(text, "the same rate all day", even, 0);
        Row(text, "forecast", forecast, late);
        text.AppendLine();
    }

    private static int Play(Chance chance, Interference full, Interference even, Interference forecast)
    {
        double scale = chance.Between(20e6, 55e6);
        double[] load = [.. LoadTrace.Make(chance, HistoryHours + Hours).Select(value => Math.Min(value * scale, DiskBytesPerSecond))];
        var history = new SampleSeries(ForecastState.HourMs, 1440);
        for (int h = 0; h < HistoryHours; h++)
            history.Add(h * ForecastState.HourMs, 0, (long)(load[h] * 3600), 0);
        int late = 0;
        double left = 0, day = 0;
        for (int h = HistoryHours; h < load.Length; h++)
        {
            left = h % 24 == 0 ? PassBytes : left;
            double rate = Math.Min(Ceiling, left / 3600);
            left -= rate * 3600;
            full.Add(load[h], rate);
            even.Add(load[h], PassBytes / 24 / 3600);
            Decision decision = DecisionRules.PaceScrub(history, h * ForecastState.HourMs, new StatusNumbers
            {
                ["bytes"] = (long)Math.Max(0, PassBytes - day),
                ["ceiling"] = Ceiling,
                ["floor"] = FloorRate,
                ["left"] = 24 - h % 24,
            })!;
            forecast.Add(load[h], decision.Outcome);
            day += decision.Outcome * 3600.0;
            history.Add(h * ForecastState.HourMs, 0, (long)(load[h] * 3600), 0);
            if (h % 24 == 23)
            {
                late += day < 0.98 * PassBytes ? 1 : 0;
                day = 0;
            }
        }
        return late;
    }

    private static void Row(StringBuilder text, string rule, Interference cost, int late) => text.AppendLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {rule} | {cost} % | {cost.Work * 3600 / (PassBytes * Scenarios * Hours / 24) * 100:0} % | {late} of {Scenarios * Hours / 24} |"));
}
