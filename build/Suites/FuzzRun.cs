using System.Globalization;
using System.Text.RegularExpressions;

namespace Megatorrent.Build.Suites;

/// <summary>Runs fuzz targets one after the other, and says what each did.</summary>
internal sealed partial class FuzzRun(Checkout checkout, Steps steps)
{
    private const int SecondsDefault = 60;
    private const int InputLengthMax = 4096; // formats are small; longer inputs cost speed and find the same
    private const string Help =
        """
        usage: build.sh fuzz [--target T] [--seconds N] [--minimise] [--list]

          --target T    one target; without it all, one after the other
          --seconds N   how long each runs, 1 to 86400; 60 if not told otherwise
          --minimise    afterwards what was found is added to fuzz/corpus, and what adds no edge is taken out
          --list        print the targets

        Ctrl-C ends the target that runs, and the run; what was found stays. An input that breaks something is kept in
        artifacts/fuzz/T. The target `planted` has a planted bug, which shows that the instrumentation works; a run of all
        leaves it out. See docs/guide/fuzzing.md.
        """;

    /// <summary>An input may take so long; what takes longer is reported like a crash.</summary>
    private const int InputTimeoutSeconds = 10;

    /// <summary>The driver needs this long, beside the time that it was given, to start and to end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private readonly FuzzBuild _build = new(checkout, steps);
    private volatile bool _isCancelled;

    /// <summary>The targets that a run of all takes: those that have a corpus, which tests hold to be every one but the planted.</summary>
    private string[] Targets =>
        [.. Directory.GetDirectories(checkout.At("fuzz", "corpus")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    /// <summary>Does what the user asks for.</summary>
    /// <returns>1 when an input broke something.</returns>
    public int Interactively(string[] args, Action ensurePackages)
    {
        (string[] targets, int seconds, bool minimise) = ([], SecondsDefault, false);
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--help" or "-h":
                    Console.WriteLine(Help);
                    return 0;
                case "--list":
                    Console.WriteLine(string.Join(Environment.NewLine, Targets.Append("planted")));
                    return 0;
                case "--minimise":
                    minimise = true;
                    break;
                case "--target" when Targets.Append("planted").Contains(value):
                    targets = [value];
                    i++;
                    break;
                case "--seconds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds is > 0 and <= 86_400:
                    i++;
                    break;
                default:
                    throw new BuildException($"cannot use '{args[i]} {value}'; `fuzz --help` says what it takes, `fuzz --list` the targets.", ExitCode.Usage);
            }
        }

        if (!OperatingSystem.IsLinux())
            throw new BuildException("runs on Linux: the library is published for it, and libFuzzer comes from its packages.");
        ensurePackages();
        targets = targets.Length > 0 ? targets : Targets;
        if (targets is not [FuzzBuild.Abi])
            _build.Run();
        if (targets.Contains(FuzzBuild.Abi))
            _build.RunAbi();
        return Run(targets, seconds, minimise);
    }

    private int Run(string[] targets, int seconds, bool minimise)
    {
        void Cancel(object? sender, ConsoleCancelEventArgs e) => (_isCancelled, e.Cancel) = (true, true);
        Console.CancelKeyPress += Cancel; // libFuzzer gets the signal too, and ends
        var outcomes = new List<Outcome>();
        try
        {
            foreach (string target in targets.TakeWhile(_ => !_isCancelled))
            {
                Outcome outcome = default;
                steps.Run($"fuzz {target}", () => $"{outcome = Fuzz(target, seconds)}");
                outcomes.Add(outcome);
                if (minimise && !_isCancelled && outcome.Crashes == 0)
                    steps.Run($"minimise {target}", () => Minimise(target));
            }
        }
        finally
        {
            Console.CancelKeyPress -= Cancel;
        }

        Console.WriteLine();
        Console.WriteLine($"{"target",-20}{"executions",12}{"edges",9}{"corpus",9}{"seconds",9}{"crashes",9}");
        foreach (Outcome outcome in outcomes)
        {
            Console.WriteLine(
                $"{outcome.Target,-20}{outcome.Executions,12}{outcome.Edges,9}{outcome.Corpus,9}{outcome.Seconds,9:0}{outcome.Crashes,9}");
        }

        return outcomes.Any(static outcome => outcome.Crashes > 0) ? ExitCode.Failed : 0;
    }

    private Outcome Fuzz(string target, int seconds)
    {
        string kept = Path.Combine(_build.Folder, target), found = Found(target);
        Directory.CreateDirectory(kept);
        Directory.CreateDirectory(found);
        string[] corpora = [found, .. new[] { Committed(target) }.Where(Directory.Exists)];
        var outcome = new Outcome(target);
        var tail = new Queue<string>();
        long start = Environment.TickCount64;
        int exitCode = Shell.Stream(
            Driver(target),
            [$"--target={target}", $"-max_total_time={seconds}", $"-timeout={InputTimeoutSeconds}", $"-max_len={InputLengthMax}",
                "-print_final_stats=1", $"-artifact_prefix={kept}/", .. corpora],
            checkout.Root,
            TimeSpan.FromSeconds(seconds) + Grace,
            (line, _) =>
            {
                outcome = outcome.With(line);
                tail.Enqueue(line);
                if (tail.Count > 40)
                    tail.Dequeue();
                if (Kept().Match(line) is not { Success: true } match)
                    return;
                outcome = outcome with { Crashes = outcome.Crashes + 1 };
                Console.WriteLine(string.Join(Environment.NewLine, tail));
                string input = Path.GetRelativePath(checkout.Root, match.Groups[1].Value);
                Console.WriteLine($"   not ok {target}: {input}");
                Console.WriteLine($"   to repeat: {Path.GetRelativePath(checkout.Root, Driver(target))} --target={target} {input}");
            });
        if (exitCode != 0 && outcome.Crashes == 0 && !_isCancelled)
        {
            Console.WriteLine(string.Join(Environment.NewLine, tail));
            throw new BuildException($"the fuzzer of {target} ended with exit code {exitCode} and kept no input.");
        }

        return outcome with { Seconds = (Environment.TickCount64 - start) / 1000.0 };
    }

    /// <summary>Makes the committed corpus anew, of the smallest inputs that together reach every edge that is known.</summary>
    private string Minimise(string target)
    {
        string small = Path.Combine(_build.Folder, "minimised", target);
        if (Directory.Exists(small))
            Directory.Delete(small, recursive: true);
        Directory.CreateDirectory(small);
        Directory.CreateDirectory(Committed(target));
        Shell.Succeed(
            Driver(target),
            [$"--target={target}", "-merge=1", $"-max_len={InputLengthMax}", small, Committed(target), Found(target)],
            checkout.Root,
            Grace);
        foreach (string old in Directory.GetFiles(Committed(target)).Where(IsFromFuzzer))
            File.Delete(old);
        foreach (string input in Directory.GetFiles(small))
            File.Copy(input, Path.Combine(Committed(target), Path.GetFileName(input)), overwrite: true);
        return $"{Directory.GetFiles(Committed(target)).Length} inputs";
    }

    private string Driver(string target) => target == FuzzBuild.Abi ? _build.AbiDriver : _build.Driver;

    private string Found(string target) => Path.Combine(_build.Folder, "corpus", target);

    private string Committed(string target) => checkout.At("fuzz", "corpus", target);

    /// <summary>libFuzzer names inputs by their SHA-1; those with names of their own are seeds and regressions, and stay.</summary>
    private static bool IsFromFuzzer(string path) => Path.GetFileName(path) is { Length: 40 } name && name.All(char.IsAsciiHexDigitLower);

    [GeneratedRegex("Test unit written to (.+)$")]
    private static partial Regex Kept();

    /// <summary>What became of a target.</summary>
    private readonly partial record struct Outcome(string Target, long Executions, int Edges, int Corpus, double Seconds, int Crashes)
    {
        private const string Executed = "stat::number_of_executed_units:";

        public Outcome(string target)
            : this(target, 0, 0, 0, 0, 0)
        {
        }

        /// <summary>Takes in a line of libFuzzer's output.</summary>
        public Outcome With(string line)
        {
            if (Progress().Match(line) is { Success: true } progress)
            {
                return this with
                {
                    Executions = Math.Max(Executions, long.Parse(progress.Groups[1].Value, CultureInfo.InvariantCulture)),
                    Edges = int.Parse(progress.Groups[2].Value, CultureInfo.InvariantCulture),
                    Corpus = int.Parse(progress.Groups[3].Value, CultureInfo.InvariantCulture),
                };
            }

            return line.StartsWith(Executed, StringComparison.Ordinal)
                ? this with { Executions = long.Parse(line.AsSpan(Executed.Length).Trim(), CultureInfo.InvariantCulture) }
                : this;
        }

        public override string ToString() => $"{Executions} executions, {Edges} edges, {Crashes} crashes";

        // "#524288	pulse  cov: 1234 ft: 2345 corp: 123/4567b lim: ..."
        [GeneratedRegex(@"^#(\d+)\s.*cov: (\d+) .*corp: (\d+)/")]
        private static partial Regex Progress();
    }
}
