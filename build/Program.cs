namespace Megatorrent.Build;

/// <summary>The build tool: one verb, its arguments, one exit code. <c>build.sh</c> and <c>build.ps1</c> only start it.</summary>
internal static class Program
{
    private static readonly Verb[] Verbs =
    [
        new("build", "", "compile everything, for every framework", Verb.Plain(tool => tool.Build())),
        new("run", "[ARGS]", "set up, publish the binary and run `megatorrent demo ARGS`", (tool, args) => tool.Run(args)),
        new("test", "[--with-format]", "set up, build, publish and pass every test", (tool, args) => tool.Test(args)),
        new("native", "", "publish binary, libraries and header into artifacts/", Verb.Plain(tool => tool.Native())),
        new("soak", "[--language L] [--seconds N]", "work under load: Node and Java for ten minutes", (tool, args) => tool.Soak(args)),
        new("stories", "[NAME ...] [ARGS]", "clusters of real processes that break; `stories --help` says more", (tool, args) => tool.Stories(args)),
        new("bench", "[WHAT] [ARGS]", "run a benchmark; `bench --help` says more", (tool, args) => tool.Bench(args)),
        new("interop", "", "test against real peers of other makes", Verb.Absent("interoperability suite")),
        new("sim", "[--seeds N] [--first S] [ARGS]", "whole clusters under seeded faults; docs/guide/simulation.md", (tool, args) => tool.Sim(args)),
        new("crash", "[PART ...] [ARGS]", "what crashes cost a store; `crash --help` says more", (tool, args) => tool.Crash(args)),
        new("fuzz", "[--target T] [--seconds N]", "feed parsers what nobody thought of; `fuzz --help` says more", (tool, args) => tool.Fuzz(args)),
        new("mutate", "[--files GLOB]", "change the code and see which test notices; `mutate --help` says more", (tool, args) => tool.Mutate(args)),
        new("format", "[--fix]", "check the format of the sources, or correct it", (tool, args) => tool.Format(args)),
        new("package", "", "make the packages, and use each in an empty folder", Verb.Plain(tool => tool.Package())),
        new("clean", "", "delete everything that was built", Verb.Plain(tool => tool.Clean())),
        new("help", "", "print this", (_, _) => Help(Console.Out, 0)),
    ];

    private static int Main(string[] args)
    {
        if (args.Length == 0)
            return Help(Console.Error, ExitCode.Usage);

        string name = args[0] is "--help" or "-h" ? "help" : args[0];
        Verb? verb = Array.Find(Verbs, candidate => candidate.Name == name);
        if (verb is null)
        {
            Console.Error.WriteLine($"There is no verb '{args[0]}'.");
            return Help(Console.Error, ExitCode.Usage);
        }

        try
        {
            return verb.Run(new BuildTool(Checkout.Find()), args[1..]);
        }
        catch (BuildException exception)
        {
            Console.Error.WriteLine($"{verb.Name}: {exception.Message}");
            return exception.ExitCode;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{verb.Name}: {exception.Message}");
            return ExitCode.Failed;
        }
    }

    private static int Help(TextWriter writer, int exitCode)
    {
        writer.WriteLine("usage: build.sh VERB [ARGS]   (build.ps1 has the same verbs)");
        writer.WriteLine();
        foreach (Verb verb in Verbs)
            writer.WriteLine($"  {verb.Name + " " + verb.Usage,-34}{verb.Summary}");
        return exitCode;
    }
}
