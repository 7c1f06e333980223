using Megatorrent.Cli.Launch;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Tests.Launch;

public class ClusterLocatorTests
{
    [Fact]
    public void TheOptionGoesBeforeTheVariable()
    {
        using TestHost test = new();
        SaveCredential(test, "10.0.0.1:1");
        test.Variables[ClusterLocator.Variable] = "10.0.0.2:2, 10.0.0.3:3";
        Assert.Equal(["10.0.0.9:9"], Find(test, ["10.0.0.9:9"]));
        Assert.Equal(["10.0.0.2:2", "10.0.0.3:3"], Find(test, null));
    }

    [Fact]
    public void ElseTheClusterThatRunsHere()
    {
        using TestHost test = new();
        ClusterFolder cluster = ClusterFolder.Create(test.At("cluster"), [], test.Host);
        cluster.AddNode("127.0.0.1:7420", test.Time.GetUtcNow());
        cluster.AddNode("127.0.0.1:7421", test.Time.GetUtcNow());
        ConfigFolder folder = ConfigFolder.Find(test.Host.Environment);
        using Credential credential = cluster.LoadCredential(test.Host);
        CredentialStore.SaveDefault(folder, credential);
        ClusterPointer.Write(folder, new PointerDocument(cluster.Path, cluster.Document.Cluster));
        Assert.Equal(["127.0.0.1:7420", "127.0.0.1:7421"], Find(test, null));

        ClusterPointer.RemoveIfAt(folder, test.At("elsewhere"));
        Assert.NotNull(ClusterPointer.Read(folder));
        ClusterPointer.RemoveIfAt(folder, cluster.Path);
        Assert.Null(ClusterPointer.Read(folder));
    }

    [Fact]
    public void ElseThoseInTheCredentialOfAnotherCluster()
    {
        using TestHost test = new();
        ClusterFolder cluster = ClusterFolder.Create(test.At("cluster"), [], test.Host);
        cluster.AddNode("127.0.0.1:7420", test.Time.GetUtcNow());
        ClusterPointer.Write(ConfigFolder.Find(test.Host.Environment), new PointerDocument(cluster.Path, cluster.Document.Cluster));
        SaveCredential(test, "10.0.0.1:1");
        Assert.Equal(["10.0.0.1:1"], Find(test, null));
    }

    [Fact]
    public void WithoutAnyClusterItSaysHowToGetOne()
    {
        using TestHost test = new();
        MegatorrentException exception = Assert.Throws<MegatorrentException>(() => Find(test, null));
        Assert.Equal(ErrorKind.Unreachable, exception.Kind);
        Assert.Contains("cluster up", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutACredentialItSaysHowToGetOne()
    {
        using TestHost test = new();
        MegatorrentException exception = Assert.Throws<MegatorrentException>(() => Find(test, ["10.0.0.1:1"]));
        Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        Assert.Contains("join TOKEN", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongVariableIsNamed()
    {
        using TestHost test = new();
        test.Variables[ClusterLocator.Variable] = "10.0.0.2:2,nonsense";
        MegatorrentException exception = Assert.Throws<MegatorrentException>(() => Find(test, null));
        Assert.Equal(ErrorKind.InvalidArgument, exception.Kind);
        Assert.Contains("'nonsense'", exception.Message, StringComparison.Ordinal);
    }

    private static string[] Find(TestHost test, string[]? given)
    {
        (string[] endpoints, Credential credential) = ClusterLocator.Find(test.Host.ForClient, given, credentialFile: null);
        credential.Dispose();
        return endpoints;
    }

    private static void SaveCredential(TestHost test, params string[] endpoints)
    {
        using SigningKey key = Clusters.NewKey();
        using Credential credential = Clusters.NewCredential(key, test.Time.GetUtcNow(), Role.Writer, endpoints);
        Clusters.SaveDefault(test, credential);
    }
}
