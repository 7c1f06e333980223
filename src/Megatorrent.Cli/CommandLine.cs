using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Megatorrent.Cli.Commands;
using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli;

/// <summary>The whole command line: which commands there are, and what surrounds each (signals, failures, usage errors, help).</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code, see <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, CliHost host)
    {
        RootCommand root = Build(host);
        ParseResult parse = root.Parse(arguments);
        if (parse.Errors.Count > 0 && parse.Action is null or ParseErrorAction)
            return ReportUsage(parse, host);
        bool json = parse.GetValue(CommonOptions.Json);
        using Interrupts interrupts = new(host.HandleSignals);
        try
        {
            InvocationConfiguration configuration = new()
            {
                Output = host.Out,
                Error = host.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // signals are ours
            };
            return await parse.InvokeAsync(configuration, interrupts.Token);
        }
        catch (Exception exception)
        {
            return Failures.Report(exception, host, json, interrupts.Token.IsCancellationRequested);
        }
    }

    /// <summary>The tree of commands.</summary>
    internal static RootCommand Build(CliHost host)
    {
        RootCommand root = new("Megatorrent keeps files on several nodes, encrypted and erasure-coded, so that they outlive the nodes.")
        {
            new NodeCommand(host),
            new ClusterCommand(host),
            new PutCommand(host),
            new GetCommand(host),
            new CatCommand(host),
            new LsCommand(host),
            new VerifyCommand(host),
            new HealthCommand(host),
            new RepairCommand(host),
            new KeepCommand(host),
            new ForgetCommand(host),
            new LeasesCommand(host),
            new ScrubCommand(host),
            new InviteCommand(host),
            new JoinCommand(host),
            new StatusCommand(host),
            new ForecastCommand(host),
            new DurabilityCommand(host),
            new DemoCommand(host),
            new VersionCommand(host),
        };
        root.Add(CommonOptions.Json);
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: SynchronousCommandLineAction standard } help)
                help.Action = new HelpWithNotes(standard);
        }
        return root;
    }

    private static int ReportUsage(ParseResult parse, CliHost host)
    {
        if (parse.Tokens.Count == 0)
            parse.RootCommandResult.Command.Parse("--help").Invoke(new InvocationConfiguration { Output = host.Error, Error = host.Error });
        string path = CommandPath(parse);
        foreach (string message in parse.Errors.Select(error => error.Message).Distinct())
            host.Error.WriteLine($"error: {Printable.Line(message)}");
        host.Error.WriteLine($"hint: `{path} --help` shows how to use it");
        if (parse.Tokens.Any(token => token.Value == CommonOptions.Json.Name))
        {
            string all = string.Join(" ", parse.Errors.Select(error => error.Message).Distinct());
            Json.JsonOutput.Write(host, new(new("InvalidArgument", all, ExitCodes.Usage)), Json.CliJson.Output.ErrorDocument);
        }
        return ExitCodes.Usage;
    }

    private static string CommandPath(ParseResult parse)
    {
        List<string> names = [];
        for (System.CommandLine.Parsing.SymbolResult? result = parse.CommandResult; result is not null; result = result.Parent)
        {
            if (result is System.CommandLine.Parsing.CommandResult { Command: var command })
                names.Insert(0, command is RootCommand ? "megatorrent" : command.Name);
        }
        return string.Join(' ', names);
    }

    /// <summary>The standard help, then the command's own notes and the exit codes.</summary>
    private sealed class HelpWithNotes(SynchronousCommandLineAction standard) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            standard.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            if ((parseResult.CommandResult.Command as CliCommand)?.Notes is { } notes)
                output.WriteLine(notes.TrimEnd() + Environment.NewLine);
            output.WriteLine("Exit codes:");
            output.WriteLine($"  {ExitCodes.Help}");
            return ExitCodes.Done;
        }
    }
}
