using System.Net;
using System.Net.Sockets;
using Megatorrent.Client.Location;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Launch;

/// <summary>Finds TCP ports on the loopback address that nobody listens on.</summary>
internal static class FreePorts
{
    /// <summary>
    /// Where <c>cluster up</c> begins to look. Below the range that systems give to outgoing connections, so a restart finds it free.
    /// </summary>
    public const int DefaultBase = 7420;

    // Two demos at once should not race for the same ports; below 32768 they do not race with outgoing connections either.
    private const int RandomFrom = 12_000, RandomTo = 32_000;

    /// <summary>A place to look from that is not likely to be another's.</summary>
    public static int RandomBase() => System.Security.Cryptography.RandomNumberGenerator.GetInt32(RandomFrom, RandomTo);

    /// <summary>
    /// The next <paramref name="count"/> free ports from <paramref name="first"/> on, ascending, without those in <paramref name="taken"/>.
    /// </summary>
    /// <exception cref="IOException">There are not so many.</exception>
    public static int[] Find(int first, int count, IReadOnlySet<int> taken)
    {
        List<int> ports = [];
        for (int port = first; port <= IPEndPoint.MaxPort && ports.Count < count; port++)
        {
            if (!taken.Contains(port) && IsFree(port))
                ports.Add(port);
        }
        return ports.Count == count ? [.. ports]
            : throw new IOException($"there are no {count} free ports from {first} on; take another --base-port");
    }

    /// <summary>The ports that nodes have, running or not.</summary>
    public static HashSet<int> Of(IEnumerable<ClusterNode> nodes) =>
        [.. nodes.Select(node => Endpoint.TryParse(node.Listen, out _, out int port) ? port : 0)];

    /// <summary>The endpoint of a port on the loopback address.</summary>
    public static string Loopback(int port) => Endpoint.Format("127.0.0.1", port);

    private static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
