using System.Buffers.Text;
using Megatorrent.Client.Location;
using Megatorrent.Core;

namespace Megatorrent.Cli.Launch;

/// <summary>Secret seeds and certificates as one line of text: a prefix that says what it is, and base64url.</summary>
internal static class KeyText
{
    /// <summary>A cluster's signing seed.</summary>
    public const string ClusterPrefix = "mtclusterkey1:";

    /// <summary>A node's identity seed.</summary>
    public const string IdentityPrefix = "mtkey1:";

    /// <summary>A certificate. Not a secret.</summary>
    public const string CertificatePrefix = "mtcert1:";

    /// <summary>The text of <paramref name="bytes"/>.</summary>
    public static string Format(string prefix, ReadOnlySpan<byte> bytes) => prefix + Base64Url.EncodeToString(bytes);

    /// <summary>Reads what <see cref="Format"/> gave, from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">What it must hold.</param>
    /// <param name="length">Bytes it must have, or 0 for any number.</param>
    /// <exception cref="MegatorrentException">
    /// Malformed: it holds something else. The text itself, which may be a secret, is not repeated.
    /// </exception>
    public static byte[] Load(string path, string prefix, int length)
    {
        string text = SecretFile.Read(path);
        if (!text.StartsWith(prefix, StringComparison.Ordinal))
            throw new MegatorrentException(ErrorKind.Malformed, $"{path} does not begin with {prefix}, so it is not the file it should be");
        try
        {
            byte[] bytes = Base64Url.DecodeFromChars(text.AsSpan(prefix.Length));
            if (length == 0 || bytes.Length == length)
                return bytes;
        }
        catch (FormatException)
        {
            // Said below.
        }
        throw new MegatorrentException(ErrorKind.Malformed, $"{path} is damaged: what follows {prefix} was cut or changed");
    }
}
