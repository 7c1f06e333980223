using Megatorrent.Cli;
using Megatorrent.Cli.Terminal;

return await CommandLine.RunAsync(args, CliHost.ForProcess());
