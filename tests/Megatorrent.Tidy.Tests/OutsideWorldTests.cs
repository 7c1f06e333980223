using System.Text.RegularExpressions;

namespace Megatorrent.Tidy.Tests;

/// <summary>
/// Time, chance and threads come in from outside, so that these houses run unchanged inside a deterministic, single-threaded
/// simulator.
/// </summary>
public sealed partial class OutsideWorldTests
{
    private static readonly string[] Simulated = ["Storage", "Network", "Cluster", "Client", "Swarm", "Streaming"];

    /// <summary>Engines under a transport: with their threads they are the outside world, and the simulator has another one.</summary>
    private static readonly string[] Engines = ["src/Megatorrent.Network/Uring/"];

    [Fact]
    public void NoThreads() => Violations.MustBeNone(
        SimulatedSources().Where(source => !Engines.Any(engine => source.Path.StartsWith(engine, StringComparison.Ordinal)))
            .SelectMany(source => source.Find(Threads())),
        $"Not in {string.Join(", ", Simulated)}, except {string.Join(", ", Engines)}:");

    [Fact]
    public void NoWallClock() => Check(Clock());

    [Fact]
    public void NoChance() => Check(Chance());

    [Fact]
    public void NoLeavingTheScheduler() => Check(Scheduler());

    [Fact]
    public void NoTimerWithoutATimeProvider() => Violations.MustBeNone(
        SimulatedSources().SelectMany(TimersWithoutAProvider), "Pass the TimeProvider:");

    [Fact]
    public void TheCoreHasNoClockNoSocketsAndNoFiles() => Violations.MustBeNone(
        Repository.Sources.Where(source => source.Path.StartsWith("src/Megatorrent.Core/", StringComparison.Ordinal))
            .SelectMany(source => source.Find(Clock()).Concat(source.Find(SocketsAndFiles()))),
        "The core is a data plane:");

    [Theory]
    [InlineData("Task.Run(() => 1);")]
    [InlineData("new Thread(Work).Start();")]
    [InlineData("ThreadPool.QueueUserWorkItem(Work);")]
    [InlineData("Parallel.For(0, 9, Work);")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = DateTimeOffset.Now;")]
    [InlineData("var watch = Stopwatch.StartNew();")]
    [InlineData("long ticks = Environment.TickCount64;")]
    [InlineData("int i = Random.Shared.Next();")]
    [InlineData("Random random = new Random(1);")]
    [InlineData("RandomNumberGenerator.Fill(bytes);")]
    [InlineData("Guid id = Guid.NewGuid();")]
    [InlineData("await work.ConfigureAwait(false);")]
    [InlineData("await Task.Delay(\n  100,\n  cancellationToken);")]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1));")]
    [InlineData("using CancellationTokenSource source = new CancellationTokenSource(TimeSpan.FromSeconds(1));")]
    [InlineData("using PeriodicTimer timer = new PeriodicTimer(period);")]
    public void TheRulesSee(string violation) => Assert.True(Breaks(violation), violation);

    [Theory]
    [InlineData("// Task.Run would leave the scheduler")]
    [InlineData("/* new Thread( */ int i = 0;")]
    [InlineData("string text = \"DateTime.UtcNow \\\" Random.Shared\";")]
    [InlineData("string text = @\"C:\\\"; // Stopwatch")]
    [InlineData("string text = \"\"\"\n  Thread.Sleep(1) \"quoted\"\n  \"\"\";")]
    [InlineData("await Task.Delay(delay, _time, cancellationToken);")]
    [InlineData("await Task.Delay(\n  Backoff(3),\n  options.TimeProvider);")]
    [InlineData("using CancellationTokenSource source = new CancellationTokenSource();")]
    [InlineData("using CancellationTokenSource source = new CancellationTokenSource(limit, time);")]
    public void TheRulesLeaveAlone(string code) => Assert.False(Breaks(code), code);

    private static bool Breaks(string code)
    {
        SourceFile source = SourceFile.Of("sample.cs", code);
        return new[] { Threads(), Clock(), Chance(), Scheduler() }.Any(rule => source.Find(rule).Any()) || TimersWithoutAProvider(source).Any();
    }

    private static void Check(Regex rule) =>
        Violations.MustBeNone(SimulatedSources().SelectMany(source => source.Find(rule)), $"Not in {string.Join(", ", Simulated)}:");

    private static IEnumerable<SourceFile> SimulatedSources() => Repository.Sources.Where(
        source => Simulated.Any(house => source.Path.StartsWith($"src/Megatorrent.{house}/", StringComparison.Ordinal)));

    private static IEnumerable<string> TimersWithoutAProvider(SourceFile source)
    {
        foreach (string call in new[] { "Task.Delay", "new CancellationTokenSource", "new PeriodicTimer" })
        {
            foreach ((int line, string arguments) in source.FindCalls(call))
            {
                bool bare = call == "new CancellationTokenSource" && arguments.Trim().Length == 0;
                if (!bare && !arguments.Split(',').Skip(1).Any(argument => argument.Contains("time", StringComparison.OrdinalIgnoreCase)))
                    yield return $"{source.Path}:{line}: {call}({arguments})";
            }
        }
    }

    [GeneratedRegex(@"\bTask\.Run\b|\bTask\.Factory\b|\bnew Thread\s*\(|\bThreadPool\.|\bParallel\.|\bThread\.Sleep\b|\bnew Timer\s*\(")]
    private static partial Regex Threads();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b|\bStopwatch\b|\bEnvironment\.TickCount")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\bRandom\.Shared\b|\bnew Random\s*\(|\bRandomNumberGenerator\b|\bGuid\.(NewGuid|CreateVersion7)\b")]
    private static partial Regex Chance();

    [GeneratedRegex(@"\.ConfigureAwait\s*\(")]
    private static partial Regex Scheduler();

    [GeneratedRegex(@"\b(Socket|TcpClient|TcpListener|UdpClient|NetworkStream|FileStream)\b|(?<![\w.])(File|Directory)\.[A-Z]")]
    private static partial Regex SocketsAndFiles();
}
