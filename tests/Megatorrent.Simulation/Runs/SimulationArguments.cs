using System.Globalization;
using Megatorrent.Core.Testing;

namespace Megatorrent.Simulation.Runs;

/// <summary>What the command line asks for.</summary>
internal sealed record SimulationArguments
{
    public const string Usage = """
        usage: sim [--seeds N] [--first S] [--mode safety|liveness|both] [--bug NAME] [--threads T] [--commit ID]
               sim --replay SEED [--mode M] [--bug NAME]     tells everything that happens
               sim --minimise SEED [--mode M] [--bug NAME]   the shortest list of faults that still fails
               sim --bugs [--seeds N] [--first S]            every planted bug until it is found
        """;

    private const ulong SeedsDefault = 50;

    public ulong Seeds { get; init; } = SeedsDefault;

    public ulong First { get; init; } = 1;

    public RunMode Mode { get; private init; } = RunMode.Both;

    public PlantedBug Bug { get; private init; }

    public ulong? Replay { get; private init; }

    public ulong? Minimise { get; private init; }

    public bool Bugs { get; private init; }

    public int Threads { get; private init; } = Environment.ProcessorCount;

    public string Commit { get; private init; } = "unknown";

    /// <exception cref="ArgumentException">An argument that is not understood.</exception>
    public static SimulationArguments Parse(string[] args)
    {
        var parsed = new SimulationArguments();
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name == "--bugs")
            {
                parsed = parsed with { Bugs = true };
                continue;
            }
            string value = i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{name} needs a value, or is not known.");
            parsed = name switch
            {
                "--seeds" => parsed with { Seeds = Number(value) is > 0 and var seeds ? seeds : throw new ArgumentException("--seeds 0 runs nothing.") },
                "--first" => parsed with { First = Number(value) },
                "--mode" => parsed with { Mode = Enum.Parse<RunMode>(value, ignoreCase: true) },
                "--bug" => parsed with { Bug = Enum.Parse<PlantedBug>(value.Replace("-", ""), ignoreCase: true) },
                "--replay" => parsed with { Replay = Number(value) },
                "--minimise" => parsed with { Minimise = Number(value) },
                "--threads" => parsed with { Threads = (int)Math.Clamp(Number(value), 1, 64) },
                "--commit" => parsed with { Commit = value },
                _ => throw new ArgumentException($"{name} is not known."),
            };
        }
        return parsed;
    }

    private static ulong Number(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
        ? number : throw new ArgumentException($"'{text}' is not a number.");
}
