using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Launch;

/// <summary>
/// The directory of a cluster on one machine: <c>cluster.json</c>, <c>cluster.key</c> (0600), <c>admin.credential</c> (0600), and a
/// directory a node.
/// </summary>
internal sealed class ClusterFolder
{
    /// <summary>How long the certificates that <c>cluster up</c> makes are good.</summary>
    public static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(3650);

    private ClusterFolder(string path, ClusterDocument document)
    {
        Path = path;
        Document = document;
    }

    /// <summary>The directory, absolute.</summary>
    public string Path { get; }

    /// <summary>What <c>cluster.json</c> holds now.</summary>
    public ClusterDocument Document { get; private set; }

    /// <summary>The cluster's signing seed.</summary>
    public string KeyPath => KeyPathIn(Path);

    /// <summary>A credential that may do everything, made with the cluster.</summary>
    public string CredentialPath => System.IO.Path.Combine(Path, "admin.credential");

    /// <summary>The cluster of a directory, or null where there is none.</summary>
    public static ClusterFolder? TryOpen(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        return ClusterFile.TryRead(path) is { } document ? new ClusterFolder(path, document) : null;
    }

    /// <summary>The cluster of a directory.</summary>
    /// <exception cref="MegatorrentException">NotFound: there is none.</exception>
    public static ClusterFolder Open(string path) => TryOpen(path) ?? throw new MegatorrentException(
        ErrorKind.NotFound, $"there is no cluster in {path}; `megatorrent cluster up --data {path}` makes one");

    /// <summary>Makes a cluster: its key, an administrator's credential, and an empty list of nodes. Nothing is started.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: the directory holds a key already.</exception>
    public static ClusterFolder Create(string path, IReadOnlyList<string> nodeArguments, CliHost host)
    {
        path = System.IO.Path.GetFullPath(path);
        SecretFile.CreateFolder(path);
        if (File.Exists(KeyPathIn(path)))
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"{path} holds the key of a cluster but no cluster.json; take another directory");
        using SigningKey key = SigningKey.Generate(SystemRandomSource.Instance);
        Span<byte> seed = stackalloc byte[SigningKey.SeedLength];
        key.CopySeedTo(seed);
        SecretFile.Write(KeyPathIn(path), KeyText.Format(KeyText.ClusterPrefix, seed) + "\n");
        CryptographicOperations.ZeroMemory(seed);

        ClusterFolder folder = new(path, new ClusterDocument(Convert.ToHexStringLower(key.PublicKey), [], nodeArguments));
        using Identity administrator = Identity.Generate(SystemRandomSource.Instance);
        Certificate certificate = Issue(key, administrator.PublicKey, Role.Admin, host.Time.GetUtcNow());
        byte[] tenantSecret = new byte[Credential.TenantSecretLength];
        SystemRandomSource.Instance.Fill(tenantSecret);
        using Credential credential = new(administrator, certificate, tenantSecret, []);
        CryptographicOperations.ZeroMemory(tenantSecret);
        folder.SaveCredential(credential);
        folder.Save(folder.Document);
        return folder;
    }

    /// <summary>Opens the cluster's signing key.</summary>
    public SigningKey LoadKey() => LoadKey(KeyPath);

    /// <summary>Opens a cluster's signing key from a file.</summary>
    /// <exception cref="MegatorrentException">Malformed: the file holds something else.</exception>
    public static SigningKey LoadKey(string path)
    {
        byte[] seed = KeyText.Load(path, KeyText.ClusterPrefix, SigningKey.SeedLength);
        try
        {
            return SigningKey.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The administrator's credential.</summary>
    public Credential LoadCredential(CliHost host) => CredentialStore.Load(host.ForClient, CredentialPath);

    /// <summary>Keeps the administrator's credential.</summary>
    public void SaveCredential(Credential credential) => SecretFile.Write(CredentialPath, credential.ToText() + "\n");

    /// <summary>Adds a node with an identity and a certificate of this cluster; it is not started.</summary>
    /// <param name="listen">Its endpoint.</param>
    /// <param name="now">The time from which its certificate is good.</param>
    public ClusterNode AddNode(string listen, DateTimeOffset now)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"node{Document.Nodes.Count + 1}");
        NodeFolder folder = new(System.IO.Path.Combine(Path, name));
        using SigningKey key = LoadKey();
        using Identity identity = folder.LoadOrCreateIdentity();
        folder.SaveCertificate(Issue(key, identity.PublicKey, Role.Node, now));
        ClusterNode node = new(identity.Id.ToString(), 0, listen, folder.Path, name);
        Save(Document with { Nodes = [.. Document.Nodes, node] });
        return node;
    }

    /// <summary>Replaces <c>cluster.json</c>.</summary>
    public void Save(ClusterDocument document)
    {
        SecretFile.Write(ClusterFile.PathIn(Path), JsonSerializer.Serialize(document, CliJson.Output.ClusterDocument) + "\n");
        Document = document;
    }

    private static Certificate Issue(SigningKey key, ReadOnlySpan<byte> subject, Role role, DateTimeOffset now) =>
        Certificate.IssueByCluster(key, subject, role, now, now + CertificateLifetime);

    private static string KeyPathIn(string path) => System.IO.Path.Combine(path, "cluster.key");
}
