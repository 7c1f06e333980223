using Megatorrent.Fuzz.Targets;

namespace Megatorrent.Fuzz.Tests;

/// <summary>The seeds of the corpora are what the encoders make today.</summary>
public sealed class SeedTests
{
    /// <summary>Where to write the seeds, to begin or renew the corpora: a folder, such as <c>fuzz/corpus</c>.</summary>
    private const string Variable = "MEGATORRENT_FUZZ_SEEDS";

    /// <summary>Targets that end with a refusal when all is well: a changed message, a key that is another's.</summary>
    private static readonly string[] Refused = ["noise", "blob-header"];

    [Fact]
    public void EverySeedHoldsWhatItsTargetAsks()
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        List<string> refusals = [];
        foreach ((string name, string seed, byte[] input) in Seeds.All())
        {
            if (folder is not null)
            {
                Directory.CreateDirectory(Path.Combine(folder, name));
                File.WriteAllBytes(Path.Combine(folder, name, "seed-" + seed), input);
            }

            FuzzTarget target = FuzzTargets.Find(name)!;
            target.Warm();
            bool isTaken = false;
            if (Record.Exception(() => isTaken = target.Test(input)) is { } exception)
                Assert.Fail($"{name}, {seed}: {exception}");
            if (!isTaken && !Refused.Contains(name))
                refusals.Add($"{name}, {seed}");
        }

        Assert.True(refusals.Count == 0, $"Parsers refuse what encoders made: {string.Join("; ", refusals)}");
    }

    [Fact]
    public void EveryTargetHasASeed() => Assert.Empty(
        FuzzTargets.All.Where(static target => !target.IsLeftOut).Select(static target => target.Name).Except(Seeds.All().Select(static seed => seed.Target)));
}
