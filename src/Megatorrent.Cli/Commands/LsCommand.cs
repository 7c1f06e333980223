using System.CommandLine;
using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>ls</c>: lists what a capability reads.</summary>
internal sealed class LsCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("The capability of a file or directory.");

    /// <summary>Creates the command.</summary>
    public LsCommand(CliHost host)
        : base("ls", "List a file, or what is in a directory: mode, size in bytes, time, path.", host)
    {
        Add(_capability);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        Listing listing = await RunClientAsync(parse, cancellationToken, (client, _, token) => client.ListAsync(capability, token));
        if (Json(parse))
        {
            ListDocument document = new(KindText(listing.Kind), listing.Name, listing.Length, [.. listing.Entries.Select(ToEntry)]);
            JsonOutput.Write(Host, document, CliJson.Output.ListDocument);
            return ExitCodes.Done;
        }
        IReadOnlyList<DirectoryEntry> entries = listing.Kind == ManifestKind.Directory
            ? listing.Entries
            : [new DirectoryEntry(listing.Name, EntryKind.File, listing.Length, listing.Mode, listing.ModifiedUnixNs, "")];
        int width = entries.Count == 0 ? 0 : entries.Max(entry => entry.Length).ToString(CultureInfo.InvariantCulture).Length;
        foreach (DirectoryEntry entry in entries)
            Host.Out.WriteLine(ListText.Line(entry, width, Host.Time.LocalTimeZone));
        Host.Out.Flush();
        return ExitCodes.Done;
    }

    private static string KindText(ManifestKind kind) => kind == ManifestKind.Directory ? "directory" : "file";

    private static ListEntry ToEntry(DirectoryEntry entry) => new(
        entry.Path,
        entry.Kind switch { EntryKind.Directory => "directory", EntryKind.SymbolicLink => "link", _ => "file" },
        entry.Length,
        Convert.ToString(entry.Mode, 8).PadLeft(4, '0'),
        ListText.FromUnixNs(entry.ModifiedUnixNs),
        entry.Target.Length > 0 ? entry.Target : null);
}
