using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>Lists of endpoint texts inside invitations and credentials.</summary>
internal static class EndpointList
{
    /// <exception cref="MegatorrentException">InvalidArgument: too many, or one is not <c>host:port</c>.</exception>
    public static string[] Check(IReadOnlyList<string> endpoints, int countMax)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.Count > countMax)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"At most {countMax} endpoints can be named here, not {endpoints.Count}.");
        }
        foreach (string endpoint in endpoints)
        {
            if (!Endpoint.TryParse(endpoint, out _, out _))
            {
                throw new MegatorrentException(
                    ErrorKind.InvalidArgument, $"'{endpoint}' is not an endpoint; write HOST:PORT, such as 192.0.2.7:4000.");
            }
        }
        return [.. endpoints];
    }

    public static void Write(BencodeWriter writer, string[] endpoints)
    {
        writer.BeginList();
        foreach (string endpoint in endpoints)
            writer.WriteText(endpoint);
        writer.End();
    }

    public static string[] Read(ref BencodeReader reader, int countMax)
    {
        var endpoints = new List<string>();
        reader.BeginList();
        while (reader.TryReadItem())
        {
            if (endpoints.Count == countMax)
                throw reader.Malformed($"more than {countMax} endpoints");
            endpoints.Add(ReadOne(ref reader));
        }
        return [.. endpoints];
    }

    public static string ReadOne(ref BencodeReader reader)
    {
        string text = WireText.ReadAscii(ref reader, Endpoint.MaxLength, "endpoint");
        return Endpoint.TryParse(text, out _, out _) ? text : throw reader.Malformed("an endpoint is not 'host:port'");
    }
}
