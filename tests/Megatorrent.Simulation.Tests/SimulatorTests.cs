using Megatorrent.Core.Testing;
using Megatorrent.Simulation.Faults;
using Megatorrent.Simulation.Runs;

namespace Megatorrent.Simulation.Tests;

/// <summary>What makes a simulator worth believing: it repeats itself, it finds what is wrong, and it says so briefly.</summary>
public sealed class SimulatorTests : IDisposable
{
    private const int SeedsMax = 60;

    public void Dispose() => PlantedBugs.Active = PlantedBug.None;

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void A_seed_gives_the_same_run_every_time(ulong seed)
    {
        RunResult first = Run(seed);
        RunResult second = Run(seed);
        Assert.Null(first.Violation);
        Assert.True(first.Objects > 0 && first.Reads > 0 && first.Faults.Values.Sum() > 0, "a run without objects, reads or faults shows nothing");
        Assert.Equal((first.Trace, first.Step, first.Elapsed), (second.Trace, second.Step, second.Elapsed));
        Assert.NotEqual(first.Trace, Run(seed + 1).Trace);
    }

    [Fact]
    public void A_planted_bug_is_found_and_its_faults_are_minimised()
    {
        PlantedBugs.Active = PlantedBug.AcknowledgeBeforeFlush;
        for (ulong seed = 1; seed <= SeedsMax; seed++)
        {
            RunResult result = Run(seed);
            if (result.Violation is null)
                continue;
            Assert.Equal(result.Violation, Run(seed).Violation);
            IReadOnlyList<Fault> left = new Minimiser(seed, RunMode.Both).Run()!;
            Assert.NotEmpty(left);
            Assert.Equal(result.Kind, RunWith(seed, left).Kind);
            Assert.All(left, one => Assert.NotEqual(result.Kind, RunWith(seed, [.. left.Where(other => other != one)]).Kind)); // none can go
            PlantedBugs.Active = PlantedBug.None;
            Assert.Null(Run(seed).Violation);
            return;
        }
        Assert.Fail($"No seed from 1 to {SeedsMax} found it.");
    }

    private static RunResult RunWith(ulong seed, IReadOnlyList<Fault> faults) => new SimulationRun(seed, RunMode.Both, faults, null).Run();

    private static RunResult Run(ulong seed) => new SimulationRun(seed, RunMode.Both, null, null).Run();
}
