using System.Net;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network;

/// <summary>Endpoint text as transports take it: that of <see cref="Endpoint"/>, and to listen also "*:port".</summary>
internal static class EndpointText
{
    public const string AnyHost = "*";

    public static (string Host, int Port) Parse(string? endpoint, bool allowAny = false)
    {
        if (Endpoint.TryParse(endpoint, out string host, out int port))
            return (host, port);
        if (allowAny && endpoint is not null && endpoint.StartsWith("*:", StringComparison.Ordinal)
            && Endpoint.TryParse("0.0.0.0" + endpoint[1..], out _, out port))
        {
            return (AnyHost, port);
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
