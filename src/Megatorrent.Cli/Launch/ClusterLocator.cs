using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cli.Values;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Launch;

/// <summary>Finds the cluster and the credential that a client command goes with.</summary>
internal static class ClusterLocator
{
    /// <summary>The variable that names endpoints.</summary>
    public const string Variable = "MEGATORRENT_CLUSTER";

    /// <summary>
    /// Endpoints: those given, else the variable's, else those of the cluster running here if the credential is of that cluster, else those
    /// in the credential.
    /// </summary>
    /// <exception cref="MegatorrentException">Unreachable: no cluster is known. Unauthorized: there is no credential.</exception>
    public static (string[] Endpoints, Credential Credential) Find(CliHost host, string[]? given, string? credentialFile)
    {
        string[]? endpoints = given ?? FromVariable(host);
        Credential? credential = CredentialStore.Find(host, credentialFile);
        if (credential is null)
        {
            throw endpoints is null
                ? new MegatorrentException(
                    ErrorKind.Unreachable,
                    "no cluster is known: start one here with `megatorrent cluster up --data DIR`, "
                    + "or join one with `megatorrent join TOKEN`")
                : new MegatorrentException(
                    ErrorKind.Unauthorized,
                    "there is no credential: exchange an invitation for one with `megatorrent join TOKEN`, "
                    + "or name a file with --credential");
        }
        endpoints ??= FromPointer(host, credential);
        if (endpoints is null or [])
            endpoints = [.. credential.Endpoints];
        return endpoints.Length > 0
            ? (endpoints, credential)
            : throw new MegatorrentException(
                ErrorKind.Unreachable, $"no cluster is known: name one with --cluster HOST:PORT or {Variable}");
    }

    /// <summary>The endpoints of the variable, or null when it is not set.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: it is set to something else.</exception>
    public static string[]? FromVariable(CliHost host)
    {
        if (host.Environment(Variable) is not { Length: > 0 } value)
            return null;
        return EndpointText.TryParseList(value, out string[] endpoints, out string wrong)
            ? endpoints
            : throw new MegatorrentException(ErrorKind.InvalidArgument, $"{Variable}: '{wrong}' is not an endpoint; {EndpointText.Hint}");
    }

    private static string[]? FromPointer(CliHost host, Credential credential)
    {
        PointerDocument? pointer = ClusterPointer.Read(ConfigFolder.Find(host.Environment));
        if (pointer is null || pointer.Cluster != Convert.ToHexStringLower(credential.ClusterKey))
            return null;
        return ClusterFolder.TryOpen(pointer.Data)?.Document.Nodes.Select(node => node.Listen).ToArray();
    }
}
