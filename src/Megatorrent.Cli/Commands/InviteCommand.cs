using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>invite</c>: makes a short-lived token that a node or client exchanges for a certificate.</summary>
internal sealed class InviteCommand : CliCommand
{
    private static readonly TimeSpan DefaultExpiry = TimeSpan.FromHours(1);
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(365);

    private readonly DefaultedOption<string> _role = CommonOptions.MakeChoice(
        "--role", "What the holder may become: node (stores for others), writer (puts and gets) or reader (gets).", "writer", "node",
        "writer", "reader");

    private readonly DefaultedOption<TimeSpan> _expires = CommonOptions.MakeDuration(
        "--expires", "How long the token can be exchanged.", DefaultExpiry);

    private readonly DefaultedOption<TimeSpan> _lifetime = CommonOptions.MakeDuration(
        "--lifetime", "How long the certificate is good that it is exchanged for.", DefaultLifetime);

    private readonly Option<string?> _key = new("--key")
    {
        HelpName = "FILE",
        Description = "Sign with a cluster's own key (DIR/cluster.key) instead of an administrator's credential.",
    };

    /// <summary>Creates the command.</summary>
    public InviteCommand(CliHost host)
        : base("invite", "Make an invitation and print it. An administrator's credential is needed, such as `cluster up` leaves.", host)
    {
        Add(_role);
        Add(_expires);
        Add(_lifetime);
        Add(_key);
        Add(CommonOptions.Cluster);
        Add(CommonOptions.Credential);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Examples:
          megatorrent node --data DIR --invite "$(megatorrent invite --role node)"
          megatorrent join "$(megatorrent invite --role reader --expires 10m)"
        """;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        if (!RoleExtensions.TryParse(_role.Of(parse), out Role role))
            throw new MegatorrentException(ErrorKind.InvalidArgument, "--role is not one of node, writer, reader");
        DateTimeOffset expires = Host.Time.GetUtcNow() + _expires.Of(parse);
        Invitation invitation = parse.GetValue(_key) is { } keyFile
            ? WithKey(parse, keyFile, role, expires)
            : WithCredential(parse, role, expires);
        if (Json(parse))
        {
            InviteDocument document = new(invitation.ToText(), role.ToText(), invitation.Expires, invitation.Endpoints);
            JsonOutput.Write(Host, document, CliJson.Output.InviteDocument);
            return Task.FromResult(ExitCodes.Done);
        }
        Host.Out.WriteLine(invitation.ToText());
        Host.Out.Flush();
        Host.Error.WriteLine($"invites one {role.ToText()} until {ListText.Time(invitation.Expires, Host.Time.LocalTimeZone)}");
        return Task.FromResult(ExitCodes.Done);
    }

    /// <summary>An invitation signed by an administrator.</summary>
    internal static Invitation Create(
        Credential administrator, Role role, DateTimeOffset expires, TimeSpan lifetime, IReadOnlyList<string> endpoints)
    {
        using Identity identity = administrator.CreateIdentity();
        return Invitation.Create(
            identity.Key, administrator.Certificate, role, expires, lifetime, [.. endpoints.Take(Invitation.MaxEndpoints)],
            SystemRandomSource.Instance);
    }

    private Invitation WithCredential(ParseResult parse, Role role, DateTimeOffset expires)
    {
        (string[] endpoints, Credential credential) =
            ClusterLocator.Find(Host.ForClient, CommonOptions.Cluster.Of(parse), parse.GetValue(CommonOptions.Credential));
        using (credential)
            return Create(credential, role, expires, _lifetime.Of(parse), endpoints);
    }

    private Invitation WithKey(ParseResult parse, string keyFile, Role role, DateTimeOffset expires)
    {
        string[] endpoints = CommonOptions.Cluster.Of(parse) ?? ClusterLocator.FromVariable(Host.ForClient) ?? [];
        using SigningKey key = ClusterFolder.LoadKey(keyFile);
        return Invitation.Create(
            key, null, role, expires, _lifetime.Of(parse), [.. endpoints.Take(Invitation.MaxEndpoints)], SystemRandomSource.Instance);
    }
}
