using System.Globalization;
using System.Text;
using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Forecast.Numerics;

namespace Megatorrent.Bench.Forecasting;

/// <summary>The recorded trace (bench/traces/README.md): a day of it is five minutes, a sample five seconds.</summary>
internal sealed class RecordedStory(string file)
{
    private const int Day = 60;
    private const int Window = 6 * Day;
    private const int LearnDays = 3;
    private const int RefitEvery = 6;
    private const double Deviations = 1.645;

    public void Write(StringBuilder text)
    {
        double[][] columns = Read();
        double[] io = columns[0], used = columns[1];
        text.AppendLine(CultureInfo.InvariantCulture, $"Recorded trace: {io.Length} samples of 5 s in {io.Length / Day} cycles of 5 min (builds and tests of others, and a cluster that is put to); decisions begin after {LearnDays} cycles.");
        text.AppendLine();
        Scrub(text, io);
        Fill(text, used);
    }

    // Bytes of disk input and output a second, and bytes stored.
    private double[][] Read()
    {
        long[][] rows = [.. File.ReadLines(file).Skip(1).Select(static line => line.Split(',').Select(static cell => long.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
        double[] io = [.. rows.Zip(rows.Skip(1), static (before, after) =>
            (after[3] + after[4] - before[3] - before[4]) * 512 / Math.Max(1, (after[0] - before[0]) / 1000.0))];
        return [io, [.. rows.Skip(1).Select(static row => row[6] * 1024.0)]];
    }

    private static void Scrub(StringBuilder text, double[] io)
    {
        double disk = 1.3 * io.Max(), mean = io.Average(), ceiling = 4 * mean;
        var even = new Interference(disk);
        var full = new Interference(disk);
        var forecast = new Interference(disk);
        double left = 0;
        HoltWinters? model = null;
        int fitted = 0;
        for (int i = LearnDays * Day; i < io.Length; i++)
        {
            if (model is null || i - fitted >= RefitEvery)
            {
                model = HoltWinters.Fit(io.AsSpan(Math.Max(0, i - Window), Math.Min(i, Window)), Day);
                fitted = i;
            }
            var load = new double[Day];
            for (int h = 0; h < Day; h++)
                load[h] = Math.Max(0, model.Expect(h + 1));
            forecast.Add(io[i], RatePlan.Fill(load, mean * Day, mean / 20, ceiling)[0]);
            even.Add(io[i], mean);
            left = i % Day == 0 ? mean * Day : left;
            full.Add(io[i], Math.Min(left, ceiling));
            left -= Math.Min(left, ceiling);
            model.Observe(io[i]);
        }
        text.AppendLine("| rule of the scrub | foreground requests slower by | bytes read, of the even rate |");
        text.AppendLine("|---|---|---|");
        foreach ((string name, Interference cost) in new[] { ("full rate until done, then idle", full), ("the same rate all day", even), ("forecast", forecast) })
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {cost} % | {cost.Work / even.Work * 100:0} % |"));
        text.AppendLine();
    }

    // A disk as large as that the trace passes 90 % of it after four fifths, and one so large that it never does.
    private static void Fill(StringBuilder text, double[] used)
    {
        text.AppendLine("| disk | rule | first alarm before 90 % is passed, in cycles | samples with an alarm | of these not borne out two cycles later |");
        text.AppendLine("|---|---|---|---|---|");
        foreach ((string disk, double capacity) in new[] { ("passes 90 % at four fifths", used[used.Length * 4 / 5] / 0.9), ("ends at 87 %", used[^1] / 0.87) })
        {
            bool[] threshold = [.. used.Select(bytes => bytes >= 0.85 * capacity)];
            bool[] forecast = Alarms(used, 0.9 * capacity);
            int passed = Array.FindIndex(used, bytes => bytes >= 0.9 * capacity);
            foreach ((string rule, bool[] alarms) in new[] { ("at 85 %", threshold), ("forecast, two cycles ahead", forecast) })
            {
                int first = Array.IndexOf(alarms, true);
                string lead = passed < 0 || first < 0 ? "-" : ((passed - first) / (double)Day).ToString("0.0", CultureInfo.InvariantCulture);
                int vain = Enumerable.Range(0, Math.Max(0, used.Length - 2 * Day)) // later ones the trace cannot judge
                    .Count(i => alarms[i] && used[i + 2 * Day] < 0.9 * capacity);
                text.AppendLine(string.Create(
                    CultureInfo.InvariantCulture, $"| {disk} | {rule} | {lead} | {alarms.Count(static alarm => alarm)} | {vain} |"));
            }
        }
        text.AppendLine();
    }

    private static bool[] Alarms(double[] used, double limit)
    {
        var alarms = new bool[used.Length];
        for (int i = LearnDays * Day; i < used.Length; i++)
        {
            alarms[i] = alarms[i - 1];
            if (i % RefitEvery != 0)
                continue;
            HoltWinters model = HoltWinters.Fit(used.AsSpan(Math.Max(0, i - Window), Math.Min(i, Window)), Day);
            alarms[i] = Enumerable.Range(1, 2 * Day).Any(h => model.Expect(h) + Deviations * model.DeviationOf(h) >= limit);
        }
        return alarms;
    }
}
