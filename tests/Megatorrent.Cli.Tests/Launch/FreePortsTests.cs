using System.Net;
using System.Net.Sockets;
using Megatorrent.Cli.Launch;

namespace Megatorrent.Cli.Tests.Launch;

public class FreePortsTests
{
    [Fact]
    public void PassesOverThoseInUseAndThoseTaken()
    {
        using TcpListener busy = new(IPAddress.Loopback, 0);
        busy.Start();
        int port = ((IPEndPoint)busy.LocalEndpoint).Port;
        if (port > 65_000)
            return; // no room above it to look in
        int[] found = FreePorts.Find(port, 2, new HashSet<int> { port + 1 });
        Assert.Equal(2, found.Distinct().Count());
        Assert.DoesNotContain(port, found);
        Assert.DoesNotContain(port + 1, found);
        Assert.All(found, free => Assert.True(free > port));
    }

    [Fact]
    public void SaysWhenThereAreNotEnough() =>
        Assert.Throws<IOException>(() => FreePorts.Find(65_535, 2, new HashSet<int>()));
}
