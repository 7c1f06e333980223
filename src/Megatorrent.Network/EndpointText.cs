using System.Globalization;
using System.Net;
using Megatorrent.Core;

namespace Megatorrent.Network;

/// <summary>Reads "host:port", "1.2.3.4:port", "[::1]:port" and, to listen, "*:port".</summary>
internal static class EndpointText
{
    private const int MaxHostLength = 253; // RFC 1035, 2.3.4: a name of 255 octets on the wire

    public static (string Host, int Port) Parse(string? endpoint)
    {
        if (endpoint is not null)
        {
            int colon = endpoint.LastIndexOf(':');
            ReadOnlySpan<char> host = colon > 0 ? endpoint.AsSpan(0, colon) : default;
            if (host.Length > 2 && host[0] == '[' && host[^1] == ']')
                host = host[1..^1];
            else if (host.Contains(':'))
                host = default; // an IPv6 address wants its brackets, or its last group would pass for a port
            if (host.Length is > 0 and <= MaxHostLength && !host.ContainsAny(" \t\r\n/@")
                && int.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
                && port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort)
            {
                return (host.ToString(), port);
            }
        }
        throw new MegatorrentException(ErrorKind.InvalidArgument,
            $"'{endpoint}' is not an address: write HOST:PORT, for example 127.0.0.1:7600, node1.example.org:7600 or [::1]:7600.");
    }

    public static string Format(EndPoint? endpoint)
    {
        if (endpoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped)
            endpoint = new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port);
        return endpoint?.ToString() ?? "(unknown)";
    }
}
