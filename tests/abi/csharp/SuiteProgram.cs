using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Abi.Suite.Offline;

namespace Megatorrent.Abi.Suite;

/// <summary>Runs what the arguments ask for; tests/abi/README.md has them.</summary>
internal static class SuiteProgram
{
    private const int Passed = 0;
    private const int Failed = 1;

    /// <summary>Shows every behaviour of the list, in its order, and says a line about each.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ShowAsync(string folder, IEnumerable<Behaviour> known)
    {
        var vectors = new VectorFolder(folder);
        Dictionary<string, Behaviour> behaviours = known.ToDictionary(behaviour => behaviour.Id);
        int exitCode = Passed;
        foreach ((string id, bool needsCluster) in BehaviourList.Read(vectors))
        {
            string line = behaviours.Remove(id, out Behaviour? behaviour)
                ? await ShowAsync(behaviour, vectors)
                : $"not ok {id}: this suite does not know it";
            if (line.StartsWith("not ok", StringComparison.Ordinal))
                exitCode = Failed;
            Console.WriteLine(line);
        }

        return exitCode;
    }

    private static async Task<string> ShowAsync(Behaviour behaviour, VectorFolder vectors)
    {
        try
        {
            await behaviour.ShowAsync(vectors);
            return $"ok {behaviour.Id}";
        }
        catch (SkipException exception)
        {
            return $"skip {behaviour.Id}: {exception.Message}";
        }
        catch (Exception exception)
        {
            return $"not ok {behaviour.Id}: {Check.Describe(exception)}";
        }
    }

    public static Task<int> RunAsync(string[] args)
    {
        if (args[0] == "make-vectors") { Vectors.VectorMaker.WriteAll(args[1]); return Task.FromResult(0); }
        return ShowAsync(args[1], OfflineBehaviours.All);
    }
}
