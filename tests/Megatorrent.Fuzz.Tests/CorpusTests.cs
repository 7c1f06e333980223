using Megatorrent.Fuzz.Targets;

namespace Megatorrent.Fuzz.Tests;

/// <summary>What fuzzing found stays found: every input of every corpus goes through its target.</summary>
public sealed class CorpusTests
{
    private const long LengthMax = 1 << 20;

    public static TheoryData<string> Targets => [.. Names];

    private static IEnumerable<string> Names => FuzzTargets.All.Where(static target => !target.IsLeftOut).Select(static target => target.Name);

    [Theory]
    [MemberData(nameof(Targets))]
    public void EveryInputOfTheCorpusHoldsWhatTheTargetAsks(string name)
    {
        FuzzTarget target = FuzzTargets.Find(name)!;
        target.Warm();
        string[] inputs = Directory.GetFiles(Path.Combine(Corpora.Root, name));
        Assert.NotEmpty(inputs);
        foreach (string input in inputs.Order(StringComparer.Ordinal))
        {
            if (Record.Exception(() => target.Test(File.ReadAllBytes(input))) is { } exception)
                Assert.Fail($"fuzz/corpus/{name}/{Path.GetFileName(input)}: {exception}");
        }
    }

    [Fact]
    public void EveryCorpusHasATarget()
    {
        string[] strange = [.. Directory.GetDirectories(Corpora.Root).Select(static folder => Path.GetFileName(folder)!).Except([.. Names, "abi"])]; // which is C's
        Assert.Empty(strange);
    }

    [Fact]
    public void TheCorporaAreSmall() => Assert.InRange(
        new DirectoryInfo(Corpora.Root).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length), 1, LengthMax);

    [Fact]
    public void NamesAreUniqueAndGoodForFolders()
    {
        string[] names = [.. FuzzTargets.All.Select(static target => target.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.All(names, static name => Assert.Matches("^[a-z][a-z-]+$", name));
    }

    [Fact]
    public void ThePlantedBugIsThere() =>
        Assert.Throws<NullReferenceException>(() => FuzzTargets.Find("planted")!.Test([0xe7, 0x51, 0x3a, 0x9c, .. "stripe"u8]));
}
