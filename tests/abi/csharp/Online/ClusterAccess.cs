using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Core.Wire;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>The cluster that the environment names, and a folder for files.</summary>
internal sealed class ClusterAccess : IDisposable
{
    /// <summary>The folder of a cluster that may be taken down.</summary>
    public const string DataVariable = "MT_CLUSTER_DATA";

    /// <summary>The program that takes it down.</summary>
    public const string BinaryVariable = "MEGATORRENT_BIN";

    private readonly Lazy<string> _folder = new(() => Directory.CreateTempSubdirectory("megatorrent-suite-").FullName);

    /// <summary>Where cluster and credential are looked for.</summary>
    public static ClientEnvironment Surroundings { get; } = new(Environment.GetEnvironmentVariable, Console.Error.WriteLine);

    /// <summary>A path in the folder, where nothing is yet unless the caller has put it there.</summary>
    public string At(string name) => Path.Combine(_folder.Value, name);

    /// <summary>A file of the folder with these bytes.</summary>
    public string File(string name, byte[] content)
    {
        string path = At(name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Where the cluster is and who asks. The caller disposes the credential.</summary>
    /// <exception cref="SkipException">The environment names no cluster.</exception>
    public static ClientOptions Options()
    {
        if (IsUnset(ClusterLocator.Variable) || IsUnset(CredentialStore.Variable))
            throw new SkipException("no cluster");
        (string[] endpoints, Credential credential) = ClusterLocator.Find(Surroundings, given: null, credentialFile: null);
        return new ClientOptions { Endpoints = endpoints, Credential = credential };
    }

    /// <summary>Runs something with a client of the cluster.</summary>
    public static async Task WithClientAsync(Func<MegatorrentClient, Task> show)
    {
        ClientOptions options = Options();
        using (options.Credential)
        {
            await using MegatorrentClient client = await MegatorrentClient.ConnectAsync(options);
            await show(client);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_folder.IsValueCreated)
            Directory.Delete(_folder.Value, recursive: true);
    }

    /// <summary>Whether a variable is not set, or empty.</summary>
    public static bool IsUnset(string variable) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
