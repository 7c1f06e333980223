using Megatorrent.Core.Wire;

namespace Megatorrent.Client.Location;

/// <summary>
/// Endpoints on the command line: <c>HOST:PORT</c>, or several parted by commas. The grammar is <see cref="Endpoint"/>'s.
/// </summary>
public static class EndpointText
{
    /// <summary>What an error message adds.</summary>
    public const string Hint = "an endpoint is HOST:PORT, such as 192.0.2.7:7420 or [2001:db8::1]:7420";

    /// <summary>Whether the text is an endpoint; port 0 (let the system choose) only where <paramref name="allowAnyPort"/>.</summary>
    public static bool IsEndpoint(string text, bool allowAnyPort) =>
        Endpoint.TryParse(text, out _, out int port) && (port != 0 || allowAnyPort);

    /// <summary>Reads a list parted by commas, dropping repeats; false when it is empty or one of them is wrong (then named).</summary>
    public static bool TryParseList(string text, out string[] endpoints, out string wrong)
    {
        List<string> list = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsEndpoint(part, allowAnyPort: false))
            {
                (endpoints, wrong) = ([], part);
                return false;
            }
            if (!list.Contains(part))
                list.Add(part);
        }
        (endpoints, wrong) = ([.. list], text);
        return list.Count > 0;
    }
}
