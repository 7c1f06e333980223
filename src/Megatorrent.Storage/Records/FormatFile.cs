using System.Globalization;
using System.IO.Hashing;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Storage.Records;

/// <summary>
/// The small text file that says what format a store has and what its salt is (layout: docs/spec/store.md). Every segment header repeats
/// the salt, so this file can be lost.
/// </summary>
internal static class FormatFile
{
    public const string Name = "FORMAT";
    public const int Version = 1;
    public const int LengthMax = 4096;
    private const string Title = "megatorrent-store";

    public static byte[] Encode(ulong salt)
    {
        string body = string.Create(CultureInfo.InvariantCulture, $"{Title} {Version}\nsalt {salt:x16}\n");
        ulong sum = XxHash3.HashToUInt64(System.Text.Encoding.ASCII.GetBytes(body));
        return System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{body}sum {sum:x16}\n"));
    }

    /// <summary>False if the text is not one that <see cref="Encode"/> made.</summary>
    /// <exception cref="MegatorrentException">Unsupported: another version.</exception>
    public static bool TryDecode(ReadOnlySpan<byte> text, out ulong salt)
    {
        salt = 0;
        string[] lines = System.Text.Encoding.ASCII.GetString(text).Split('\n');
        string[] title = lines[0].Split(' ');
        if (title.Length != 2 || title[0] != Title
            || !DecimalText.TryParse(title[1], out long version))
        {
            return false;
        }
        if (version != Version)
        {
            throw new MegatorrentException(ErrorKind.Unsupported,
                $"The store has format {version}, and this build knows format {Version}. "
                + "Use the version of megatorrent that made it, or a newer one.");
        }
        return lines.Length == 4 && lines[1].StartsWith("salt ", StringComparison.Ordinal)
            && ulong.TryParse(lines[1].AsSpan(5), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out salt)
            && text.SequenceEqual(Encode(salt));
    }
}
