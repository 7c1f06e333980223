using System.CommandLine;
using System.Security.Cryptography;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client.Location;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>join</c>: exchanges an invitation for a client's credential.</summary>
internal sealed class JoinCommand : CliCommand
{
    private readonly Argument<string> _token =
        new("TOKEN") { Description = "The invitation that `megatorrent invite` printed (mtinv1:…)." };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "Where to keep the credential (mode 0600). Default: the user's configuration folder, as the one that commands use.",
    };

    /// <summary>Creates the command.</summary>
    public JoinCommand(CliHost host)
        : base("join", "Exchange an invitation for a credential, so that this user can put and get.", host)
    {
        Add(_token);
        Add(_output);
        Add(CommonOptions.Cluster);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Invitation invitation = ParseInvitation(parse.GetRequiredValue(_token));
        if (invitation.Role == Role.Node)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, "this invitation is for a node; start one with `megatorrent node --data DIR --invite TOKEN`");
        }
        ConfigFolder folder = ConfigFolder.Find(Host.Environment);
        string? output = parse.GetValue(_output);
        if (output is not null && Path.Exists(output))
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"{output} is there already; take another name");
        string[] entry = CommonOptions.Cluster.Of(parse) ?? ClusterLocator.FromVariable(Host.ForClient) ?? [.. invitation.Endpoints];

        using Identity identity = Identity.Generate(SystemRandomSource.Instance);
        JoinReply reply = await InvitationExchange.RunAsync(invitation, identity, entry, Host, cancellationToken);
        ClusterView view = reply.View.Validated(invitation.ClusterKey, Host.Time.GetUtcNow());
        string[] endpoints = [.. view.Living.Select(member => member.Endpoint).Concat(entry).Distinct().Take(Credential.MaxEndpoints)];
        byte[] tenantSecret = RandomNumberGenerator.GetBytes(Credential.TenantSecretLength);
        using Credential credential = new(identity, reply.Certificate, tenantSecret, endpoints);
        CryptographicOperations.ZeroMemory(tenantSecret);

        string? kept = null;
        if (output is null)
            kept = CredentialStore.SaveDefault(folder, credential);
        else
            SecretFile.Write(output, credential.ToText() + "\n");
        Tell(parse, credential, output ?? folder.CredentialPath, kept);
        return ExitCodes.Done;
    }

    /// <summary>Reads an invitation given on the command line.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: it is none.</exception>
    internal static Invitation ParseInvitation(string text)
    {
        try
        {
            return Invitation.Parse(text);
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Malformed)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument, exception.Message, exception);
        }
    }

    private void Tell(ParseResult parse, Credential credential, string path, string? kept)
    {
        Certificate certificate = credential.Certificate;
        if (Json(parse))
        {
            JoinDocument document = new(
                Path.GetFullPath(path), certificate.Role.ToText(), Convert.ToHexStringLower(credential.ClusterKey), certificate.Expires,
                    credential.Endpoints);
            JsonOutput.Write(Host, document, CliJson.Output.JoinDocument);
        }
        Host.Error.WriteLine(
            $"joined as {certificate.Role.ToText()} until {ListText.Time(certificate.Expires, Host.Time.LocalTimeZone)}; "
            + $"the credential is {path}");
        if (kept is not null)
            Host.Error.WriteLine($"note: the credential that was there before is kept as {kept}");
    }
}
