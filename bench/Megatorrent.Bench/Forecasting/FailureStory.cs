using System.Globalization;
using System.Text;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Forecast;
using Megatorrent.Core.Wire;

namespace Megatorrent.Bench.Forecasting;

/// <summary>
/// Disks die by a bathtub curve, some of them with a warning: damage that a scrub finds. A disk that is expected to fail has its blobs
/// copied before; one that is not leaves its stripes short until they are rebuilt.
/// </summary>
internal sealed class FailureStory(ulong seed)
{
    private const int Fleets = 3;
    private const int Disks = 60;
    private const int Days = 3 * 365;
    private const int StepDays = 5;                // between two looks at a disk
    private const double WarningShare = 0.6;       // of failures that are announced by damage
    private const double FalseAlarmsPerYear = 0.02; // damage on a disk that goes on living
    private const int EvidenceDays = 60;
    private const double RebuildHours = 6 + 1.0 / 6; // the grace time is in it
    private const double CopyDays = 0.5;           // until what only this disk holds has been copied

    public void Write(StringBuilder text)
    {
        (string Name, Func<Disk, double, Decision, bool> Rule)[] rules =
        [
            ("none: rebuilt after the death", static (_, _, _) => false),
            ("age of four years or more", static (disk, day, _) => day - disk.BornDay >= 4 * 365),
            ("any damage, ever", static (disk, day, _) => disk.DamageDay <= day),
            ("forecast, 5 % within 30 days", static (_, _, decision) => decision.Outcome == 1),
        ];
        var outcomes = new Outcome[rules.Length];
        for (int i = 0; i < rules.Length; i++)
            outcomes[i] = new Outcome();
        for (int fleet = 0; fleet < Fleets; fleet++)
            Play(new Chance(seed * 3001 + (ulong)fleet), [.. rules.Select(static rule => rule.Rule)], outcomes);
        text.AppendLine(CultureInfo.InvariantCulture, $"Failing disks: {Fleets} fleets of {Disks} disks over three years, bathtub curve; {WarningShare * 100:0} % of the failures are announced by damage.");
        text.AppendLine();
        text.AppendLine("| rule | failures | foreseen | hours at risk | disk-days watched | of these on disks that live on for 60 days |");
        text.AppendLine("|---|---|---|---|---|---|");
        for (int i = 0; i < rules.Length; i++)
        {
            Outcome at = outcomes[i];
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {rules[i].Name} | {at.Failures} | {at.Foreseen} | {(at.Failures - at.Foreseen) * RebuildHours:0} | {at.WatchedDays} | {at.NeedlessDays} |"));
        }
        text.AppendLine();
    }

    private static void Play(Chance chance, Func<Disk, double, Decision, bool>[] rules, Outcome[] outcomes)
    {
        var lives = new Dictionary<NodeId, MemberLife>();
        Disk[] disks = [.. Enumerable.Range(0, Disks).Select(_ => Disk.Make(chance, -chance.Between(0, 4 * 365)))];
        for (int i = 0; i < Disks; i++)
            disks[i].WatchedSince = Nobody(rules.Length);
        for (int day = 0; day < Days; day += StepDays)
        {
            for (int i = 0; i < Disks; i++)
            {
                Disk disk = disks[i];
                lives[disk.Id] = new MemberLife(disk.Id, Ms(disk.BornDay), 0, false);
                if (disk.DeathDay <= day)
                {
                    for (int rule = 0; rule < rules.Length; rule++)
                        outcomes[rule].Failed(day - disk.WatchedSince[rule] >= CopyDays);
                    lives[disk.Id] = new MemberLife(disk.Id, Ms(disk.BornDay), Ms(day), true);
                    disks[i] = disk = Disk.Make(chance, day);
                    disk.WatchedSince = Nobody(rules.Length);
                    continue;
                }
                Decision decision = DecisionRules.Risk(lives.Values, Ms(day), [], Inputs(disk, day));
                disk.Likely = decision.Outcome == 1;
                for (int rule = 0; rule < rules.Length; rule++)
                {
                    bool watched = rules[rule](disk, day, decision);
                    disk.WatchedSince[rule] = !watched ? double.NaN : double.IsNaN(disk.WatchedSince[rule]) ? day : disk.WatchedSince[rule];
                    outcomes[rule].Watched(watched, disk.DeathDay - day > EvidenceDays);
                }
            }
        }
    }

    private static double[] Nobody(int rules) => [.. Enumerable.Repeat(double.NaN, rules)];

    private static StatusNumbers Inputs(Disk disk, int day) => new()
    {
        ["age"] = (long)((day - disk.BornDay) * 24),
        ["bound"] = 50_000,
        ["damage"] = disk.DamageDay <= day && day - disk.DamageDay < EvidenceDays ? 1 : 0,
        ["period"] = 720,
        ["was"] = disk.Likely ? 1 : 0,
    };

    // Days count from four years after the epoch, so that no birth is before it.
    private static long Ms(double day) => (long)((day + 5 * 365) * 24 * ForecastState.HourMs);

    private sealed class Disk
    {
        public required NodeId Id { get; init; }

        public required double BornDay { get; init; }

        public required double DeathDay { get; init; }

        public required double DamageDay { get; init; }

        public bool Likely { get; set; }

        public double[] WatchedSince { get; set; } = [];

        // The least of three ends: infant mortality of a few, chance, and wear. One that is older than the story has survived until its beginning.
        public static Disk Make(Chance chance, double born)
        {
            double life;
            do
            {
                double infant = chance.Happens(0.05) ? chance.Weibull(0.7, 120) : double.PositiveInfinity;
                life = Math.Min(infant, Math.Min(chance.Weibull(1, 365 / 0.02), chance.Weibull(5, 6.5 * 365)));
            }
            while (born + life < 0);
            double death = born + Math.Max(1, life);
            double damage = chance.Happens(WarningShare) ? death - chance.Between(1, 45) : double.PositiveInfinity;
            double falseAlarm = Math.Max(born, 0) + chance.Weibull(1, 365 / FalseAlarmsPerYear);
            Span<byte> id = stackalloc byte[NodeId.Length];
            chance.Source.Fill(id);
            return new Disk { Id = new NodeId(id), BornDay = born, DeathDay = death, DamageDay = Math.Min(damage, falseAlarm) };
        }
    }

    private sealed class Outcome
    {
        public int Failures { get; private set; }

        public int Foreseen { get; private set; }

        public int WatchedDays { get; private set; }

        public int NeedlessDays { get; private set; }

        public void Failed(bool foreseen)
        {
            Failures++;
            Foreseen += foreseen ? 1 : 0;
        }

        public void Watched(bool watched, bool livesOn)
        {
            WatchedDays += watched ? StepDays : 0;
            NeedlessDays += watched && livesOn ? StepDays : 0;
        }
    }
}
