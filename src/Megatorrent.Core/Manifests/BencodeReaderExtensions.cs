using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Manifests;

/// <summary>Reading dictionaries whose keys are known: canonical order makes the expected key the only valid next one.</summary>
internal static class BencodeReaderExtensions
{
    public static void ExpectKey(this ref BencodeReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.TryReadKey(out ReadOnlySpan<byte> key) || !key.SequenceEqual(name))
            throw new MegatorrentException(ErrorKind.Malformed, $"The key '{System.Text.Encoding.ASCII.GetString(name)}' is missing at byte {reader.Position}.");
    }

    public static void ExpectEnd(this ref BencodeReader reader)
    {
        if (reader.TryReadKey(out ReadOnlySpan<byte> key))
            throw new MegatorrentException(ErrorKind.Malformed, $"The key '{System.Text.Encoding.UTF8.GetString(key)}' is unknown here.");
    }
}
