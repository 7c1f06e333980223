using System.Security.Cryptography;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Tests.Launch;

/// <summary>Cluster keys and credentials for tests.</summary>
internal static class Clusters
{
    public static SigningKey NewKey() => SigningKey.Generate(SystemRandomSource.Instance);

    public static Credential NewCredential(SigningKey cluster, DateTimeOffset now, Role role = Role.Writer, params string[] endpoints)
    {
        using Identity identity = Identity.Generate(SystemRandomSource.Instance);
        Certificate certificate = Certificate.IssueByCluster(cluster, identity.PublicKey, role, now, now.AddDays(1));
        return new Credential(identity, certificate, RandomNumberGenerator.GetBytes(Credential.TenantSecretLength), endpoints);
    }

    public static string SaveDefault(TestHost test, Credential credential)
    {
        ConfigFolder folder = ConfigFolder.Find(test.Host.Environment);
        CredentialStore.SaveDefault(folder, credential);
        return folder.CredentialPath;
    }
}
