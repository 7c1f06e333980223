using System.Diagnostics;
using System.Globalization;
using System.Text;
using Megatorrent.Stories.Stories;

namespace Megatorrent.Stories;

/// <summary>Tells stories of clusters of real processes, one after the other, and prints a table of how each ended.</summary>
internal static class StoryProgram
{
    private const string InsideVariable = "MEGATORRENT_STORIES_INSIDE";

    private const string Help = """
        stories [NAME ...]: what happens to a cluster of real processes, and whether everything acknowledged is still there.

          --list         the stories; * are those of --quick, - those that are told only when named
          --quick        some of them, with less data and shorter waits
          --scale X      less data and shorter waits, 0.05 to 1 (default 1)
          --minutes N    how long stories last that have no end of their own (default 30)
          --seed N       the seed of data and choices (default 1)
          --results DIR  write stories.md there
          --keep         leave the folders with the nodes' logs
        """;

    private static readonly Story[] Stories =
        [.. DeathStories.All, .. DiskStories.All, .. OperationStories.All, .. CoordinatorStories.All, .. NetworkStories.All, .. RepairStories.All, .. LifeStories.All];

    private static readonly string[] QuickNames = ["segment-deleted", "rolling-restart", "partition"];

    public static async Task<int> RunAsync(string[] args)
    {
        double scale = 1;
        int seed = 1, minutes = 30;
        bool quick = false, keep = false;
        string? results = null;
        List<string> names = [];
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--list":
                    foreach (Story story in Stories)
                        Console.WriteLine($"{(QuickNames.Contains(story.Name) ? "*" : story.IsLong ? "-" : " ")} {story.Name,-20} {story.Summary}");
                    return 0;
                case "--quick":
                    quick = true;
                    break;
                case "--keep":
                    keep = true;
                    break;
                case "--scale" when double.TryParse(value, CultureInfo.InvariantCulture, out scale) && scale is >= 0.05 and <= 1:
                case "--minutes" when int.TryParse(value, CultureInfo.InvariantCulture, out minutes) && minutes is > 0 and <= 100_000:
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out seed):
                    i++;
                    break;
                case "--results" when value.Length > 0:
                    results = value;
                    i++;
                    break;
                case var name when Array.Exists(Stories, story => story.Name == name):
                    names.Add(name);
                    break;
                default:
                    Console.Error.WriteLine(Help);
                    return args[i] is "--help" or "-h" ? 0 : 2;
            }
        }

        string binary = Environment.GetEnvironmentVariable("MEGATORRENT_BIN")
            ?? throw new InvalidOperationException("MEGATORRENT_BIN is not set; `./build.sh stories` sets it.");
        Story[] chosen = [.. Stories.Where(story => names.Count > 0 ? names.Contains(story.Name) : quick ? QuickNames.Contains(story.Name) : !story.IsLong)];
        if (chosen.Any(static story => story.NeedsNamespaces) && Environment.GetEnvironmentVariable(InsideVariable) is null && Missing() is null)
            return RunInside(args);
        return await TellAsync(chosen, binary, quick ? Math.Min(scale, 0.2) : scale, seed, minutes, results, keep);
    }

    private static async Task<int> TellAsync(
        Story[] chosen, string binary, double scale, int seed, int minutes, string? results, bool keep)
    {
        string? missing = Missing();
        bool inside = Environment.GetEnvironmentVariable(InsideVariable) is not null;
        var rows = new List<(Story Story, string Outcome, double Seconds)>();
        (int passed, int failed, int skipped) = (0, 0, 0);
        foreach (Story story in chosen)
        {
            if (story.NeedsNamespaces && !inside)
            {
                skipped++;
                rows.Add((story, $"skipped: {missing}", 0));
                continue;
            }
            Console.Error.WriteLine($"-- {story.Name}: {story.Summary}");
            string folder = Directory.CreateTempSubdirectory("megatorrent-story-").FullName;
            var clock = Stopwatch.StartNew();
            string outcome;
            try
            {
                outcome = await story.RunAsync(new StoryContext(binary, folder, seed, scale, minutes));
                passed++;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                outcome = $"**failed**: {(exception is StoryException ? exception.Message : exception.ToString())}";
                failed++;
                Console.Error.WriteLine($"   {outcome}{Environment.NewLine}{Logs(folder)}");
            }
            rows.Add((story, outcome, clock.Elapsed.TotalSeconds));
            Console.Error.WriteLine($"   {outcome} ({clock.Elapsed.TotalSeconds:0} s)");
            if (!keep)
                Directory.Delete(folder, recursive: true);
        }

        string table = Table(rows, scale, seed);
        Console.WriteLine(table);
        if (results is not null)
        {
            Directory.CreateDirectory(results);
            await File.WriteAllTextAsync(Path.Combine(results, "stories.md"), table);
        }
        Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
        return failed == 0 ? 0 : 1;
    }

    private static string Table(List<(Story Story, string Outcome, double Seconds)> rows, double scale, int seed)
    {
        StringBuilder table = new();
        table.Append(CultureInfo.InvariantCulture, $"seed {seed}, scale {scale}\n\n| story | what happens | outcome | seconds |\n|---|---|---|---|\n");
        foreach ((Story story, string outcome, double seconds) in rows)
        {
            string cell = outcome.ReplaceLineEndings(" ").Replace('|', '/');
            table.Append(CultureInfo.InvariantCulture, $"| {story.Name} | {story.Summary} | {cell} | {seconds:0} |\n");
        }
        return table.ToString();
    }

    // The bridge and its veth pairs are in a namespace of our own: this program again, inside one.
    private static int RunInside(string[] args)
    {
        string name = $"mt{Environment.ProcessId}hub";
        Shell.Succeed(null, "ip", "netns", "add", name);
        try
        {
            Shell.Succeed(null, "ip", "-n", name, "link", "set", "lo", "up");
            ProcessStartInfo start = Shell.Start(
                new Dictionary<string, string> { [InsideVariable] = "1" },
                ["ip", "netns", "exec", name, "dotnet", typeof(StoryProgram).Assembly.Location, .. args]);
            using Process process = Process.Start(start)!;
            using var registration = System.Runtime.InteropServices.PosixSignalRegistration.Create(
                System.Runtime.InteropServices.PosixSignal.SIGINT, static context => context.Cancel = true); // the one inside ends us
            process.WaitForExit();
            return process.ExitCode;
        }
        finally
        {
            Shell.Run(null, "ip", "netns", "del", name);
        }
    }

    private static string? Missing()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "network namespaces need root on Linux";
        foreach (string program in (string[])["ip", "nft", "tc"])
        {
            if (!Array.Exists(["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"], folder => File.Exists(folder + program)))
                return $"`{program}` is missing (packages iproute2 and nftables)";
        }
        string probe = $"mt{Environment.ProcessId}probe";
        (int exitCode, string output) = Shell.Run(null, "ip", "netns", "add", probe);
        if (exitCode != 0)
            return $"network namespaces cannot be made here: {output}";
        Shell.Run(null, "ip", "netns", "del", probe);
        return null;
    }

    private static string Logs(string folder) => string.Join(Environment.NewLine, Directory
        .EnumerateFiles(folder, "node.log", SearchOption.AllDirectories)
        .Where(static path => !path.Contains("-keys", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(static path => $"--- {path}{Environment.NewLine}{string.Join(Environment.NewLine, File.ReadLines(path).TakeLast(12))}"));
}
