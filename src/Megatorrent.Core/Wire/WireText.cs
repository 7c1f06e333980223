using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>Small values that several formats of this folder share: times, short texts, and bytes shown as prefixed base64url.</summary>
internal static class WireText
{
    private const long UnixSecondsMax = 253_402_300_799; // 9999-12-31 23:59:59, the last second that DateTimeOffset knows

    private static readonly SearchValues<char> Base64UrlCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly (string Prefix, string Name)[] Known =
    [
        (Credential.TextPrefix, "a credential"),
        (Invitation.TextPrefix, "an invitation"),
        ("mt1:", "a read capability"),
        ("mtv1:", "a verify capability"),
    ];

    public static DateTimeOffset ReadTime(ref BencodeReader reader) =>
        DateTimeOffset.FromUnixTimeSeconds(reader.ReadInteger(0, UnixSecondsMax));

    /// <summary>Cut to whole seconds, as the formats keep it.</summary>
    public static DateTimeOffset ToSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Max(0, time.ToUnixTimeSeconds()));

    public static string Show(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The first digits of a key: enough to compare by eye.</summary>
    public static string ShowKey(ReadOnlySpan<byte> key) => Convert.ToHexStringLower(key[..5]);

    public static Role ReadRole(ref BencodeReader reader) =>
        RoleExtensions.TryParse(ReadAscii(ref reader, 8, "role"), out Role role) ? role : throw reader.Malformed("unknown role");

    /// <summary>Printable ASCII without spaces, 1 to <paramref name="lengthMax"/> bytes.</summary>
    public static string ReadAscii(ref BencodeReader reader, int lengthMax, string what)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(lengthMax);
        if (bytes.IsEmpty || bytes.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e))
            throw reader.Malformed($"the {what} is empty or not printable ASCII");
        return System.Text.Encoding.ASCII.GetString(bytes);
    }

    public static bool IsAscii(string text, int lengthMax) =>
        text.Length is > 0 && text.Length <= lengthMax && !text.AsSpan().ContainsAnyExceptInRange('\u0021', '\u007e');

    public static string ToText(string prefix, ReadOnlySpan<byte> bytes) => prefix + Base64Url.EncodeToString(bytes);

    /// <summary>Bytes out of prefixed base64url. No error repeats the text: it may be a secret, whose bytes the caller zeroes.</summary>
    /// <param name="text">The text; white space around it is ignored, as a copied line brings it along.</param>
    /// <param name="prefix">What it must start with.</param>
    /// <param name="what">"credential", "invitation".</param>
    /// <param name="lengthMax">The most bytes it may hold.</param>
    /// <exception cref="MegatorrentException">Malformed, with what is wrong.</exception>
    public static byte[] FromText(ReadOnlySpan<char> text, string prefix, string what, int lengthMax)
    {
        ReadOnlySpan<char> body = text.Trim();
        if (body.IsEmpty)
            throw Broken(what, "it is empty");
        if (!body.StartsWith(prefix, StringComparison.Ordinal))
        {
            foreach ((string otherPrefix, string name) in Known)
            {
                if (body.StartsWith(otherPrefix, StringComparison.Ordinal))
                    throw Broken(what, $"it starts with '{otherPrefix}', which is {name}");
            }
            throw Broken(what, $"it does not start with '{prefix}'");
        }
        body = body[prefix.Length..];
        if (body.Length > Base64Url.GetEncodedLength(lengthMax))
            throw Broken(what, $"it is {body.Length} characters long, more than any {what}");
        int strange = body.IndexOfAnyExcept(Base64UrlCharacters);
        if (strange >= 0)
            throw Broken(what, $"character {prefix.Length + strange + 1} is not one of A-Z a-z 0-9 - _");

        var bytes = new byte[Base64Url.GetMaxDecodedLength(body.Length)];
        if (Base64Url.DecodeFromChars(body, bytes, out _, out int written) != OperationStatus.Done) // also for stray low bits at the end
        {
            CryptographicOperations.ZeroMemory(bytes);
            throw Broken(what, "it was cut, or its last character is wrong");
        }

        if (written == bytes.Length)
            return bytes;
        byte[] shorter = bytes[..written];
        CryptographicOperations.ZeroMemory(bytes);
        return shorter;
    }

    private static MegatorrentException Broken(string what, string fault) =>
        new(ErrorKind.Malformed, $"The {what} cannot be read: {fault}. Copy it again, whole.");
}
