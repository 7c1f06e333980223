using Megatorrent.Cli.Control;
using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Tests.Control;

public class ControlServerTests
{
    [Fact]
    public async Task OnlyItsOwnerReachesTheControlSocket()
    {
        using TestHost test = new();
        await using ControlServer? server = ControlServer.TryStart(test.Folder, static (_, _) => throw new InvalidOperationException());
        Assert.NotNull(server);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(ControlSocket.PathIn(test.Folder)));
    }
}
