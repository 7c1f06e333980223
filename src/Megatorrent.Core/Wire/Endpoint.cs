using System.Buffers;
using System.Globalization;
using System.Net;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>
/// Endpoint text: <c>host:port</c>, where host is a name, an IPv4 address, or an IPv6 address in brackets (without a zone).
/// Nothing is resolved here.
/// </summary>
public static class Endpoint
{
    /// <summary>The longest host, in characters: the longest name that DNS has.</summary>
    public const int MaxHostLength = 253;

    /// <summary>The longest endpoint text, in characters: the longest host and <c>:65535</c>.</summary>
    public const int MaxLength = MaxHostLength + 6;

    private const int IPv4Length = 4; // bytes in an address
    private const int IPv6Length = 16;
    private const int MaxLabelLength = 63; // RFC 1035, section 2.3.4

    // No zone ("%eth0"): it means something on one machine only.
    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>Takes an endpoint apart. False when the text is not one; both results are then empty.</summary>
    /// <param name="text"><c>host:port</c>; nothing around it, no scheme, no path.</param>
    /// <param name="host">The name or address, an IPv6 address without its brackets.</param>
    /// <param name="port">0 to 65535; 0 asks a listener for any free port and cannot be connected to.</param>
    public static bool TryParse([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? text, out string host, out int port)
    {
        host = "";
        port = 0;
        if (text is null || text.Length > MaxLength)
            return false;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !TryParsePort(text.AsSpan(colon + 1), out int number))
            return false;

        ReadOnlySpan<char> name = text.AsSpan(0, colon);
        if (name[0] == '[')
        {
            if (name[^1] != ']' || !IsAddress(name[1..^1], IPv6Length))
                return false;
            name = name[1..^1];
        }
        else if (!IsAddress(name, IPv4Length) && !IsName(name))
        {
            return false;
        }

        host = name.ToString();
        port = number;
        return true;
    }

    /// <summary>Puts an endpoint together; an IPv6 address gets its brackets.</summary>
    /// <exception cref="ArgumentException">The result would not be an endpoint that <see cref="TryParse"/> takes.</exception>
    public static string Format(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        string text = (host.Contains(':') ? $"[{host}]" : host) + ":" + port.ToString(CultureInfo.InvariantCulture);
        return TryParse(text, out _, out _)
            ? text
            : throw new ArgumentException("Not a host and port: a name or address, and a port of 0 to 65535.", nameof(host));
    }

    // Digits only, no sign, no leading zero: one port has one spelling.
    private static bool TryParsePort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        if (!DecimalText.TryParse(text, out long number) || number > ushort.MaxValue || text[0] == '0' && text.Length > 1)
            return false;
        port = (int)number;
        return true;
    }

    private static bool IsAddress(ReadOnlySpan<char> text, int length)
    {
        if (text.ContainsAnyExcept(AddressCharacters) || !IPAddress.TryParse(text, out IPAddress? address))
            return false;
        Span<byte> bytes = stackalloc byte[IPv6Length];
        if (!address.TryWriteBytes(bytes, out int written) || written != length)
            return false;
        // IPAddress takes "1" and "0x7f.1" for IPv4; only the dotted quad is meant.
        return length != IPv4Length || text.Equals(address.ToString(), StringComparison.Ordinal);
    }

    private static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxHostLength || text.ContainsAnyExcept(NameCharacters))
            return false;
        bool hasLetter = false;
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> label = text[part];
            if (label.IsEmpty || label.Length > MaxLabelLength || label[0] == '-' || label[^1] == '-')
                return false;
            hasLetter = label.ContainsAnyExceptInRange('0', '9'); // of the last label: 1.2.3.999 is a mistyped address, not a name
        }
        return hasLetter;
    }
}
