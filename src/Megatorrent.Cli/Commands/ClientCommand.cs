using System.CommandLine;
using System.CommandLine.Parsing;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary>
/// A command that talks to a cluster: it finds cluster and credential, connects, shows progress, and keeps the time limit.
/// </summary>
internal abstract class ClientCommand : CliCommand
{
    /// <summary>Creates the command with the options of every client command.</summary>
    protected ClientCommand(string name, string description, CliHost host)
        : base(name, description, host)
    {
    }

    /// <summary>An argument that takes a capability.</summary>
    protected static Argument<Capability> CapabilityArgument(string description) => new("CAP")
    {
        Description = description + " @FILE reads it from a file, so that no list of processes shows it; @/dev/stdin from a pipe.",
        CustomParser = ParseCapability,
        Arity = ArgumentArity.ExactlyOne,
    };

    /// <summary>Connects and runs <paramref name="work"/> with progress and under the time limit.</summary>
    protected async Task<T> RunClientAsync<T>(
        ParseResult parse, CancellationToken cancellationToken, Func<MegatorrentClient, ProgressLine, CancellationToken, ValueTask<T>> work)
    {
        (string[] endpoints, Credential credential) =
            ClusterLocator.Find(Host.ForClient, CommonOptions.Cluster.Of(parse), parse.GetValue(CommonOptions.Credential));
        using (credential)
        {
            using StallGuard guard = new(Host.Time, CommonOptions.Timeout.Of(parse), cancellationToken);
            using ProgressLine progress = new(Host, guard);
            return await guard.RunAsync(async token =>
            {
                ClientOptions options = new()
                {
                    Endpoints = endpoints,
                    Credential = credential,
                    Transport = Host.Transport,
                    Time = Host.Time,
                    Site = parse.GetValue(CommonOptions.Site) ?? Host.Environment(CommonOptions.SiteVariable),
                };
                await using MegatorrentClient client = await MegatorrentClient.ConnectAsync(options, token);
                return await work(client, progress, token);
            });
        }
    }

    private static Capability? ParseCapability(ArgumentResult result)
    {
        try
        {
            return Capability.Parse(CommonOptions.Token(result));
        }
        catch (MegatorrentException exception)
        {
            result.AddError(exception.Message);
            return null;
        }
    }
}
