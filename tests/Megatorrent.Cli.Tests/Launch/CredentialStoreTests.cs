using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Tests.Launch;

public class CredentialStoreTests
{
    [Fact]
    public void TheDefaultComesBackAndIsTheOwnersOnly()
    {
        using TestHost test = new();
        using SigningKey key = Clusters.NewKey();
        using Credential credential = Clusters.NewCredential(key, test.Time.GetUtcNow());
        string path = Clusters.SaveDefault(test, credential);
        using Credential? found = CredentialStore.Find(test.Host.ForClient, file: null);
        Assert.Equal(credential.ToText(), found!.ToText());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(path));
            Assert.Equal(SecretFile.OwnerOnlyFolder, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        }
        Assert.Equal("", test.Error);
    }

    [Fact]
    public void AnOptionGoesBeforeTheVariableAndThatBeforeTheDefault()
    {
        using TestHost test = new();
        using SigningKey key = Clusters.NewKey();
        using Credential standard = Clusters.NewCredential(key, test.Time.GetUtcNow());
        using Credential variable = Clusters.NewCredential(key, test.Time.GetUtcNow());
        using Credential option = Clusters.NewCredential(key, test.Time.GetUtcNow());
        Clusters.SaveDefault(test, standard);
        SecretFile.Write(test.At("option"), option.ToText());
        SecretFile.Write(test.At("variable"), variable.ToText());

        Assert.Equal(standard.ToText(), CredentialStore.Find(test.Host.ForClient, null)!.ToText());
        test.Variables[CredentialStore.Variable] = test.At("variable");
        Assert.Equal(variable.ToText(), CredentialStore.Find(test.Host.ForClient, null)!.ToText());
        test.Variables[CredentialStore.Variable] = variable.ToText(); // the credential itself
        Assert.Equal(variable.ToText(), CredentialStore.Find(test.Host.ForClient, null)!.ToText());
        Assert.Equal(option.ToText(), CredentialStore.Find(test.Host.ForClient, test.At("option"))!.ToText());
    }

    [Fact]
    public void WithoutAnyThereIsNone()
    {
        using TestHost test = new();
        Assert.Null(CredentialStore.Find(test.Host.ForClient, null));
    }

    [Fact]
    public void WarnsWhereOthersCanRead()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TestHost test = new();
        using SigningKey key = Clusters.NewKey();
        using Credential credential = Clusters.NewCredential(key, test.Time.GetUtcNow());
        SecretFile.Write(test.At("c"), credential.ToText());
        File.SetUnixFileMode(test.At("c"), SecretFile.OwnerOnly | UnixFileMode.GroupRead);
        CredentialStore.Load(test.Host.ForClient, test.At("c")).Dispose();
        Assert.Contains("chmod 600", test.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void SaysWhichFileIsMissingOrBroken()
    {
        using TestHost test = new();
        MegatorrentException missing = Assert.Throws<MegatorrentException>(() => CredentialStore.Find(test.Host.ForClient, test.At("none")));
        Assert.Contains(test.At("none"), missing.Message, StringComparison.Ordinal);

        using SigningKey key = Clusters.NewKey();
        using Credential credential = Clusters.NewCredential(key, test.Time.GetUtcNow());
        SecretFile.Write(test.At("cut"), credential.ToText()[..^7]);
        MegatorrentException broken = Assert.Throws<MegatorrentException>(() => CredentialStore.Find(test.Host.ForClient, test.At("cut")));
        Assert.Equal(ErrorKind.Malformed, broken.Kind);
        Assert.Contains(test.At("cut"), broken.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(credential.ToText()[8..28], broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnothersCredentialIsKept()
    {
        using TestHost test = new();
        using SigningKey key = Clusters.NewKey();
        using Credential first = Clusters.NewCredential(key, test.Time.GetUtcNow());
        using Credential second = Clusters.NewCredential(key, test.Time.GetUtcNow());
        ConfigFolder folder = ConfigFolder.Find(test.Host.Environment);
        Assert.Null(CredentialStore.SaveDefault(folder, first));
        Assert.Null(CredentialStore.SaveDefault(folder, first)); // the same subject: nothing to keep
        string? kept = CredentialStore.SaveDefault(folder, second);
        Assert.NotNull(kept);
        Assert.Equal(first.ToText(), SecretFile.Read(kept));
        Assert.Equal(second.ToText(), SecretFile.Read(folder.CredentialPath));
    }
}
