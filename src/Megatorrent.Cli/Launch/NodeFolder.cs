using System.Security.Cryptography;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Launch;

/// <summary>A node's data directory: its identity, its certificate, and the folder that the node server keeps its store in.</summary>
/// <param name="path">The directory, absolute; it need not exist.</param>
internal sealed class NodeFolder(string path)
{
    /// <summary>The directory, absolute.</summary>
    public string Path { get; } = path;

    /// <summary>The identity's seed, mode 0600.</summary>
    public string IdentityPath => System.IO.Path.Combine(Path, "identity.key");

    /// <summary>The certificate that makes it a node of a cluster.</summary>
    public string CertificatePath => System.IO.Path.Combine(Path, "certificate");

    /// <summary>What the process wrote, where the launcher started it.</summary>
    public string LogPath => System.IO.Path.Combine(Path, "node.log");

    /// <summary>The identity of the directory; made, together with the directory, the first time.</summary>
    public Identity LoadOrCreateIdentity()
    {
        SecretFile.CreateFolder(Path);
        return File.Exists(IdentityPath) ? LoadIdentity() : CreateIdentity();
    }

    /// <summary>The identity that is there.</summary>
    /// <exception cref="MegatorrentException">Malformed: the file is damaged.</exception>
    public Identity LoadIdentity()
    {
        byte[] seed = KeyText.Load(IdentityPath, KeyText.IdentityPrefix, SigningKey.SeedLength);
        try
        {
            return Identity.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The certificate, or null when there is none yet.</summary>
    /// <exception cref="MegatorrentException">Malformed: the file is damaged.</exception>
    public Certificate? TryLoadCertificate() =>
        File.Exists(CertificatePath) ? Certificate.Decode(KeyText.Load(CertificatePath, KeyText.CertificatePrefix, 0)) : null;

    /// <summary>Keeps a certificate.</summary>
    public void SaveCertificate(Certificate certificate) =>
        SecretFile.Write(CertificatePath, KeyText.Format(KeyText.CertificatePrefix, certificate.Encoded) + "\n");

    private Identity CreateIdentity()
    {
        Identity identity = Identity.Generate(SystemRandomSource.Instance);
        Span<byte> seed = stackalloc byte[SigningKey.SeedLength];
        identity.CopySeedTo(seed);
        SecretFile.Write(IdentityPath, KeyText.Format(KeyText.IdentityPrefix, seed) + "\n");
        CryptographicOperations.ZeroMemory(seed);
        return identity;
    }
}
