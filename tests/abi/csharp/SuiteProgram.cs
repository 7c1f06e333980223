using System.Globalization;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Abi.Suite.Offline;
using Megatorrent.Abi.Suite.Online;
using Megatorrent.Abi.Suite.Vectors;
using Megatorrent.Core;

namespace Megatorrent.Abi.Suite;

/// <summary>Does what the arguments ask for; tests/abi/README.md has them.</summary>
internal static class SuiteProgram
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int Misused = 2;

    private const string Usage = """
        usage: behaviours VECTORS
               put FILE
               get CAPABILITY PATH
               bench [CAPABILITY]
               soak SECONDS
               make-vectors VECTORS
        """;

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["behaviours", string folder]:
                    return await ShowAsync(folder);
                case ["put", string path]:
                    await TransferCommands.PutAsync(path);
                    return Done;
                case ["get", string capability, string path]:
                    await TransferCommands.GetAsync(capability, path);
                    return Done;
                case ["bench"]:
                    await BenchCommand.RunAsync(null);
                    return Done;
                case ["bench", string capability]:
                    await BenchCommand.RunAsync(capability);
                    return Done;
                case ["soak", string text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds):
                    return await SoakCommand.RunAsync(seconds) ? Done : Failed;
                case ["make-vectors", string folder]:
                    VectorMaker.WriteAll(folder);
                    return Done;
                default:
                    Console.Error.WriteLine(Usage);
                    return Misused;
            }
        }
        catch (Exception exception) when (exception is MegatorrentException or SkipException or IOException)
        {
            Console.Error.WriteLine(exception.Message);
            return Failed;
        }
    }

    private static async Task<int> ShowAsync(string folder)
    {
        using var cluster = new ClusterAccess();
        var vectors = new VectorFolder(folder);
        Dictionary<string, Behaviour> known = OfflineBehaviours.All.Concat(OnlineBehaviours.All(cluster)).ToDictionary(behaviour => behaviour.Id);
        int exitCode = Done;
        foreach ((string id, _) in BehaviourList.Read(vectors))
        {
            string line = known.Remove(id, out Behaviour? behaviour) ? await ShowAsync(behaviour, vectors) : $"not ok {id}: this suite does not know it";
            if (line.StartsWith("not ok", StringComparison.Ordinal))
                exitCode = Failed;
            Console.WriteLine(line);
        }

        foreach (string id in known.Keys)
        {
            Console.WriteLine($"not ok {id}: the list does not have it for C#");
            exitCode = Failed;
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
}
