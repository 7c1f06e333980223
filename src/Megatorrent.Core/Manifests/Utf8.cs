using System.Text;

namespace Megatorrent.Core.Manifests;

/// <summary>Strict UTF-8: what is not valid is refused, never replaced, so that one name has one encoding.</summary>
internal static class Utf8
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> bytes, string what)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new MegatorrentException(ErrorKind.Malformed, $"A {what} is not valid UTF-8.", exception);
        }
    }

    public static byte[] Encode(string text, string what)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"The {what} '{text}' is not valid Unicode and cannot be stored.", exception);
        }
    }
}
