using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client.Location;

/// <summary>Finds the cluster and the credential that a client command goes with.</summary>
public static class ClusterLocator
{
    /// <summary>The variable that names endpoints.</summary>
    public const string Variable = "MEGATORRENT_CLUSTER";

    /// <summary>
    /// Endpoints: those given, else the variable's, else those of the cluster running here if the credential is of that cluster, else those
    /// in the credential.
    /// </summary>
    /// <exception cref="MegatorrentException">Unreachable: no cluster is known. Unauthorized: there is no credential.</exception>
    /// <param name="environment">Where to look, and whom to warn.</param>
    /// <param name="given">The endpoints that the user named, or null.</param>
    /// <param name="credentialFile">The credential file that the user named, or null.</param>
    /// <returns>At least one endpoint, and the credential, which is the caller's to dispose.</returns>
    public static (string[] Endpoints, Credential Credential) Find(ClientEnvironment environment, string[]? given, string? credentialFile)
    {
        string[]? endpoints = given ?? FromVariable(environment);
        Credential? credential = CredentialStore.Find(environment, credentialFile);
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
        try
        {
            return (FindEndpoints(environment, endpoints, credential), credential);
        }
        catch
        {
            credential.Dispose();
            throw;
        }
    }

    /// <summary>The endpoints for a credential that is there already, found as <see cref="Find"/> does.</summary>
    /// <param name="environment">Where to look.</param>
    /// <param name="given">The endpoints that the user named, or null.</param>
    /// <param name="credential">The credential; stays the caller's.</param>
    /// <returns>At least one endpoint.</returns>
    /// <exception cref="MegatorrentException">Unreachable: no cluster is known. InvalidArgument: the variable holds something else.</exception>
    public static string[] FindEndpoints(ClientEnvironment environment, string[]? given, Credential credential)
    {
        string[]? endpoints = given ?? FromVariable(environment) ?? FromPointer(environment, credential);
        if (endpoints is null or [])
            endpoints = [.. credential.Endpoints];
        return endpoints.Length > 0
            ? endpoints
            : throw new MegatorrentException(
                ErrorKind.Unreachable, $"no cluster is known: name one with --cluster HOST:PORT or {Variable}");
    }

    /// <summary>The endpoints of the variable, or null when it is not set.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: it is set to something else.</exception>
    public static string[]? FromVariable(ClientEnvironment environment)
    {
        if (environment.Variable(Variable) is not { Length: > 0 } value)
            return null;
        return EndpointText.TryParseList(value, out string[] endpoints, out string wrong)
            ? endpoints
            : throw new MegatorrentException(ErrorKind.InvalidArgument, $"{Variable}: '{wrong}' is not an endpoint; {EndpointText.Hint}");
    }

    private static string[]? FromPointer(ClientEnvironment environment, Credential credential)
    {
        PointerDocument? pointer = ClusterPointer.Read(ConfigFolder.Find(environment.Variable));
        if (pointer is null || pointer.Cluster != Convert.ToHexStringLower(credential.ClusterKey))
            return null;
        return ClusterFile.TryRead(pointer.Data)?.Nodes.Select(node => node.Listen).ToArray();
    }
}
