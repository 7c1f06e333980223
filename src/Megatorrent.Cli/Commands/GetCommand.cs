using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>get</c>: brings an object back to the file system.</summary>
internal sealed class GetCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("The capability that put printed (mt1:…).");

    private readonly Option<string?> _output = new("--output", "-o")
    {
        HelpName = "PATH",
        Description = "Where to. A folder that exists: into it, under the object's own name. Default: the object's own name, here.",
    };

    private readonly Option<bool> _force = new("--force", "-f") { Description = "Replace what is there." };

    /// <summary>Creates the command.</summary>
    public GetCommand(CliHost host)
        : base(
            "get",
            "Bring a file or directory back. It gets its final name only when it is whole; an interrupted get goes on where it was.",
            host)
    {
        Add(_capability);
        Add(_output);
        Add(_force);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        string? output = parse.GetValue(_output);
        GetOptions options = new() { Overwrite = parse.GetValue(_force) };
        long start = Host.Time.GetTimestamp();
        GetResult result = await RunClientAsync(parse, cancellationToken, async (client, progress, token) =>
        {
            string path = output is null || Directory.Exists(output)
                ? Path.Combine(output ?? ".", OwnName(await client.ListAsync(capability, token)))
                : output;
            return await client.GetAsync(capability, path, options, progress, token);
        });
        TimeSpan elapsed = Host.Time.GetElapsedTime(start);

        if (Json(parse))
        {
            GetDocument document = new(
                Path.GetFullPath(result.Path), result.Bytes, result.BytesResumed, result.BlobsRebuilt, result.BadBlobs, Seconds(start));
            JsonOutput.Write(Host, document, CliJson.Output.GetDocument);
        }
        string resumed = result.BytesResumed > 0 ? $", {Human.Size(result.BytesResumed)} of it earlier" : "";
        Host.Error.WriteLine(
            $"got {Human.Size(result.Bytes)} as {Printable.Line(result.Path)}{resumed} in {Human.Elapsed(elapsed)}, "
            + $"{Human.Rate(result.Bytes - result.BytesResumed, elapsed)}");
        if (result.BlobsRebuilt > 0)
            Host.Error.WriteLine($"note: {Human.Count(result.BlobsRebuilt, "blob")} had to be rebuilt from parity");
        if (result.BadBlobs > 0)
            Host.Error.WriteLine($"warning: refused {Human.Count(result.BadBlobs, "damaged blob")}; `megatorrent verify` names them");
        return ExitCodes.Done;
    }

    // The name is the word of whoever made the capability: it must not lead out of the folder.
    private static string OwnName(Listing listing)
    {
        string name = listing.Name;
        return name.Length > 0 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', '\0']) < 0
            ? name
            : throw new MegatorrentException(
                ErrorKind.InvalidArgument, "the object has no name of its own that a file can have; give one with -o PATH");
    }
}
