using System.Globalization;

namespace Megatorrent.Stories;

/// <summary>
/// Where the nodes of a story are: on loopback, or each in a network namespace of its own behind one bridge. The bridge is in the namespace
/// that this program was started in for it, so that nothing of the machine's own network changes.
/// </summary>
internal sealed class NodeNetwork : IDisposable
{
    private const int Port = 7420;
    private readonly List<string> _namespaces = [];
    private readonly bool _separate;
    private readonly string _prefix = $"mt{Environment.ProcessId}n";
    private readonly int _basePort;

    private NodeNetwork(bool separate, int basePort)
    {
        _separate = separate;
        _basePort = basePort;
        if (!separate)
            return;
        Shell.Run(null, "ip", "link", "del", "mtbr");
        Shell.Succeed(null, "ip", "link", "add", "mtbr", "type", "bridge");
        Shell.Succeed(null, "ip", "addr", "add", "10.77.0.254/24", "dev", "mtbr");
        Shell.Succeed(null, "ip", "link", "set", "mtbr", "up");
    }

    /// <summary>Every node on 127.0.0.1, at ports from a base.</summary>
    public static NodeNetwork Loopback(int basePort) => new(separate: false, basePort);

    /// <summary>Every node in a namespace of its own.</summary>
    public static NodeNetwork Separate() => new(separate: true, 0);

    /// <summary>The endpoint of a node.</summary>
    public string EndpointOf(int number) => _separate
        ? string.Create(CultureInfo.InvariantCulture, $"{AddressOf(number)}:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_basePort + number}");

    /// <summary>Makes the place of a node, and gives what its command begins with.</summary>
    public string[] Add(int number)
    {
        if (!_separate)
            return [];
        string name = _prefix + number;
        string inside = $"mtv{number}";
        Shell.Succeed(null, "ip", "netns", "add", name);
        _namespaces.Add(name);
        Shell.Succeed(null, "ip", "link", "add", inside, "type", "veth", "peer", "name", "eth0", "netns", name);
        Shell.Succeed(null, "ip", "link", "set", inside, "master", "mtbr", "up");
        Shell.Succeed(null, "ip", "-n", name, "addr", "add", $"{AddressOf(number)}/24", "dev", "eth0");
        Shell.Succeed(null, "ip", "-n", name, "link", "set", "lo", "up");
        Shell.Succeed(null, "ip", "-n", name, "link", "set", "eth0", "up");
        return ["ip", "netns", "exec", name];
    }

    /// <summary>A node receives nothing from the others named, whatever they receive from it.</summary>
    public void Deafen(int number, params int[] to)
    {
        Rules(number, $"ip saddr {{ {string.Join(", ", to.Select(AddressOf))} }} drop");
    }

    /// <summary>A node loses a share of the packets that come in.</summary>
    public void Lose(int number, int percent) => Rules(number, $"numgen random mod 100 < {percent} drop");

    /// <summary>A node sends no faster than this.</summary>
    public void Slow(int number, int megabitsPerSecond) => Shell.Succeed(
        null, "tc", "-n", _prefix + number, "qdisc", "replace", "dev", "eth0", "root", "tbf",
        "rate", $"{megabitsPerSecond}mbit", "burst", "64k", "latency", "100ms");

    /// <summary>Ends every cut, loss and limit.</summary>
    public void Heal()
    {
        foreach (string name in _namespaces)
        {
            Shell.Run(null, "ip", "netns", "exec", name, "nft", "delete", "table", "inet", "mt");
            Shell.Run(null, "tc", "-n", name, "qdisc", "del", "dev", "eth0", "root");
        }
    }

    /// <summary>Removes the namespaces and what is in them.</summary>
    public void Dispose()
    {
        foreach (string name in _namespaces)
            Shell.Run(null, "ip", "netns", "del", name);
        if (_separate)
            Shell.Run(null, "ip", "link", "del", "mtbr");
    }

    private void Rules(int number, string rule)
    {
        string name = _prefix + number;
        Shell.Run(null, "ip", "netns", "exec", name, "nft", "delete", "table", "inet", "mt");
        Shell.Succeed(
            null, "ip", "netns", "exec", name, "nft",
            $"add table inet mt; add chain inet mt in {{ type filter hook input priority 0; }}; add rule inet mt in {rule}");
    }

    private static string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"10.77.0.{number + 1}");
}
