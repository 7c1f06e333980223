using Megatorrent.Cluster.Durability;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Tests.Durabilities;

public sealed class DurabilityTests
{
    [Fact]
    public void AMirrorLivesAsLongAsTheTextbookSays()
    {
        // Patterson, Gibson and Katz (1988) and every book since: (3λ+μ) / 2λ².
        DurabilityOptions mirror = Options(1, 1, failures: 0.5, repairHours: 24);
        double repair = DurabilityModel.HoursPerYear / 24;
        Assert.Equal((3 * 0.5 + repair) / (2 * 0.5 * 0.5), DurabilityModel.MeanYearsToLoss(mirror), 1e-6);
    }

    [Fact]
    public void OneBlobIsLostAsOftenAsItsNode() =>
        Assert.Equal(1 - Math.Exp(-0.04), DurabilityModel.LossProbability(Options(1, 0, failures: 0.04, repairHours: 6)), 1e-14);

    [Theory]
    [InlineData(2, 1, 3.0, 500)]
    [InlineData(4, 2, 10.0, 200)]
    public void TheChainIsItsMatrixExponential(int data, int parity, double failures, double repairHours)
    {
        DurabilityOptions options = Options(data, parity, failures, repairHours);
        Assert.Equal(ByRungeKutta(options), DurabilityModel.LossProbability(options), 1e-9);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(6, 2)]
    [InlineData(10, 4)]
    [InlineData(29, 51)]
    public void RareLossesAreTheTimeOverTheMeanTime(int data, int parity)
    {
        DurabilityOptions options = Options(data, parity, failures: 0.04, repairHours: 6);
        double loss = DurabilityModel.LossProbability(options);
        double expected = 1 / DurabilityModel.MeanYearsToLoss(options);
        Assert.True(loss is > 0 and < 1e-6);
        Assert.Equal(1, loss / expected, 0.01); // it takes a few repair times before the rate is what it stays
    }

    [Fact]
    public void WhatIsTooSmallForOneMinusStaysExact()
    {
        DurabilityOptions options = Options(10, 4, failures: 0.001, repairHours: 1);
        double loss = DurabilityModel.LossProbability(options);
        Assert.InRange(loss, 1e-30, 1e-22);
        Assert.Equal(1, loss * DurabilityModel.MeanYearsToLoss(options), 0.01);
        Assert.Equal(loss * 1000, DurabilityModel.AnyOf(loss, 1000), loss);
    }

    [Fact]
    public void AWeakerStartADomainAndRotMakeItWorse()
    {
        DurabilityOptions options = Options(4, 2, failures: 0.04, repairHours: 6) with { Nodes = 12 };
        double plain = DurabilityModel.LossProbability(options);
        Assert.True(DurabilityModel.LossProbabilityAtPutMinimum(options) > plain);
        Assert.True(DurabilityModel.LossProbability(options with { FailuresPerDomainYear = 0.01 }) > plain);
        double weekly = DurabilityModel.LossProbability(options with { RotPerBlobYear = 0.01 });
        Assert.True(weekly > plain);
        Assert.True(DurabilityModel.LossProbability(options with { RotPerBlobYear = 0.01, ScrubHours = 24 * 60 }) > weekly);
        Assert.True(DurabilityModel.LossProbability(options with { Domains = 3, FailuresPerDomainYear = 0.01 })
            > DurabilityModel.LossProbability(options with { FailuresPerDomainYear = 0.01 }));
    }

    [Theory]
    [InlineData(4, 2, 12, 4.0, 0.0, 0.0, 0)]
    [InlineData(6, 2, 12, 2.0, 0.0, 0.0, 1)]
    [InlineData(10, 4, 16, 4.0, 0.0, 0.0, 2)]
    [InlineData(4, 2, 9, 2.0, 2.0, 0.0, 0)]
    [InlineData(4, 2, 12, 3.0, 0.0, 4.0, 0)]
    public void TheSimulationMeasuresWhatTheChainComputes(
        int data, int parity, int nodes, double failures, double domainFailures, double rot, int missing)
    {
        const ulong Seed = 11;
        DurabilityOptions options = Options(data, parity, failures, repairHours: 150) with
        {
            Nodes = nodes,
            FailuresPerDomainYear = domainFailures,
            RotPerBlobYear = rot,
            ScrubHours = 100,
            MissingAtStart = missing,
        };
        DurabilityEstimate measured = new DurabilitySimulation(options, TestKeys.Members(nodes), new SeededRandomSource(Seed)).Run(600, 4);
        double computed = DurabilityModel.LossProbability(options);
        Assert.True(measured.Lost > 20, $"seed {Seed}: {measured}");
        Assert.True(measured.Agrees(computed), $"seed {Seed}: computed {computed}, {measured}");
    }

    [Fact]
    public void TheSimulationIsTheSameForTheSameSeed()
    {
        DurabilityOptions options = Options(4, 2, failures: 8, repairHours: 150) with { Nodes = 12 };
        DurabilityEstimate Run() => new DurabilitySimulation(options, TestKeys.Members(12), new SeededRandomSource(5)).Run(20, 4);
        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void OptionsThatSayNothingAreRefused()
    {
        Assert.Throws<MegatorrentException>(() => DurabilityModel.LossProbability(Options(4, 2, failures: 0, repairHours: 6)));
        Assert.Throws<MegatorrentException>(() => DurabilityModel.LossProbability(Options(4, 2, failures: 1, repairHours: double.NaN)));
        Assert.Throws<MegatorrentException>(
            () => DurabilityModel.LossProbability(Options(4, 2, failures: 1, repairHours: 1) with { MissingAtStart = 3 }));
    }

    private static DurabilityOptions Options(int data, int parity, double failures, double repairHours) => new()
    {
        Scheme = new Scheme(data, parity),
        FailuresPerNodeYear = failures,
        RepairHours = repairHours,
        Nodes = data + parity,
    };

    // The differential equations of the same chain, integrated in small steps: slow, and of another kind.
    private static double ByRungeKutta(DurabilityOptions options)
    {
        int states = options.Scheme.ParityShards + 2, total = options.Scheme.TotalShards;
        double repair = DurabilityModel.HoursPerYear / options.RepairHours;
        double[] Slope(double[] p)
        {
            var slope = new double[states];
            for (int i = 0; i < states - 1; i++)
            {
                double up = (total - i) * options.FailuresPerNodeYear * p[i], down = i * repair * p[i];
                slope[i] -= up + down;
                slope[i + 1] += up;
                if (i > 0)
                    slope[i - 1] += down;
            }
            return slope;
        }
        static double[] Along(double[] p, double[] slope, double step) => [.. p.Zip(slope, (value, change) => value + step * change)];

        var now = new double[states];
        now[0] = 1;
        const int Steps = 20_000;
        const double Step = 1.0 / Steps;
        for (int n = 0; n < Steps; n++)
        {
            double[] a = Slope(now), b = Slope(Along(now, a, Step / 2)), c = Slope(Along(now, b, Step / 2)), d = Slope(Along(now, c, Step));
            now = [.. now.Select((value, i) => value + Step / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]))];
        }
        return now[^1];
    }
}
