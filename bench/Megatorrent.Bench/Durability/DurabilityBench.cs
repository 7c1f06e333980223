using System.Globalization;
using System.Text;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Durability;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Bench.Durability;

/// <summary>The chain's figure and the simulation's side by side, at rates so high that losses can be counted.</summary>
internal sealed class DurabilityBench(ulong seed)
{
    // Repairs take 100 h on the average throughout; what is accelerated is how often nodes fail.
    private const double RepairHours = 100;

    private static readonly (string Story, int Trials, int Stripes, DurabilityOptions Options)[] Rows =
    [
        ("4+2 on 12 nodes", 1500, 8, Options(4, 2, 12, 3)),
        ("6+2 on 12 nodes", 1500, 8, Options(6, 2, 12, 2)),
        ("10+4 on 20 nodes", 800, 8, Options(10, 4, 20, 5)),
        ("29+51 on 84 nodes", 150, 4, Options(29, 51, 84, 75) with { Years = 0.5 }),
        ("4+2, begun with k+⌈m/2⌉ = 5", 1500, 8, Options(4, 2, 12, 3) with { MissingAtStart = 1 }),
        ("10+4, begun with k+⌈m/2⌉ = 12", 800, 8, Options(10, 4, 20, 5) with { MissingAtStart = 2 }),
        ("4+2 on 18 nodes in 9 domains that fail too", 1500, 8, Options(4, 2, 18, 1.5) with { Domains = 9, FailuresPerDomainYear = 1.5 }),
        ("4+2, 3 damages a blob and year, scrub every 3 days", 1500, 8, Options(4, 2, 12, 2) with { RotPerBlobYear = 3, ScrubHours = 72 }),
        ("6+2, 1.5 damages a blob and year, scrub every 7 days", 1500, 8, Options(6, 2, 12, 1.5) with { RotPerBlobYear = 1.5 }),
    ];

    public string Run()
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"seed {seed}; a repair takes {RepairHours} h on the average, exponential; intervals of 99 %");
        table.AppendLine();
        table.AppendLine("| stripe | failures a node and year | time | stripes | lost | computed | measured | interval | agree |");
        table.AppendLine("|---|---|---|---|---|---|---|---|---|");
        ulong next = seed;
        foreach ((string story, int trials, int stripes, DurabilityOptions options) in Rows)
        {
            Member[] members = Members(options.Nodes, options.Domains);
            DurabilityEstimate measured = new DurabilitySimulation(options, members, new SeededRandomSource(next++ * 1_000_003)).Run(trials, stripes);
            double computed = DurabilityModel.LossProbability(options);
            table.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {story} | {options.FailuresPerNodeYear} | {options.Years} y | {measured.Stripes} | {measured.Lost} | {computed:0.0000} | {measured.Probability:0.0000} | {measured.Low:0.0000} to {measured.High:0.0000} | {(measured.Agrees(computed) ? "yes" : "NO")} |"));
        }
        table.AppendLine();
        Ordinary(table);
        return table.ToString();
    }

    // What the chain says at the rates of real machines, where nothing can be counted any more.
    private static void Ordinary(StringBuilder table)
    {
        table.AppendLine("Computed, a year: 4 % of the nodes fail, a repair takes 6 h.");
        table.AppendLine();
        table.AppendLine("| stripe | lost | begun with k+⌈m/2⌉ | with damage 0.01 a blob and year, scrub every 7 days | any of 10^9 stripes, at most |");
        table.AppendLine("|---|---|---|---|---|");
        foreach ((int data, int parity) in new[] { (4, 2), (6, 2), (10, 4), (29, 51) })
        {
            DurabilityOptions options = Options(data, parity, 96, DurabilityOptions.RateOf(0.04)) with { RepairHours = 6 };
            double loss = DurabilityModel.LossProbability(options);
            double rot = DurabilityModel.LossProbability(options with { RotPerBlobYear = 0.01 });
            table.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {data}+{parity} | {loss:0.0e+00} | {DurabilityModel.LossProbabilityAtPutMinimum(options):0.0e+00} | {rot:0.0e+00} | {DurabilityModel.AnyOf(loss, 1_000_000_000):0.0e+00} |"));
        }
    }

    private static DurabilityOptions Options(int data, int parity, int nodes, double failures) => new()
    {
        Scheme = new Scheme(data, parity),
        FailuresPerNodeYear = failures,
        RepairHours = RepairHours,
        Nodes = nodes,
    };

    private static Member[] Members(int nodes, int domains)
    {
        using SigningKey cluster = SigningKey.FromSeed(new byte[SigningKey.SeedLength]);
        var members = new Member[nodes];
        for (int i = 0; i < nodes; i++)
        {
            var key = new byte[SigningKey.SeedLength];
            key[0] = (byte)(i + 1);
            using Identity identity = Identity.FromSeed(key);
            Certificate certificate = Certificate.IssueByCluster(
                cluster, identity.PublicKey, Role.Node, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
            string domain = string.Create(CultureInfo.InvariantCulture, $"domain-{i % (domains == 0 ? nodes : domains)}");
            members[i] = new Member(
                NodeRecord.Create(identity, certificate, "192.0.2.1:4000", domain, 1, 1, "0"), MemberState.Alive, DateTimeOffset.UnixEpoch);
        }
        return members;
    }
}
