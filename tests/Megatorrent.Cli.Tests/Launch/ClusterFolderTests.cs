using System.Text.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Tests.Launch;

public class ClusterFolderTests
{
    [Fact]
    public void MakesKeysThatOnlyTheOwnerCanReadAndCertificatesThatHold()
    {
        using TestHost test = new();
        ClusterFolder made = ClusterFolder.Create(test.At("c"), ["--grace", "2s"], test.Host);
        ClusterNode node = made.AddNode("127.0.0.1:7420", test.Time.GetUtcNow());

        ClusterFolder opened = ClusterFolder.Open(test.At("c"));
        Assert.Equal(node, Assert.Single(opened.Document.Nodes));
        Assert.Equal(["--grace", "2s"], opened.Document.NodeArguments);
        using SigningKey key = opened.LoadKey();
        Assert.Equal(opened.Document.Cluster, Convert.ToHexStringLower(key.PublicKey));

        NodeFolder folder = new(node.Data);
        using Identity identity = folder.LoadIdentity();
        Certificate certificate = folder.TryLoadCertificate()!;
        certificate.Validate(key.PublicKey, test.Time.GetUtcNow());
        Assert.Equal((identity.Id, Role.Node), (certificate.Subject, certificate.Role));
        Assert.Equal(identity.Id.ToString(), node.Id);
        using Credential administrator = opened.LoadCredential(test.Host);
        administrator.Certificate.Validate(key.PublicKey, test.Time.GetUtcNow());
        Assert.Equal(Role.Admin, administrator.Certificate.Role);

        if (OperatingSystem.IsWindows())
            return;
        foreach (string path in (string[])[opened.KeyPath, opened.CredentialPath, folder.IdentityPath])
            Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal(SecretFile.OwnerOnlyFolder, File.GetUnixFileMode(opened.Path));
    }

    [Fact]
    public void ClusterJsonHasTheMembersThatScriptsRead()
    {
        using TestHost test = new();
        ClusterFolder.Create(test.At("c"), [], test.Host).AddNode("127.0.0.1:7420", test.Time.GetUtcNow());
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(test.At("c", "cluster.json")));
        JsonElement node = document.RootElement.GetProperty("nodes")[0];
        Assert.Equal(["id", "pid", "listen", "data", "domain"], node.EnumerateObject().Select(member => member.Name));
        Assert.Equal(test.At("c", "node1"), node.GetProperty("data").GetString());
        Assert.Equal("node1", node.GetProperty("domain").GetString());
    }

    [Fact]
    public void AKeyIsNeverOverwritten()
    {
        using TestHost test = new();
        ClusterFolder.Create(test.At("c"), [], test.Host);
        string key = File.ReadAllText(test.At("c", "cluster.key"));
        File.Delete(test.At("c", "cluster.json"));
        Assert.Throws<MegatorrentException>(() => ClusterFolder.Create(test.At("c"), [], test.Host));
        Assert.Equal(key, File.ReadAllText(test.At("c", "cluster.key")));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"nodes\":7}")]
    public void ADamagedListIsNamed(string text)
    {
        using TestHost test = new();
        Directory.CreateDirectory(test.At("c"));
        File.WriteAllText(test.At("c", "cluster.json"), text);
        MegatorrentException exception = Assert.Throws<MegatorrentException>(() => ClusterFolder.Open(test.At("c")));
        Assert.Equal(ErrorKind.Malformed, exception.Kind);
        Assert.Contains("cluster.json", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAClusterItSaysHowToMakeOne()
    {
        using TestHost test = new();
        MegatorrentException exception = Assert.Throws<MegatorrentException>(() => ClusterFolder.Open(test.At("none")));
        Assert.Contains("cluster up --data", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mtkey1:")]
    [InlineData("mtkey1:AAAA")]
    [InlineData("mtkey1:!!!!")]
    [InlineData("mtclusterkey1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void ADamagedIdentityIsNamed(string text)
    {
        using TestHost test = new();
        NodeFolder folder = new(test.At("n"));
        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(folder.IdentityPath, text);
        MegatorrentException exception = Assert.Throws<MegatorrentException>(() => folder.LoadOrCreateIdentity());
        Assert.Equal(ErrorKind.Malformed, exception.Kind);
        Assert.Contains(folder.IdentityPath, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIdentityStays()
    {
        using TestHost test = new();
        NodeFolder folder = new(test.At("n"));
        using Identity first = folder.LoadOrCreateIdentity();
        using Identity second = folder.LoadOrCreateIdentity();
        Assert.Equal(first.Id, second.Id);
    }
}
