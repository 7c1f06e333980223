using Megatorrent.Cli;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;

CoreDumps.TurnOff(Environment.GetEnvironmentVariable);
return await CommandLine.RunAsync(args, CliHost.ForProcess());
