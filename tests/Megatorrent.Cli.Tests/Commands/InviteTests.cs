using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Tests.Launch;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Tests.Commands;

public class InviteTests
{
    [Theory]
    [InlineData("node", Role.Node)]
    [InlineData("writer", Role.Writer)]
    [InlineData("reader", Role.Reader)]
    public async Task AnAdministratorInvites(string name, Role role)
    {
        using TestHost test = new();
        ClusterFolder cluster = ClusterFolder.Create(test.At("c"), [], test.Host);
        int exitCode = await test.RunAsync(
            "invite", "--role", name, "--expires", "10m", "--lifetime", "2d", "--cluster", "10.0.0.1:1,10.0.0.2:2", "--credential",
            cluster.CredentialPath);
        Assert.Equal((ExitCodes.Done, ""), (exitCode, exitCode == 0 ? "" : test.Error));
        Invitation invitation = Invitation.Parse(test.Out);
        using SigningKey key = cluster.LoadKey();
        invitation.Validate(key.PublicKey, test.Time.GetUtcNow());
        Assert.Equal(role, invitation.Role);
        Assert.Equal(["10.0.0.1:1", "10.0.0.2:2"], invitation.Endpoints);
        Assert.Equal(test.Time.GetUtcNow().AddMinutes(10), invitation.Expires);
        Assert.Equal(TimeSpan.FromDays(2), invitation.CertificateLifetime);
        Assert.Single(test.Out.Trim().Split('\n')); // the token alone
    }

    [Fact]
    public async Task TheClusterKeyInvites()
    {
        using TestHost test = new();
        ClusterFolder cluster = ClusterFolder.Create(test.At("c"), [], test.Host);
        Assert.Equal(ExitCodes.Done, await test.RunAsync("invite", "--key", cluster.KeyPath, "--cluster", "10.0.0.1:1"));
        using SigningKey key = cluster.LoadKey();
        Invitation.Parse(test.Out).Validate(key.PublicKey, test.Time.GetUtcNow());
    }

    [Fact]
    public async Task AWriterMayNot()
    {
        using TestHost test = new();
        using SigningKey key = Clusters.NewKey();
        using Credential writer = Clusters.NewCredential(key, test.Time.GetUtcNow(), Role.Writer, "10.0.0.1:1");
        Clusters.SaveDefault(test, writer);
        Assert.Equal(ExitCodes.Integrity, await test.RunAsync("invite"));
        Assert.Contains("may not make invitations", test.Error, StringComparison.Ordinal);
        Assert.Equal("", test.Out);
    }

    [Fact]
    public async Task ANodesInvitationIsNotForAClient()
    {
        using TestHost test = new();
        ClusterFolder cluster = ClusterFolder.Create(test.At("c"), [], test.Host);
        Assert.Equal(ExitCodes.Done, await test.RunAsync("invite", "--role", "node", "--key", cluster.KeyPath, "--cluster", "10.0.0.1:1"));
        using TestHost other = new();
        Assert.Equal(ExitCodes.Usage, await other.RunAsync("join", test.Out.Trim()));
        Assert.Contains("megatorrent node", other.Error, StringComparison.Ordinal);
    }
}
